/*
 * train_als - matrix factorisation for implicit feedback by alternating least squares.
 */
#include "train_als.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "als_cg.h"
#include "als_share.h"
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

static const struct ranks *
ranks_of(const struct als_params *p)
{
	return p->share ? p->share->ranks : NULL;
}

/* The ranges of ranks; NULL: this process has all. */
static const size_t *
user_ranges(const struct als_params *p)
{
	return p->share ? p->share->first_user : NULL;
}

static const size_t *
item_ranges(const struct als_params *p)
{
	return p->share ? p->share->first_item : NULL;
}

/* What this process's range begins with. */
static size_t
own(const struct als_params *p, const size_t *first)
{
	return first ? first[ranks_of(p)->rank] : 0;
}

/* gram = rows' rows; ranks share the work. */
static void
gram_of(const struct als_params *p, const float *rows, size_t n, float *gram)
{
	const struct ranks *ranks = ranks_of(p);
	size_t threads = MAX(p->threads, (size_t)1), work = vec_padded(p->used_dim);
	double *sum;

	if (!ranks) {
		spd_gram_first(rows, n, work, p->dim, 1, threads, gram);
		return;
	}
	sum = xcalloc(work * work, sizeof *sum);
	spd_gram_parts(rows, n, work, p->dim, SPD_PARTS * ranks->rank / ranks->n,
	    SPD_PARTS * (ranks->rank + 1) / ranks->n, threads, sum);
	ranks->sum(sum, work * work);
	for (size_t i = 0; i < work * work; i++)
		gram[i] = (float)sum[i];
	free(sum);
}

/*
 * One side, and the gram [work][work] that it has; to be freed. With ranks m has the
 * own rows alone, first says whose the others are, and to and loss are of all.
 */
static struct als_side
side_of(const struct als_params *p, const struct matrix *m, const size_t *first,
    const float *from, float *to, double *loss, float **gram)
{
	size_t work = vec_padded(p->used_dim), at = own(p, first);

	*gram = xaligned(work * work, sizeof **gram);
	gram_of(p, from, m->n_cols, *gram);
	return (struct als_side){ p, m, work, from, to + at * p->dim, *gram,
		loss ? loss + at : NULL };
}

/* The rows of a side go to all ranks. */
static void
exchange(const struct als_side *s, const size_t *first)
{
	size_t at = own(s->p, first);

	if (!first)
		return;
	ranks_of(s->p)->gather(
	    s->to - at * s->p->dim, first, s->p->dim * sizeof *s->to);
	if (s->loss)
		ranks_of(s->p)->gather(s->loss - at, first, sizeof *s->loss);
}

/* Whether a rank has failed. */
static bool
failed(const struct als_params *p, bool here)
{
	double n = here;

	if (ranks_of(p))
		ranks_of(p)->sum(&n, 1);
	return n > 0;
}

static int
improve(const struct als_side *s, const size_t *first)
{
	int status = 0;

	if (s->p->block)
		status = als_subspace(s, MIN(vec_padded(s->p->block), s->work));
	else
		als_cg(s, SWEEP_STEPS, TOLERANCE);
	if (failed(s->p, status < 0))
		return -1;
	exchange(s, first);
	return 0;
}

void
als_users(const struct als_params *p, const struct matrix *by_user, float *users,
    const float *items)
{
	float *gram;
	struct als_side s =
	    side_of(p, by_user, user_ranges(p), items, users, NULL, &gram);

	als_cg(&s, MOST_STEPS, TOLERANCE);
	exchange(&s, user_ranges(p));
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

/* What users add to the objective by their lengths. */
static double
penalty(const struct als_params *p, const struct matrix *by_user, size_t n_users,
    const float *users)
{
	const struct vec *v = vec_kernels();
	double *of = xcalloc(n_users, sizeof *of), sum = 0;

	for (size_t r = 0, u = own(p, user_ranges(p)); r < by_user->n_rows; r++, u++)
		of[u] = als_regularization(p, by_user, r) *
			(double)v->dot(users + u * p->dim, users + u * p->dim, p->dim);
	if (ranks_of(p))
		ranks_of(p)->gather(of, user_ranges(p), sizeof *of);
	for (size_t u = 0; u < n_users; u++)
		sum += of[u];
	free(of);
	return sum;
}

/* The sum over all pairs of alpha (x . y)^2. */
static double
pairs_without(const struct als_params *p, const float *user_gram, const float *items,
    size_t n_items)
{
	size_t work = vec_padded(p->used_dim);
	float *gram = xaligned(work * work, sizeof *gram);
	double sum;

	gram_of(p, items, n_items, gram);
	sum = p->alpha * gram_product(user_gram, gram, work);
	free(gram);
	return sum;
}

int
als_sweep(const struct als_params *p, const struct matrix *by_user,
    const struct matrix *by_item, float *users, float *items, double *loss)
{
	size_t n_users = by_item->n_cols, n_items = by_user->n_cols;
	double *losses = xcalloc(n_items, sizeof *losses);
	float *gram;
	struct als_side s =
	    side_of(p, by_user, user_ranges(p), items, users, NULL, &gram);
	int status = improve(&s, user_ranges(p));

	free(gram);
	if (status == 0) {
		s = side_of(p, by_item, item_ranges(p), users, items, losses, &gram);
		status = improve(&s, item_ranges(p));
		*loss = pairs_without(p, gram, items, n_items) +
			penalty(p, by_user, n_users, users);
		for (size_t i = 0; i < n_items; i++)
			*loss += losses[i];
		free(gram);
	}
	free(losses);
	return status;
}
