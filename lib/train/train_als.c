/*
 * train_als - matrix factorisation for implicit feedback by alternating least squares.
 */
#include "train_als.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "spd.h"
#include "splitmix.h"
#include "threads.h"
#include "vec.h"

enum { GATHER = 256 }; /* rows at once: 128 KiB at dim 128, so they stay in L2 */

/* Systems have `work` dimensions: those that are used, padded. */
struct scratch {
	float *a;     /* [work][work], upper triangle */
	float *rows;  /* [GATHER][work] */
	float *b;     /* [work] */
	float *pivot; /* [work], reciprocals of U's diagonal */
};

struct side {
	const struct als_params *p;
	const struct matrix *m;
	size_t work;
	const float *from;       /* [m->n_cols][dim] */
	float *to;               /* [m->n_rows][dim] */
	const float *gram;       /* [work][work] alpha from' from */
	double *loss;            /* [m->n_rows] or NULL */
	struct scratch *scratch; /* [threads] */
	atomic_bool failed;
};

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

/*
 * P' W P and P' w over the row's columns: rows times the root of their weight give the
 * first, and the second is theirs times the root once more.
 */
static void
normal_equations(const struct side *s, struct scratch *t, size_t r)
{
	const struct vec *v = vec_kernels();
	const float *weight = s->m->weight;
	size_t dim = s->p->dim, work = s->work, n;
	float roots[GATHER];

	for (uint64_t at = s->m->row[r]; at < s->m->row[r + 1]; at += n) {
		n = MIN((uint64_t)GATHER, s->m->row[r + 1] - at);
		for (size_t k = 0; k < n; k++) {
			float *row = t->rows + k * work;

			memcpy(
			    row, s->from + s->m->col[at + k] * dim, work * sizeof *row);
			roots[k] = weight ? sqrtf(weight[at + k]) : 1;
			for (size_t d = 0; weight && d < work; d++)
				row[d] *= roots[k];
		}
		spd_add(t->a, t->rows, n, work);
		for (size_t j = 0; j < work; j += VEC_COLS)
			v->outer(1, n, roots, 1, t->rows + j, work, t->b + j, work);
	}
}

static double
regularization(const struct side *s, size_t r)
{
	double n = (double)(s->m->row[r + 1] - s->m->row[r]);

	return s->p->regularization *
	       pow(n + s->p->alpha * (double)s->m->n_cols, s->p->exponent);
}

/* What row r adds to the objective beside the alpha term and the other side's reg. */
static double
row_loss(const struct side *s, size_t r, const float *x)
{
	const struct vec *v = vec_kernels();
	size_t dim = s->p->dim;
	double sum = regularization(s, r) * (double)v->dot(x, x, dim);

	for (uint64_t i = s->m->row[r]; i < s->m->row[r + 1]; i++) {
		double miss = 1 - (double)v->dot(x, s->from + s->m->col[i] * dim, dim);

		sum += miss * miss * (s->m->weight ? (double)s->m->weight[i] : 1);
	}
	return sum;
}

static void
solve_row(void *context, size_t r, size_t thread)
{
	struct side *s = context;
	struct scratch *t = &s->scratch[thread];
	size_t dim = s->p->dim, work = s->work;
	float *x = s->to + r * dim, reg = (float)regularization(s, r);

	if (s->m->row[r] == s->m->row[r + 1]) {
		memset(x, 0, dim * sizeof *x);
		if (s->loss)
			s->loss[r] = 0;
		return;
	}
	memcpy(t->a, s->gram, work * work * sizeof *t->a);
	memset(t->b, 0, work * sizeof *t->b);
	normal_equations(s, t, r);
	for (size_t d = 0; d < work; d++)
		t->a[d * work + d] += reg;
	if (spd_factor(t->a, t->pivot, work) < 0) {
		s->failed = true;
		return;
	}
	spd_solve(t->a, t->pivot, t->b, x, work);
	memset(x + work, 0, (dim - work) * sizeof *x);
	if (s->loss)
		s->loss[r] = row_loss(s, r, x);
}

static struct scratch *
scratch_new(size_t threads, size_t dim)
{
	struct scratch *t = xcalloc(threads, sizeof *t);

	for (size_t i = 0; i < threads; i++)
		t[i] = (struct scratch){ xaligned(dim * dim, sizeof(float)),
			xaligned(GATHER * dim, sizeof(float)),
			xaligned(dim, sizeof(float)), xaligned(dim, sizeof(float)) };
	return t;
}

static void
scratch_free(struct scratch *t, size_t threads)
{
	for (size_t i = 0; i < threads; i++) {
		free(t[i].a);
		free(t[i].rows);
		free(t[i].b);
		free(t[i].pivot);
	}
	free(t);
}

static size_t
work_dim(const struct als_params *p)
{
	return vec_padded(p->used_dim);
}

/* Solve one side for the other. gram is left as alpha from' from. */
static int
solve_side(const struct als_params *p, const struct matrix *m, const float *from,
    float *to, double *loss, float *gram)
{
	size_t threads = MAX(p->threads, (size_t)1), work = work_dim(p);
	struct side s = { .p = p,
		.m = m,
		.work = work,
		.from = from,
		.to = to,
		.gram = gram,
		.loss = loss,
		.scratch = scratch_new(threads, work) };

	spd_gram_first(from, m->n_cols, work, p->dim, p->alpha, threads, gram);
	threads_each(threads, m->n_rows, solve_row, &s);
	scratch_free(s.scratch, threads);
	return s.failed ? -1 : 0;
}

int
als_users(const struct als_params *p, const struct matrix *by_user, float *users,
    const float *items)
{
	float *gram = xaligned(work_dim(p) * work_dim(p), sizeof *gram);
	int status = solve_side(p, by_user, items, users, NULL, gram);

	free(gram);
	return status;
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

int
als_sweep(const struct als_params *p, const struct matrix *by_user,
    const struct matrix *by_item, float *users, float *items, double *loss)
{
	const struct vec *v = vec_kernels();
	size_t dim = p->dim, work = work_dim(p);
	float *user_gram = xaligned(work * work, sizeof *user_gram);
	float *item_gram = xaligned(work * work, sizeof *item_gram);
	double *losses = xcalloc(by_item->n_rows, sizeof *losses);
	struct side s = { .p = p, .m = by_user };
	int status = -1;

	if (solve_side(p, by_user, items, users, NULL, item_gram) < 0 ||
	    solve_side(p, by_item, users, items, losses, user_gram) < 0)
		goto out;
	spd_gram_first(items, by_item->n_rows, work, dim, 1, MAX(p->threads, (size_t)1),
	    item_gram);
	*loss = gram_product(user_gram, item_gram, work);
	for (size_t i = 0; i < by_item->n_rows; i++)
		*loss += losses[i];
	for (size_t u = 0; u < by_user->n_rows; u++)
		*loss += regularization(&s, u) *
			 (double)v->dot(users + u * dim, users + u * dim, dim);
	status = 0;
out:
	free(user_gram);
	free(item_gram);
	free(losses);
	return status;
}
