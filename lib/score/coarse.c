/* coarse - vectors in 16-bit integers. */
#include "coarse.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "threads.h"
#include "util.h"

/*
 * |q| at most, of users and items: their product is below 2^31. What users' rounding
 * leaves is the same for all items and adds up in their sum; what items' leaves does
 * not, so users' vectors get two bits more.
 */
#define USER_NORM 92680.0f
#define ITEM_NORM 23170.0f

struct rounded {
	float scale;
	double norm, error; /* |s q|, |e| */
};

/* Added to a float below 2^22 it leaves a whole one. */
#define TO_WHOLE 12582912.0f

/* q[dim], |q| <= most_norm, from x[dim], which becomes e. false: there is no scale. */
static bool
round_vector(
    float *x, float *whole, size_t dim, float most_norm, int16_t *q, struct rounded *r)
{
	const struct vec *v = vec_kernels();
	float norm = sqrtf(v->dot(x, x, dim)), most = 0, by;

	*r = (struct rounded){ 0 };
	memset(q, 0, dim * sizeof *q);
	for (size_t d = 0; d < dim; d++)
		most = fabsf(x[d]) > most ? fabsf(x[d]) : most;
	if (most == 0)
		return true;
	/* Far from where floats or their squares end. */
	if (!(norm < 1e15f && norm > 1e-15f))
		return false;
	/* Rounding adds a half in every dimension, at most. */
	by = fminf((most_norm - 1 - 0.5f * sqrtf((float)dim)) / norm,
	    (float)DOT16_MOST / most);
	for (size_t d = 0; d < dim; d++)
		whole[d] = (x[d] * by + TO_WHOLE) - TO_WHOLE;
	for (size_t d = 0; d < dim; d++)
		q[d] = (int16_t)whole[d];
	/* The scale with which they come nearest. */
	r->scale = v->dot(x, whole, dim) / v->dot(whole, whole, dim);
	v->subtract(x, whole, r->scale, dim);
	r->error = 1.001 * sqrt((double)v->dot(x, x, dim));
	r->norm = 1.001 * (double)norm + r->error;
	return true;
}

/* Behind it all items have only zeros. */
static size_t
used_dim(const struct item_factors *items)
{
	size_t used = 0;

	for (size_t i = 0; i < items->n; i += VEC_COLS)
		for (size_t d = items->dim; d > used; d--) {
			const float *x =
			    items->panels + (i * items->dim) + (d - 1) * VEC_COLS;
			bool any = false;

			for (size_t j = 0; j < VEC_COLS; j++)
				any |= x[j] != 0;
			if (any)
				used = d;
		}
	return used;
}

struct building {
	struct coarse *c;
	const struct item_factors *items;
	struct rounded *rounded; /* [padded], the worst of each panel first */
	bool *failed;            /* [panels] */
};

static void
build_panel(void *context, size_t panel, size_t thread)
{
	struct building *b = context;
	struct coarse *c = b->c;
	const struct item_factors *items = b->items;
	const float *from = items->panels + panel * items->dim * VEC_COLS;
	int16_t *to = c->panels + panel * c->dim * DOT16_COLS;
	float *x = xaligned(2 * c->dim, sizeof *x);
	int16_t *q = xaligned(c->dim, sizeof *q);

	(void)thread;
	memset(to, 0, c->dim * DOT16_COLS * sizeof *to);
	for (size_t j = 0; j < VEC_COLS; j++) {
		size_t i = panel * VEC_COLS + j;
		struct rounded *r = &b->rounded[i];

		memset(x, 0, c->dim * sizeof *x);
		for (size_t d = 0; d < c->used; d++) {
			float value = from[d * VEC_COLS + j];

			if (i < c->n)
				c->rows[i * c->stride + d] = value;
			if (d == c->own)
				c->adds[i] = value;
			else
				x[d] = value;
		}
		if (!round_vector(x, x + c->dim, c->dim, ITEM_NORM, q, r) ||
		    !isfinite(c->adds[i]))
			b->failed[panel] = true;
		c->scale[i] = r->scale;
		vec_kernels()->dot16->pack_y(to, q, j, c->dim);
	}
	free(x);
	free(q);
}

static void
find_most(struct coarse *c, const struct rounded *r)
{
	for (size_t i = 0; i < c->n; i++) {
		c->most_norm = fmax(c->most_norm, r[i].norm);
		c->most_error = fmax(c->most_error, r[i].error);
		c->most_adds = fmax(c->most_adds, fabs((double)c->adds[i]));
		c->usual_norm += r[i].norm * r[i].norm;
		c->usual_error += r[i].error * r[i].error;
	}
	c->usual_norm = sqrt(c->usual_norm / (double)c->n);
	c->usual_error = sqrt(c->usual_error / (double)c->n);
}

static void
find_mean(struct coarse *c)
{
	double *sum = xcalloc(c->dim, sizeof *sum), square = 0;

	for (size_t i = 0; i < c->n; i++)
		for (size_t d = 0; d < MIN(c->used, c->dim); d++)
			sum[d] += (double)c->rows[i * c->stride + d];
	if (c->own < c->dim)
		sum[c->own] = 0;
	for (size_t d = 0; d < c->dim; d++) {
		c->mean[d] = (float)(sum[d] / (double)c->n);
		square += (double)c->mean[d] * (double)c->mean[d];
	}
	c->mean_norm = sqrt(square);
	free(sum);
}

struct coarse *
coarse_new(const struct item_factors *items, size_t own, size_t threads)
{
	struct coarse *c = xcalloc(1, sizeof *c);
	size_t padded = vec_padded(items->n), panels = padded / VEC_COLS;
	struct building b = { c, items, xcalloc(padded + 1, sizeof *b.rounded),
		xcalloc(panels + 1, sizeof *b.failed) };
	bool failed = false;

	c->n = items->n;
	c->own = own;
	c->used = used_dim(items);
	c->dim = dot16_padded(own + 1 == c->used ? own : MAX(c->used, (size_t)1));
	c->stride = (c->used + 15) / 16 * 16;
	c->cached = (1 << 20) / (c->stride * sizeof *c->rows + 1) + 1;
	c->panels = xaligned(padded * c->dim, sizeof *c->panels);
	c->scale = xcalloc(padded + 1, sizeof *c->scale);
	c->adds = xcalloc(padded + 1, sizeof *c->adds);
	c->mean = xaligned(c->dim, sizeof *c->mean);
	c->rows = xaligned(c->n * c->stride + 16, sizeof *c->rows);
	memset(c->rows, 0, (c->n * c->stride + 16) * sizeof *c->rows);
	threads_each(threads, panels, build_panel, &b);
	find_most(c, b.rounded);
	find_mean(c);
	for (size_t p = 0; p < panels; p++)
		failed |= b.failed[p];
	free(b.rounded);
	free(b.failed);
	if (failed) {
		coarse_free(c);
		return NULL;
	}
	return c;
}

void
coarse_free(struct coarse *c)
{
	if (!c)
		return;
	free(c->panels);
	free(c->scale);
	free(c->adds);
	free(c->rows);
	free(c->mean);
	free(c);
}

static void
set_bounds(const struct coarse *c, const struct rounded *r, struct coarse_user *u)
{
	double left = r->error * (c->most_norm + c->mean_norm);
	double items = r->norm * c->most_error;
	double adds = fabs((double)u->times) * c->most_adds;

	u->most = 1.01 * ((r->norm + r->error) * (c->most_norm + c->most_error) + adds);
	/* The float sums' own: a rounding each step, 2^-24 of what is there. */
	u->bound = 1.01 * (left + items + r->error * c->most_error) +
		   (double)(c->used + 16) * 0x1p-23 * u->most;
	u->usual = hypot(r->error * c->usual_norm, r->norm * c->usual_error) /
		   sqrt((double)c->dim);
}

bool
coarse_user(const struct coarse *c, const float *x, int16_t *group, size_t row,
    struct coarse_user *u)
{
	/* Longer ones take memory of their own. */
	enum { FEW = 1024 };
	float few[2 * FEW] __attribute__((aligned(64)));
	int16_t whole[FEW];
	float *copy = few;
	int16_t *q = whole;
	struct rounded r;
	bool fits;

	if (c->dim > FEW) {
		copy = xaligned(2 * c->dim, sizeof *copy);
		q = xaligned(c->dim, sizeof *q);
	}
	memset(copy, 0, c->dim * sizeof *copy);
	memcpy(copy, x, MIN(c->dim, c->used) * sizeof *copy);
	u->times = c->own < c->used ? x[c->own] : 0;
	if (c->own < c->dim)
		copy[c->own] = 0;
	fits = round_vector(copy, copy + c->dim, c->dim, USER_NORM, q, &r) &&
	       isfinite(u->times);
	vec_kernels()->dot16->pack_x(group, q, row, c->dim);
	u->scale = r.scale;
	u->offset = vec_kernels()->dot(copy, c->mean, c->dim);
	set_bounds(c, &r, u);
	if (copy != few) {
		free(copy);
		free(q);
	}
	return fits;
}

size_t
coarse_products(
    const struct coarse *c, const int16_t *group, size_t rows, size_t first, int32_t *d)
{
	size_t count = MIN((size_t)SCAN_ITEMS, c->n - first);

	vec_kernels()->dot16->products(rows, c->dim, group, c->panels + first * c->dim,
	    vec_padded(count), d, COARSE_STRIDE);
	return count;
}

float
coarse_scale(const struct coarse *c, const struct coarse_user *u, const int32_t *d,
    size_t first, size_t count, float *x)
{
	const struct vec *v = vec_kernels();
	size_t padded = vec_padded(count);
	float most = v->scale(d, c->scale + first, u->scale, c->adds + first, u->times,
	    u->offset, padded, x);

	if (count == padded)
		return most;
	for (size_t i = count; i < padded; i++)
		x[i] = -INFINITY;
	return v->max(x, padded);
}

void
coarse_expect(const struct coarse *c, uint32_t at)
{
	enum { LINE = 64 / sizeof *c->rows };
	const float *row = c->rows + at * c->stride;

	for (size_t d = 0; d < c->stride; d += LINE)
		__builtin_prefetch(row + d, 0, 2);
}

void
coarse_exact(
    const struct coarse *c, const float *x, const uint32_t *at, size_t n, float *out)
{
	vec_kernels()->dots(x, c->stride, c->rows, c->stride, at, n, out);
}
