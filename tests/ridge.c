/* ridge - the map by Gaussian elimination. */
#include "ridge.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "random.h"

enum { ROWS = 150, FEATURES = 40, DIM = 3, STRIDE = 5 };

static double
random_real(void)
{
	return (double)random_below(2001) / 1000 - 1;
}

/* A constant, and some of the other features in every row. */
static void
random_features(struct metadata *f, double dense[ROWS][FEATURES])
{
	*f = (struct metadata){ ROWS, FEATURES, xcalloc(ROWS + 1, sizeof *f->row),
		xcalloc(ROWS * FEATURES, sizeof *f->col),
		xcalloc(ROWS * FEATURES, sizeof *f->value) };
	memset(dense, 0, ROWS * sizeof *dense);
	for (size_t r = 0, n = 0; r < ROWS; r++) {
		for (uint32_t i = 0; i < FEATURES; i++) {
			if (i && !one_in(8))
				continue;
			f->col[n] = i;
			f->value[n] = i ? (float)random_real() : 1;
			dense[r][i] = (double)f->value[n++];
		}
		f->row[r + 1] = n;
	}
}

/* Solve a x = b in place, with the greatest pivots. */
static void
eliminate(double a[FEATURES][FEATURES], double b[FEATURES][DIM])
{
	for (size_t i = 0; i < FEATURES; i++) {
		size_t best = i;

		for (size_t r = i; r < FEATURES; r++)
			if (fabs(a[r][i]) > fabs(a[best][i]))
				best = r;
		for (size_t c = 0; c < FEATURES; c++) {
			double t = a[i][c];

			a[i][c] = a[best][c];
			a[best][c] = t;
		}
		for (size_t d = 0; d < DIM; d++) {
			double t = b[i][d];

			b[i][d] = b[best][d];
			b[best][d] = t;
		}
		for (size_t r = 0; r < FEATURES; r++) {
			double s = r == i ? 0 : a[r][i] / a[i][i];

			for (size_t c = 0; c < FEATURES; c++)
				a[r][c] -= s * a[i][c];
			for (size_t d = 0; d < DIM; d++)
				b[r][d] -= s * b[i][d];
		}
	}
	for (size_t i = 0; i < FEATURES; i++)
		for (size_t d = 0; d < DIM; d++)
			b[i][d] /= a[i][i];
}

/* The normal equations of the header's sum. */
static void
solve(double f[ROWS][FEATURES], const float *y, const double *weight,
    double w[FEATURES][DIM])
{
	double a[FEATURES][FEATURES] = { { 0 } };

	memset(w, 0, FEATURES * sizeof *w);
	for (size_t i = 0; i < FEATURES; i++) {
		a[i][i] = i ? RIDGE_PENALTY : 0;
		for (size_t r = 0; r < ROWS; r++) {
			for (size_t c = 0; c < FEATURES; c++)
				a[i][c] += weight[r] * f[r][i] * f[r][c];
			for (size_t d = 0; d < DIM; d++)
				w[i][d] +=
				    weight[r] * f[r][i] * (double)y[r * STRIDE + d];
		}
	}
	eliminate(a, w);
}

static void
equals_gaussian_elimination(void)
{
	static double dense[ROWS][FEATURES];
	double w[FEATURES][DIM], weight[ROWS], worst = 0;
	float y[ROWS * STRIDE], out[DIM], *map;
	struct metadata f;

	for (int turn = 0; turn < 10; turn++) {
		random_features(&f, dense);
		for (size_t r = 0; r < ROWS; r++)
			weight[r] = one_in(5) ? 0 : (double)random_below(100) / 99;
		for (size_t i = 0; i < ROWS * STRIDE; i++)
			y[i] = (float)(random_real() + (i % STRIDE == 1 ? 7 : 0));
		solve(dense, y, weight, w);
		map = ridge_fit(&f, y, STRIDE, DIM, weight);
		for (size_t i = 0; i < FEATURES; i++)
			for (size_t d = 0; d < DIM; d++)
				worst = fmax(
				    worst, fabs(w[i][d] - (double)map[i * DIM + d]));
		CHECK(worst < 1e-3);
		for (size_t r = 0; r < ROWS; r++) {
			ridge_apply(&f, r, map, DIM, out);
			for (size_t d = 0; d < DIM; d++) {
				double sum = 0;

				for (size_t i = 0; i < FEATURES; i++)
					sum += dense[r][i] * w[i][d];
				worst = fmax(worst, fabs(sum - (double)out[d]));
			}
		}
		CHECK(worst < 2e-3);
		free(map);
		metadata_release(&f);
	}
	printf("# off by at most %g\n", worst);
}

/* Nobody teaches anything: zeros, not NaN. */
static void
without_weights_the_map_is_zero(void)
{
	static double dense[ROWS][FEATURES];
	double weight[ROWS] = { 0 };
	float y[ROWS * STRIDE] = { 1 }, *map;
	struct metadata f;
	bool zero = true;

	random_features(&f, dense);
	map = ridge_fit(&f, y, STRIDE, DIM, weight);
	for (size_t i = 0; i < FEATURES * DIM; i++)
		zero = zero && map[i] == 0;
	CHECK(zero);
	free(map);
	metadata_release(&f);
}

int
main(void)
{
	equals_gaussian_elimination();
	without_weights_the_map_is_zero();
	return check_end();
}
