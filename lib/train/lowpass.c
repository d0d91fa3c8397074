/* lowpass - in which directions of the items users' histories lie most. */
#include "lowpass.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scan.h"
#include "spd.h"
#include "splitmix.h"
#include "threads.h"

/* A few are enough where eigenvalues fall, as those of interactions do. */
enum { ITERATIONS = 6 };
/* Of the Gram matrix's mean diagonal: what is smaller is not there. */
#define SHIFT 1e-5

struct lowpass {
	const struct pair *pair;
	const uint32_t *scored;
	size_t n, dim, threads;
	float *user, *item;          /* D_U^-1/2, D_I^-1/2, by number */
	float *items, *users;        /* [n][dim], [users][dim] */
	uint32_t *place;             /* [catalog items]: of what is scored */
	struct item_factors inverse; /* U^-1 of the Gram matrix U'U, as panels */
};

size_t
lowpass_dim(size_t most, size_t n, size_t users)
{
	return MIN(most, MIN(n, users) / 2) / VEC_COLS * VEC_COLS;
}

/* One over the root of each row's sum; to be freed. */
static float *
degrees(const struct matrix *m)
{
	float *to = xcalloc(m->n_rows, sizeof *to);

	for (size_t r = 0; r < m->n_rows; r++) {
		double sum = 0;

		for (uint64_t k = m->row[r]; k < m->row[r + 1]; k++)
			sum += m->weight ? (double)m->weight[k] : 1;
		to[r] = sum > 0 ? (float)(1 / sqrt(sum)) : 0;
	}
	return to;
}

/* to = a row of S or S', scaled by `scale` and by `by` of its columns, times rows. */
static void
multiply_row(float *to, const struct matrix *m, size_t r, float scale, const float *by,
    const float *rows, const uint32_t *place, size_t dim)
{
	const struct vec *v = vec_kernels();

	memset(to, 0, dim * sizeof *to);
	for (uint64_t k = m->row[r]; k < m->row[r + 1]; k++) {
		uint32_t col = m->col[k];
		float w = by[col] * (m->weight ? m->weight[k] : 1);

		v->subtract(to, rows + (place ? place[col] : col) * dim, -w, dim);
	}
	for (size_t d = 0; d < dim; d++)
		to[d] *= scale;
}

static void
to_user(void *context, size_t u, size_t thread)
{
	struct lowpass *l = context;

	(void)thread;
	multiply_row(l->users + u * l->dim, &l->pair->by_user, u, l->user[u], l->item,
	    l->items, l->place, l->dim);
}

static void
to_item(void *context, size_t i, size_t thread)
{
	struct lowpass *l = context;
	uint32_t item = l->scored[i];

	(void)thread;
	multiply_row(l->items + i * l->dim, &l->pair->by_item, item, l->item[item],
	    l->user, l->users, NULL, l->dim);
}

/* Twelve rows of Y times U^-1, into themselves. */
static void
apply_chunk(void *context, size_t chunk, size_t thread)
{
	struct lowpass *l = context;
	uint32_t row[VEC_ROWS] = { 0 };
	size_t from = chunk * VEC_ROWS, n = MIN((size_t)VEC_ROWS, l->n - from);
	float *to = xcalloc(VEC_ROWS * l->dim, sizeof *to);

	(void)thread;
	for (size_t r = 0; r < n; r++)
		row[r] = (uint32_t)(from + r);
	scan_users(&l->inverse, l->items, row, n, to);
	memcpy(l->items + from * l->dim, to, n * l->dim * sizeof *to);
	free(to);
}

/* With U'U = Y'Y + shift, Y becomes Y U^-1. */
static void
orthonormalise(struct lowpass *l)
{
	size_t dim = l->dim;
	float *gram = xcalloc(dim * dim, sizeof *gram);
	float *inverse = xcalloc(dim * dim, sizeof *inverse);
	float *panels = xaligned(dim * dim, sizeof *panels);
	float *pivot = xcalloc(dim, sizeof *pivot), shift = 0;

	spd_gram(l->items, l->n, dim, 1, l->threads, gram);
	for (size_t d = 0; d < dim; d++)
		shift += gram[d * dim + d] * (float)(SHIFT / (double)dim);
	/* More until it is definite, which rounding alone can prevent. */
	for (bool done = false; !done; shift *= 10) {
		float *u = xcalloc(dim * dim, sizeof *u);

		memcpy(u, gram, dim * dim * sizeof *u);
		for (size_t d = 0; d < dim; d++)
			u[d * dim + d] += shift + FLT_MIN;
		done = spd_factor(u, pivot, dim) == 0;
		if (done)
			spd_invert(u, pivot, inverse, dim);
		free(u);
	}
	for (size_t d = 0; d < dim; d++)
		for (size_t j = 0; j < dim; j += VEC_COLS)
			memcpy(panels + j * dim + d * VEC_COLS, inverse + d * dim + j,
			    VEC_COLS * sizeof *panels);
	l->inverse = (struct item_factors){ dim, dim, panels };
	threads_each(l->threads, (l->n + VEC_ROWS - 1) / VEC_ROWS, apply_chunk, l);
	free(gram);
	free(inverse);
	free(panels);
	free(pivot);
}

float *
lowpass_basis(const struct pair *pair, const uint32_t *scored, size_t n, size_t dim,
    uint64_t seed, size_t threads)
{
	struct lowpass l = { .pair = pair,
		.scored = scored,
		.n = n,
		.dim = dim,
		.threads = threads,
		.user = degrees(&pair->by_user),
		.item = degrees(&pair->by_item),
		.items = xaligned(n * dim, sizeof *l.items),
		.users = xaligned(pair->by_user.n_rows * dim, sizeof *l.users),
		.place = xcalloc(pair->by_item.n_rows, sizeof *l.place) };

	for (size_t i = 0; i < n; i++)
		l.place[scored[i]] = (uint32_t)i;
	for (size_t k = 0; k < n * dim; k++)
		l.items[k] = (float)splitmix_at(seed, k) * 0x1p-64f - 0.5f;
	for (int i = 0; i < ITERATIONS; i++) {
		threads_each(threads, pair->by_user.n_rows, to_user, &l);
		threads_each(threads, n, to_item, &l);
		orthonormalise(&l);
	}
	free(l.user);
	free(l.item);
	free(l.users);
	free(l.place);
	return l.items;
}
