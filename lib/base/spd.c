/*
 * spd - symmetric positive definite systems, as least squares make them.
 *
 * Everything of cubic cost is one kernel, vec's outer: rows P [n][dim] add A += P' P in
 * tiles of 12 x 32; the Cholesky factor A = U' U updates what is right of and below a
 * block of rows U_b by A -= U_b' U_b, again in such tiles.
 */
#include "spd.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "threads.h"
#include "util.h"
#include "vec.h"

enum {
	GATHER = 256, /* rows of P at once: 128 KiB at dim 128, so it stays in L2 */
	BLOCK = VEC_COLS,
};

static void
add(float *a, const float *rows, size_t n, size_t dim, size_t stride)
{
	const struct vec *v = vec_kernels();

	for (size_t i = 0; i < dim; i += VEC_ROWS)
		for (size_t j = i / VEC_COLS * VEC_COLS; j < dim; j += VEC_COLS)
			v->outer(MIN((size_t)VEC_ROWS, dim - i), n, rows + i, stride,
			    rows + j, stride, a + i * dim + j, dim);
}

void
spd_add(float *a, const float *rows, size_t n, size_t dim)
{
	add(a, rows, n, dim, dim);
}

/*
 * A block of rows is finished row by row, then taken off all that is below it.
 */
int
spd_factor(float *a, float *pivot, size_t dim)
{
	const struct vec *v = vec_kernels();

	for (size_t block = 0; block < dim; block += BLOCK) {
		for (size_t k = block; k < block + BLOCK; k++) {
			float *row = a + k * dim;

			for (size_t j = block; j < dim; j += VEC_COLS)
				v->outer_minus(1, k - block, a + block * dim + k, dim,
				    a + block * dim + j, dim, row + j, dim);
			if (!(row[k] > 0) || !isfinite(row[k]))
				return -1;
			pivot[k] = 1.0f / sqrtf(row[k]);
			for (size_t j = k; j < dim; j++)
				row[j] *= pivot[k];
		}
		for (size_t i = block + BLOCK; i < dim; i += VEC_ROWS)
			for (size_t j = i / VEC_COLS * VEC_COLS; j < dim; j += VEC_COLS)
				v->outer_minus(MIN((size_t)VEC_ROWS, dim - i), BLOCK,
				    a + block * dim + i, dim, a + block * dim + j, dim,
				    a + i * dim + j, dim);
	}
	return 0;
}

/* Vectors start at a multiple of 16 below k. */
void
spd_solve(const float *u, const float *pivot, float *b, float *x, size_t dim)
{
	const struct vec *v = vec_kernels();

	for (size_t k = 0; k < dim; k++) {
		size_t from = k / 16 * 16;
		float z = b[k] * pivot[k];

		v->subtract(b + from, u + k * dim + from, z, dim - from);
		/* This spoils b before k too, which nobody reads again: z is in x. */
		x[k] = z;
	}
	memcpy(b, x, dim * sizeof *b);
	memset(x, 0, dim * sizeof *x);
	for (size_t k = dim; k-- > 0;) {
		size_t from = k / 16 * 16;

		/* x[k] and before are still 0. */
		x[k] = (b[k] - v->dot(u + k * dim + from, x + from, dim - from)) *
		       pivot[k];
	}
}

/* Row i of the inverse times U is row i of the identity. */
void
spd_invert(const float *u, const float *pivot, float *inverse, size_t dim)
{
	const struct vec *v = vec_kernels();
	float *left = xcalloc(dim, sizeof *left);

	memset(inverse, 0, dim * dim * sizeof *inverse);
	for (size_t i = 0; i < dim; i++) {
		memset(left, 0, dim * sizeof *left);
		left[i] = 1;
		for (size_t k = i; k < dim; k++) {
			size_t from = k / 16 * 16;
			float x = left[k] * pivot[k];

			v->subtract(left + from, u + k * dim + from, x, dim - from);
			inverse[i * dim + k] = x;
		}
	}
	free(left);
}

struct gram {
	const float *rows; /* [n][stride] */
	size_t n, dim, stride, first;
	float *parts; /* [to - first][dim][dim] */
};

static void
gram_part(void *context, size_t index, size_t thread)
{
	struct gram *g = context;
	size_t part = g->first + index;
	size_t from = g->n * part / SPD_PARTS, to = g->n * (part + 1) / SPD_PARTS;

	(void)thread;
	for (size_t at = from; at < to; at += GATHER)
		add(g->parts + index * g->dim * g->dim, g->rows + at * g->stride,
		    MIN((size_t)GATHER, to - at), g->dim, g->stride);
}

void
spd_gram_parts(const float *rows, size_t n, size_t dim, size_t stride, size_t from,
    size_t to, size_t threads, double *sum)
{
	struct gram g = { rows, n, dim, stride, from,
		xcalloc(to - from, dim * dim * sizeof *g.parts) };

	threads_each(threads, to - from, gram_part, &g);
	for (size_t i = 0; i < dim * dim; i++) {
		sum[i] = 0;
		for (size_t part = 0; part < to - from; part++)
			sum[i] += (double)g.parts[part * dim * dim + i];
	}
	free(g.parts);
}

void
spd_gram_first(const float *rows, size_t n, size_t dim, size_t stride, double factor,
    size_t threads, float *gram)
{
	double *sum = xcalloc(dim * dim, sizeof *sum);

	spd_gram_parts(rows, n, dim, stride, 0, SPD_PARTS, threads, sum);
	for (size_t i = 0; i < dim * dim; i++)
		gram[i] = (float)(factor * sum[i]);
	free(sum);
}

void
spd_gram(
    const float *rows, size_t n, size_t dim, double factor, size_t threads, float *gram)
{
	spd_gram_first(rows, n, dim, dim, factor, threads, gram);
}
