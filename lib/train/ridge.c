/* ridge - a linear map from what is known of rows to vectors, for rows without one. */
#include "ridge.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS = 50 };

void
ridge_apply(const struct metadata *f, size_t r, const float *w, size_t dim, float *out)
{
	memset(out, 0, dim * sizeof *out);
	for (uint64_t i = f->row[r]; i < f->row[r + 1]; i++) {
		const float *from = w + f->col[i] * dim;
		float x = f->value[i];

		for (size_t d = 0; d < dim; d++)
			out[d] += x * from[d];
	}
}

/* to += f_r' x, the transposed row times a vector. */
static void
spread(const struct metadata *f, size_t r, const float *x, size_t dim, float *to)
{
	for (uint64_t i = f->row[r]; i < f->row[r + 1]; i++) {
		float *at = to + f->col[i] * dim;
		float v = f->value[i];

		for (size_t d = 0; d < dim; d++)
			at[d] += v * x[d];
	}
}

/* to = (F' D F + penalty) p */
static void
normal_product(const struct metadata *f, const double *weight, const float *p,
    size_t dim, float *to)
{
	float *x = xcalloc(dim, sizeof *x);

	memset(to, 0, dim * sizeof *to);
	for (size_t i = dim; i < f->n_features * dim; i++)
		to[i] = (float)RIDGE_PENALTY * p[i];
	for (size_t r = 0; r < f->n_rows; r++) {
		if (!(weight[r] > 0))
			continue;
		ridge_apply(f, r, p, dim, x);
		for (size_t d = 0; d < dim; d++)
			x[d] *= (float)weight[r];
		spread(f, r, x, dim, to);
	}
	free(x);
}

/* Per column: sum of a * b. */
static void
column_dots(const float *a, const float *b, size_t n, size_t dim, double *sums)
{
	memset(sums, 0, dim * sizeof *sums);
	for (size_t i = 0; i < n; i++)
		for (size_t d = 0; d < dim; d++)
			sums[d] += (double)a[i * dim + d] * (double)b[i * dim + d];
}

struct search {
	float *w, *residual, *direction, *image; /* [n_features][dim] */
	double *now, *next, *curve;              /* [dim] */
};

/* One step for all columns; false when none has far to go. */
static bool
step(struct search *s, const struct metadata *f, const double *weight,
    const double *start, size_t dim)
{
	size_t n = f->n_features;
	bool more = false;

	normal_product(f, weight, s->direction, dim, s->image);
	column_dots(s->direction, s->image, n, dim, s->curve);
	for (size_t i = 0; i < n; i++)
		for (size_t d = 0; d < dim; d++) {
			float a =
			    s->curve[d] > 0 ? (float)(s->now[d] / s->curve[d]) : 0;

			s->w[i * dim + d] += a * s->direction[i * dim + d];
			s->residual[i * dim + d] -= a * s->image[i * dim + d];
		}
	column_dots(s->residual, s->residual, n, dim, s->next);
	for (size_t i = 0; i < n; i++)
		for (size_t d = 0; d < dim; d++) {
			float b = s->now[d] > 0 ? (float)(s->next[d] / s->now[d]) : 0;

			s->direction[i * dim + d] =
			    s->residual[i * dim + d] + b * s->direction[i * dim + d];
		}
	for (size_t d = 0; d < dim; d++) {
		s->now[d] = s->next[d];
		more |= s->now[d] > 1e-8 * start[d];
	}
	return more;
}

float *
ridge_fit(const struct metadata *f, const float *y, size_t stride, size_t dim,
    const double *weight)
{
	size_t n = f->n_features;
	struct search s = { xcalloc(n * dim, sizeof(float)),
		xcalloc(n * dim, sizeof(float)), xcalloc(n * dim, sizeof(float)),
		xcalloc(n * dim, sizeof(float)), xcalloc(dim, sizeof(double)),
		xcalloc(dim, sizeof(double)), xcalloc(dim, sizeof(double)) };
	double *start = xcalloc(dim, sizeof *start);
	float *x = xcalloc(dim, sizeof *x);

	for (size_t r = 0; r < f->n_rows; r++) {
		if (!(weight[r] > 0))
			continue;
		for (size_t d = 0; d < dim; d++)
			x[d] = (float)weight[r] * y[r * stride + d];
		spread(f, r, x, dim, s.residual);
	}
	memcpy(s.direction, s.residual, n * dim * sizeof *s.direction);
	column_dots(s.residual, s.residual, n, dim, s.now);
	memcpy(start, s.now, dim * sizeof *start);
	for (int i = 0; i < STEPS && step(&s, f, weight, start, dim); i++)
		;
	free(x);
	free(start);
	free(s.residual);
	free(s.direction);
	free(s.image);
	free(s.now);
	free(s.next);
	free(s.curve);
	return s.w;
}
