/*
 * train_als - matrix factorisation for implicit feedback by alternating least squares.
 */
#include "train_als.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "als_cg.h"
#include "als_subspace.h"
#include "spd.h"
#include "splitmix.h"
#include "vec.h"

enum {
	SWEEP_STEPS = 3, /* of conjugate gradients, from the sweep before */
	MOST_STEPS = 500,
};
#define TOLERANCE 1e-6 /* what floats give */

/* The sum of four uniforms: near enough to normal, and the same everywhere. */
static float
normal_like(uint64_t seed, uint64_t index)
{
	uint64_t bits = splitmix_at(seed, index);
	double sum = 0;

	for (int i = 0; i < 4; i++)
		sum += (double)(bits >> (16 * i) & 0xffff) / 65536.0 - 0.5;
	return (float)(sum * 1.7320508075688772); /* variance 4/12 to 1 */
}

void
als_start(const struct als_params *p, float *items, size_t n_items)
{
	float deviation = (float)(0.1 / sqrt((double)p->used_dim));

	for (size_t i = 0; i < n_items; i++)
		for (size_t d = 0; d < p->dim; d++)
			items[i * p->dim + d] =
			    d < p->used_dim
				? deviation * normal_like(p->seed, i * p->used_dim + d)
				: 0;
}

/* One side, and the gram [work][work] that it has; to be freed. */
static struct als_side
side_of(const struct als_params *p, const struct matrix *m, const float *from,
    float *to, double *loss, float **gram)
{
	size_t work = vec_padded(p->used_dim);

	*gram = xaligned(work * work, sizeof **gram);
	spd_gram_first(
	    from, m->n_cols, work, p->dim, 1, MAX(p->threads, (size_t)1), *gram);
	return (struct als_side){ p, m, work, from, to, *gram, loss };
}

static int
improve(const struct als_side *s)
{
	if (s->p->block)
		return als_subspace(s, MIN(vec_padded(s->p->block), s->work));
	als_cg(s, SWEEP_STEPS, TOLERANCE);
	return 0;
}

void
als_users(const struct als_params *p, const struct matrix *by_user, float *users,
    const float *items)
{
	float *gram;
	struct als_side s = side_of(p, by_user, items, users, NULL, &gram);

	als_cg(&s, MOST_STEPS, TOLERANCE);
	free(gram);
}

/* The sum over all pairs of (x . y)^2 is the inner product of both Gram matrices. */
static double
gram_product(const float *a, const float *b, size_t dim)
{
	double sum = 0;

	for (size_t i = 0; i < dim; i++)
		for (size_t j = i; j < dim; j++)
			sum += (i == j ? 1 : 2) * (double)a[i * dim + j] *
			       (double)b[i * dim + j];
	return sum;
}

/* What rows add to the objective by their lengths. */
static double
penalty(const struct als_params *p, const struct matrix *m, const float *rows)
{
	const struct vec *v = vec_kernels();
	double sum = 0;

	for (size_t r = 0; r < m->n_rows; r++)
		sum += als_regularization(p, m, r) *
		       (double)v->dot(rows + r * p->dim, rows + r * p->dim, p->dim);
	return sum;
}

/* The sum over all pairs of alpha (x . y)^2, item_side's gram being that of users. */
static double
pairs_without(const struct als_side *item_side)
{
	const struct als_params *p = item_side->p;
	float *gram;
	double sum;

	gram = xaligned(item_side->work * item_side->work, sizeof *gram);
	spd_gram_first(item_side->to, item_side->m->n_rows, item_side->work, p->dim, 1,
	    MAX(p->threads, (size_t)1), gram);
	sum = p->alpha * gram_product(item_side->gram, gram, item_side->work);
	free(gram);
	return sum;
}

int
als_sweep(const struct als_params *p, const struct matrix *by_user,
    const struct matrix *by_item, float *users, float *items, double *loss)
{
	double *losses = xcalloc(by_item->n_rows, sizeof *losses);
	float *gram;
	struct als_side s = side_of(p, by_user, items, users, NULL, &gram);
	int status = improve(&s);

	free(gram);
	if (status == 0) {
		s = side_of(p, by_item, users, items, losses, &gram);
		status = improve(&s);
		*loss = pairs_without(&s) + penalty(p, by_user, users);
		for (size_t i = 0; i < by_item->n_rows; i++)
			*loss += losses[i];
		free(gram);
	}
	free(losses);
	return status;
}
