/* ease - the weights are those of the closed form, computed densely in double. */
#include "ease.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "prune.h"
#include "random.h"

enum { N_USERS = 90, N_ITEMS = 70, MOST = 9 };

/* Every tenth user and every seventh item has no interactions. */
static void
random_pair(struct pair *p, bool weights)
{
	struct matrix *m = &p->by_user;

	*m = (struct matrix){ N_USERS, N_ITEMS, xcalloc(N_USERS + 1, sizeof *m->row),
		xcalloc(N_USERS * N_ITEMS, sizeof *m->col),
		weights ? xcalloc(N_USERS * N_ITEMS, sizeof *m->weight) : NULL };
	for (size_t i = 0; weights && i < N_USERS * N_ITEMS; i++)
		m->weight[i] = (float)(1 + random_below(4)) / 4;
	for (size_t u = 0; u < N_USERS; u++) {
		m->row[u + 1] = m->row[u];
		for (uint32_t i = 0; u % 10 && i < N_ITEMS; i++)
			if (i % 7 && one_in(5))
				m->col[m->row[u + 1]++] = i;
	}
	matrix_transpose(&p->by_item, m);
}

static double
weight_of(const struct matrix *m, size_t u, uint32_t i)
{
	for (uint64_t k = m->row[u]; k < m->row[u + 1]; k++)
		if (m->col[k] == i)
			return m->weight ? (double)m->weight[k] : 1;
	return 0;
}

/* P in place of A [N_ITEMS][N_ITEMS], by Gauss and Jordan. */
static void
invert(double *a)
{
	double *p = xcalloc(N_ITEMS * N_ITEMS, sizeof *p);

	for (size_t i = 0; i < N_ITEMS; i++)
		p[i * N_ITEMS + i] = 1;
	for (size_t k = 0; k < N_ITEMS; k++) {
		double d = a[k * N_ITEMS + k];

		for (size_t j = 0; j < N_ITEMS; j++) {
			a[k * N_ITEMS + j] /= d;
			p[k * N_ITEMS + j] /= d;
		}
		for (size_t i = 0; i < N_ITEMS; i++) {
			double by = a[i * N_ITEMS + k];

			for (size_t j = 0; i != k && j < N_ITEMS; j++) {
				a[i * N_ITEMS + j] -= by * a[k * N_ITEMS + j];
				p[i * N_ITEMS + j] -= by * p[k * N_ITEMS + j];
			}
		}
	}
	memcpy(a, p, N_ITEMS * N_ITEMS * sizeof *a);
	free(p);
}

/* B [N_ITEMS][N_ITEMS] straight from the header. */
static double *
reference(const struct matrix *m, double lambda)
{
	double *b = xcalloc(N_ITEMS * N_ITEMS, sizeof *b);

	for (uint32_t i = 0; i < N_ITEMS; i++)
		for (uint32_t j = 0; j < N_ITEMS; j++) {
			for (size_t u = 0; u < N_USERS; u++)
				b[i * N_ITEMS + j] +=
				    weight_of(m, u, i) * weight_of(m, u, j);
			b[i * N_ITEMS + j] += i == j ? lambda : 0;
		}
	invert(b);
	for (size_t j = 0; j < N_ITEMS; j++) {
		double d = b[j * N_ITEMS + j];

		for (size_t i = 0; i < N_ITEMS; i++)
			b[i * N_ITEMS + j] = i == j ? 0 : -b[i * N_ITEMS + j] / d;
	}
	return b;
}

/* How many are greater than |x|, without rounding's doubt. */
static size_t
greater(const double *b, double x)
{
	size_t n = 0;

	for (size_t i = 0; i < N_ITEMS * N_ITEMS; i++)
		n += i / N_ITEMS != i % N_ITEMS && fabs(b[i]) > fabs(x) + 1e-6;
	return n;
}

static void
weights_are_those_of_the_closed_form(bool weights, size_t most)
{
	struct ease_params p = { 3, most, 1 }, threaded = { 3, most, 3 };
	struct links links, same;
	struct pair pair;
	size_t n;
	uint32_t *scored;
	double *b, worst = 0;
	char *why;
	bool rising = true, greatest = true;

	random_pair(&pair, weights);
	scored = scored_items(&pair.by_item, &n);
	b = reference(&pair.by_user, 3);
	CHECK(n == N_ITEMS - N_ITEMS / 7);
	CHECK(ease_train(&links, &p, &pair, scored, n, &why) == 0);
	CHECK(ease_train(&same, &threaded, &pair, scored, n, &why) == 0);
	for (size_t i = 0; i < n; i++)
		for (uint64_t k = links.row[i]; k < links.row[i + 1]; k++) {
			size_t j = scored[links.at[k]];
			double is = b[scored[i] * N_ITEMS + j];

			rising = rising &&
				 (k == links.row[i] || links.at[k - 1] < links.at[k]);
			worst = fmax(worst, fabs((double)links.weight[k] - is));
			greatest = greatest && greater(b, is) < n * most;
		}
	CHECK(rising && greatest);
	CHECK(worst < 1e-6);
	CHECK(links.row[n] == n * MIN(most, n - 1));
	CHECK(!memcmp(links.row, same.row, (n + 1) * sizeof *links.row) &&
	      !memcmp(links.at, same.at, links.row[n] * sizeof *links.at) &&
	      !memcmp(links.weight, same.weight, links.row[n] * sizeof(float)));
	links_release(&links);
	links_release(&same);
	pair_release(&pair);
	free(scored);
	free(b);
}

int
main(void)
{
	weights_are_those_of_the_closed_form(false, N_ITEMS);
	weights_are_those_of_the_closed_form(true, N_ITEMS);
	weights_are_those_of_the_closed_form(true, MOST);
	return check_end();
}
