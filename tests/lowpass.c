/* lowpass - the basis is orthonormal and spans what Jacobi's rotations find. */
#include "lowpass.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "random.h"
#include "vec.h"

enum { PEOPLE = 300, THINGS = 100, GROUPS = 32 };

/* Everybody likes one group of things, and now and then another thing. */
static void
random_pair(struct pair *p)
{
	struct matrix *m = &p->by_user;

	*m = (struct matrix){ PEOPLE, THINGS, xcalloc(PEOPLE + 1, sizeof *m->row),
		xcalloc(PEOPLE * THINGS, sizeof *m->col),
		xcalloc(PEOPLE * THINGS, sizeof *m->weight) };
	for (size_t u = 0; u < PEOPLE; u++) {
		m->row[u + 1] = m->row[u];
		for (uint32_t i = 1; u % 10 && i < THINGS; i++)
			if (i % GROUPS == u % GROUPS ? one_in(2) : one_in(300)) {
				m->weight[m->row[u + 1]] =
				    (float)(1 + random_below(4)) / 4;
				m->col[m->row[u + 1]++] = i;
			}
	}
	matrix_transpose(&p->by_item, m);
}

/* a = S'S among scored[n]. */
static void
filter_of(double *a, const struct pair *p, const uint32_t *scored, size_t n)
{
	const struct matrix *m = &p->by_user;
	double s[THINGS], item[THINGS] = { 0 };

	for (uint64_t k = 0; k < m->row[PEOPLE]; k++)
		item[m->col[k]] += (double)m->weight[k];
	for (size_t u = 0; u < PEOPLE; u++) {
		double sum = 0;

		memset(s, 0, sizeof s);
		for (uint64_t k = m->row[u]; k < m->row[u + 1]; k++) {
			s[m->col[k]] = (double)m->weight[k] / sqrt(item[m->col[k]]);
			sum += (double)m->weight[k];
		}
		for (size_t i = 0; i < n; i++)
			for (size_t j = 0; j < n && sum > 0; j++)
				a[i * n + j] += s[scored[i]] * s[scored[j]] / sum;
	}
}

/* Rows a, then columns, of i and j are turned until a[i][j] is 0. */
static void
rotate(double *a, size_t n, size_t i, size_t j)
{
	double angle = atan2(2 * a[i * n + j], a[j * n + j] - a[i * n + i]) / 2;
	double c = cos(angle), s = sin(angle);

	for (size_t k = 0; k < n; k++) {
		double x = a[i * n + k], y = a[j * n + k];

		a[i * n + k] = c * x - s * y;
		a[j * n + k] = s * x + c * y;
	}
	for (size_t k = 0; k < n; k++) {
		double x = a[k * n + i], y = a[k * n + j];

		a[k * n + i] = c * x - s * y;
		a[k * n + j] = s * x + c * y;
	}
}

static int
falling(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x < y) - (x > y);
}

/* The sum of the dim greatest eigenvalues; uses a up. */
static double
greatest(double *a, size_t n, size_t dim)
{
	double value[THINGS], sum = 0;

	for (int sweep = 0; sweep < 12; sweep++)
		for (size_t i = 0; i < n; i++)
			for (size_t j = i + 1; j < n; j++)
				rotate(a, n, i, j);
	for (size_t i = 0; i < n; i++)
		value[i] = a[i * n + i];
	qsort(value, n, sizeof *value, falling);
	for (size_t d = 0; d < dim; d++)
		sum += value[d];
	return sum;
}

static void
basis_spans_the_greatest(void)
{
	struct pair pair;
	size_t n, dim;
	uint32_t *scored;
	double *a, most, found = 0, worst = 0;
	float *y, *same;

	random_pair(&pair);
	scored = scored_items(&pair.by_item, &n);
	dim = lowpass_dim(60, n, PEOPLE);
	CHECK(n == THINGS - 1 && dim == 32);
	a = xcalloc(n * n, sizeof *a);
	filter_of(a, &pair, scored, n);
	y = lowpass_basis(&pair, scored, n, dim, 7, 1);
	for (size_t c = 0; c < dim; c++)
		for (size_t d = 0; d < dim; d++) {
			double dot = 0;

			for (size_t i = 0; i < n; i++)
				dot += (double)y[i * dim + c] * (double)y[i * dim + d];
			worst = fmax(worst, fabs(dot - (c == d)));
			for (size_t i = 0; c == d && i < n; i++)
				for (size_t j = 0; j < n; j++)
					found += (double)y[i * dim + c] * a[i * n + j] *
						 (double)y[j * dim + c];
		}
	/* The shift makes columns a little shorter. */
	CHECK(worst < 1e-4);
	most = greatest(a, n, dim);
	/* Six turns leave a little of the last ones; any 32 of 99 have a third. */
	CHECK(found < most * 1.0001 && found > most * 0.98);
	same = lowpass_basis(&pair, scored, n, dim, 7, 3);
	CHECK(!memcmp(y, same, n * dim * sizeof *y));
	free(y);
	free(same);
	free(a);
	free(scored);
	pair_release(&pair);
}

/* Two things that the same people like: one direction, where 32 are asked for. */
static void
few_directions(void)
{
	struct matrix *m;
	struct pair pair;
	uint32_t *scored;
	size_t n;
	float *y;
	bool finite = true;

	m = &pair.by_user;
	*m = (struct matrix){ PEOPLE, THINGS, xcalloc(PEOPLE + 1, sizeof *m->row),
		xcalloc(PEOPLE * THINGS, sizeof *m->col), NULL };
	for (uint64_t u = 0; u < PEOPLE; u++) {
		for (uint32_t i = 0; i < THINGS; i++)
			m->col[u * THINGS + i] = i;
		m->row[u + 1] = (u + 1) * THINGS;
	}
	matrix_transpose(&pair.by_item, m);
	scored = scored_items(&pair.by_item, &n);
	y = lowpass_basis(&pair, scored, n, 32, 1, 2);
	for (size_t k = 0; k < n * 32; k++)
		finite = finite && fabsf(y[k]) <= 1.001f;
	CHECK(finite);
	CHECK(lowpass_dim(512, 63, 1000) == 0 && lowpass_dim(512, 64, 1000) == 32);
	CHECK(lowpass_dim(512, 1000, 200) == 96 && lowpass_dim(100, 1000, 1000) == 96);
	free(y);
	free(scored);
	pair_release(&pair);
}

int
main(void)
{
	basis_spans_the_greatest();
	few_directions();
	return check_end();
}
