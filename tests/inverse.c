/* inverse - a matrix times its inverse is the identity, on any number of threads. */
#include "inverse.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "random.h"
#include "util.h"

/* R'R / n + I for a random R [n][n], which is symmetric and positive definite. */
static double *
random_spd(size_t n)
{
	double *r = xcalloc(n * n, sizeof *r), *a = xcalloc(n * n, sizeof *a);

	for (size_t i = 0; i < n * n; i++)
		r[i] = (double)random_below(1001) / 500 - 1;
	for (size_t k = 0; k < n; k++)
		for (size_t i = 0; i < n; i++)
			for (size_t j = 0; j < n; j++)
				a[i * n + j] += r[k * n + i] * r[k * n + j] / (double)n;
	for (size_t i = 0; i < n; i++)
		a[i * n + i]++;
	free(r);
	return a;
}

static void
tiles_of(struct symmetric *s, const double *a, size_t n)
{
	symmetric_init(s, n);
	for (size_t i = 0; i < n; i++)
		for (size_t j = i; j < n; j++)
			*symmetric_at(s, i, j) = (float)a[i * n + j];
}

/* The greatest difference of A times the inverse from the identity. */
static double
error(const struct symmetric *s, const double *a, size_t n)
{
	double worst = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < n; j++) {
			double sum = i == j ? -1 : 0;

			for (size_t k = 0; k < n; k++)
				sum += a[i * n + k] *
				       -(double)*symmetric_at(s, MIN(k, j), MAX(k, j));
			worst = fmax(worst, fabs(sum));
		}
	return worst;
}

static bool
rows_are_whole(const struct symmetric *s)
{
	size_t width = s->tiles * TILE;
	float *rows = xcalloc(TILE * width, sizeof *rows);
	bool right = true;

	for (size_t tile = 0; tile < s->tiles; tile++) {
		symmetric_rows(s, tile, rows);
		for (size_t i = tile * TILE; i < MIN((tile + 1) * TILE, s->n); i++)
			for (size_t j = 0; j < s->n; j++)
				right =
				    right && rows[(i - tile * TILE) * width + j] ==
						 *symmetric_at(s, MIN(i, j), MAX(i, j));
	}
	free(rows);
	return right;
}

static void
times_itself_is_the_identity(size_t n)
{
	double *a = random_spd(n);
	struct symmetric s, threaded;
	size_t all;

	tiles_of(&s, a, n);
	tiles_of(&threaded, a, n);
	all = s.tiles * (s.tiles + 1) / 2 * TILE * TILE;
	CHECK(symmetric_invert(&s, 1) == 0 && symmetric_invert(&threaded, 3) == 0);
	CHECK(error(&s, a, n) < 2e-5);
	CHECK(!memcmp(s.at, threaded.at, all * sizeof *s.at));
	CHECK(rows_are_whole(&s));
	symmetric_release(&s);
	symmetric_release(&threaded);
	free(a);
}

static void
what_is_not_positive_definite_is_an_error(void)
{
	struct symmetric s;

	symmetric_init(&s, 200);
	for (size_t i = 0; i < 200; i++)
		*symmetric_at(&s, i, i) = 1;
	*symmetric_at(&s, 3, 199) = 1.5f; /* between the tiles */
	CHECK(symmetric_invert(&s, 2) < 0);
	symmetric_release(&s);
	symmetric_init(&s, 1);
	*symmetric_at(&s, 0, 0) = NAN;
	CHECK(symmetric_invert(&s, 1) < 0);
	symmetric_release(&s);
}

int
main(void)
{
	static const size_t sizes[] = { 1, 5, TILE - 1, TILE, TILE + 1, 2 * TILE + 37 };

	for (size_t i = 0; i < LENGTH(sizes); i++)
		times_itself_is_the_identity(sizes[i]);
	what_is_not_positive_definite_is_an_error();
	return check_end();
}
