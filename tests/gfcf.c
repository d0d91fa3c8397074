/* gfcf - the weights are those of the dense formula, at one scale. */
#include "gfcf.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "lowpass.h"
#include "prune.h"
#include "random.h"

enum { PEOPLE = 70, THINGS = 150 };

static void
random_pair(struct pair *p, double *dense)
{
	struct matrix *m = &p->by_user;

	*m = (struct matrix){ PEOPLE, THINGS, xcalloc(PEOPLE + 1, sizeof *m->row),
		xcalloc(PEOPLE * THINGS, sizeof *m->col),
		xcalloc(PEOPLE * THINGS, sizeof *m->weight) };
	for (size_t u = 0; u < PEOPLE; u++) {
		m->row[u + 1] = m->row[u];
		for (uint32_t i = 0; u % 10 && i < THINGS; i++)
			if (i % 7 && one_in(8)) {
				float w = (float)(1 + random_below(4)) / 4;

				m->weight[m->row[u + 1]] = w;
				m->col[m->row[u + 1]++] = i;
				dense[u * THINGS + i] = (double)w;
			}
	}
	matrix_transpose(&p->by_item, m);
}

/* B [THINGS][THINGS], but for the scale; y: lowpass_basis of scored[n], or NULL. */
static double *
reference(const double *r, const struct gfcf_params *p, const float *y, size_t dim,
    const uint32_t *scored, size_t n)
{
	double *b = xcalloc(THINGS * THINGS, sizeof *b);
	double user[PEOPLE] = { 0 }, item[THINGS] = { 0 };

	for (size_t u = 0; u < PEOPLE; u++)
		for (size_t i = 0; i < THINGS; i++) {
			user[u] += r[u * THINGS + i];
			item[i] += r[u * THINGS + i];
		}
	for (size_t i = 0; i < THINGS; i++)
		for (size_t j = 0; j < THINGS; j++) {
			double sum = 0;

			for (size_t u = 0; u < PEOPLE; u++)
				if (r[u * THINGS + i] > 0 && r[u * THINGS + j] > 0)
					sum += r[u * THINGS + i] * r[u * THINGS + j] /
					       pow(user[u], 2 * p->alpha) /
					       pow(item[i] * item[j], 1 - p->alpha);
			b[i * THINGS + j] = pow(sum, p->exponent);
		}
	for (size_t i = 0; y && i < n; i++)
		for (size_t j = 0; j < n; j++) {
			double dot = 0;

			for (size_t d = 0; d < dim; d++)
				dot += (double)y[i * dim + d] * (double)y[j * dim + d];
			b[scored[i] * THINGS + scored[j]] +=
			    p->low_pass * dot * sqrt(item[scored[j]] / item[scored[i]]);
		}
	return b;
}

static void
weights_are_those_of_the_formula(double low_pass)
{
	struct gfcf_params p = { 0.6, 0.7, low_pass, 512, 1, THINGS, 1 };
	float *y = NULL;
	size_t dim;
	double *dense = xcalloc(PEOPLE * THINGS, sizeof *dense), *b;
	double scale = 0, worst = 0, length = 0;
	struct links l, same;
	struct pair pair;
	uint32_t *scored;
	size_t n;

	random_pair(&pair, dense);
	scored = scored_items(&pair.by_item, &n);
	dim = lowpass_dim(p.dim, n, PEOPLE);
	if (low_pass > 0)
		y = lowpass_basis(&pair, scored, n, dim, p.seed, 1);
	b = reference(dense, &p, y, dim, scored, n);
	gfcf_train(&l, &p, &pair, scored, n);
	CHECK(n > 100 && l.row[n] > n);
	scale = (double)l.weight[0] / b[scored[0] * THINGS + scored[l.at[0]]];
	for (size_t i = 0; i < n; i++) {
		double squares = 0;
		uint64_t k = l.row[i];

		for (size_t j = 0; j < n; j++) {
			double is = scale * b[scored[i] * THINGS + scored[j]], x = 0;

			if (i == j)
				continue;
			if (k < l.row[i + 1] && l.at[k] == j)
				x = (double)l.weight[k++];
			worst = fmax(worst, fabs(x - is));
			squares += x * x;
		}
		length += sqrt(squares);
	}
	CHECK(worst < 1e-5);
	CHECK(fabs(length / (double)n - 1) < 1e-5);
	p.threads = 3;
	gfcf_train(&same, &p, &pair, scored, n);
	CHECK(!memcmp(l.at, same.at, l.row[n] * sizeof *l.at) &&
	      !memcmp(l.weight, same.weight, l.row[n] * sizeof(float)));
	links_release(&l);
	links_release(&same);
	pair_release(&pair);
	free(scored);
	free(dense);
	free(b);
	free(y);
}

int
main(void)
{
	weights_are_those_of_the_formula(0);
	weights_are_those_of_the_formula(2);
	return check_end();
}
