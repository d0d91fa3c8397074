/*
 * als_subspace - one side of alternating least squares, a block of dimensions at a
 * time.
 *
 * A block's part of `from` is copied together, so that it fits the cache, and all rows
 * take their step before the next block's turn.
 */
#include "als_subspace.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "spd.h"
#include "threads.h"
#include "vec.h"

enum {
	GATHER = 128, /* rows at once, so that they stay in L1 or L2 */
	ROWS =
	    VEC_ROWS, /* rows whose products with the Gram matrix are taken at once */
	PACK = 1024,  /* rows copied together at once */
};

struct scratch {
	float *memory; /* of all that follow */
	float *a;      /* [block][block], upper triangle */
	float *rows;   /* [GATHER][block] */
	float *x;      /* [work][ROWS] */
	float *b;      /* [ROWS][block] */
	float *step;   /* [block] */
	float *pivot;  /* [block] */
};

struct subspace {
	const struct als_side *s;
	size_t at, n;            /* the block */
	const float *gram;       /* [work][work] alpha F, both triangles */
	float *from;             /* [m->n_cols][n] */
	float *predicted;        /* [interactions] */
	struct scratch *scratch; /* [threads] */
	atomic_bool failed;
};

static void
predict_row(void *context, size_t r, size_t thread)
{
	struct subspace *t = context;
	const struct als_side *s = t->s;
	uint64_t at = s->m->row[r];
	float *x = s->to + r * s->p->dim;

	(void)thread;
	if (s->m->row[r + 1] == at)
		memset(x, 0, s->p->dim * sizeof *x);
	vec_kernels()->dots(x, s->work, s->from, s->p->dim, s->m->col + at,
	    s->m->row[r + 1] - at, t->predicted + at);
}

static void
pack_rows(void *context, size_t chunk, size_t thread)
{
	struct subspace *t = context;
	size_t end = MIN((chunk + 1) * PACK, t->s->m->n_cols);

	(void)thread;
	for (size_t c = chunk * PACK; c < end; c++)
		memcpy(t->from + c * t->n, t->s->from + c * t->s->p->dim + t->at,
		    t->n * sizeof *t->from);
}

/* b = - alpha F_B: x for some rows. */
static void
take_gram(const struct subspace *t, struct scratch *c, size_t first, size_t n)
{
	const struct vec *v = vec_kernels();
	size_t dim = t->s->p->dim, work = t->s->work;

	memset(c->b, 0, n * t->n * sizeof *c->b);
	for (size_t i = 0; i < n; i++)
		for (size_t d = 0; d < work; d++)
			c->x[d * ROWS + i] = t->s->to[(first + i) * dim + d];
	for (size_t j = 0; j < t->n; j += VEC_COLS)
		v->outer_minus(
		    n, work, c->x, ROWS, t->gram + t->at + j, work, c->b + j, t->n);
}

/* a += sum of w y_B y_B', b += sum of w (1 - s) y_B over a row's interactions. */
static void
normal_equations(const struct subspace *t, struct scratch *c, size_t r, float *b)
{
	const struct vec *v = vec_kernels();
	const struct matrix *m = t->s->m;
	float by[GATHER];
	size_t n;

	for (uint64_t at = m->row[r]; at < m->row[r + 1]; at += n) {
		n = MIN((uint64_t)GATHER, m->row[r + 1] - at);
		for (size_t k = 0; k < n; k++) {
			float *row = c->rows + k * t->n, root = 1;

			memcpy(
			    row, t->from + m->col[at + k] * t->n, t->n * sizeof *row);
			if (m->weight)
				root = sqrtf(m->weight[at + k]);
			for (size_t d = 0; m->weight && d < t->n; d++)
				row[d] *= root;
			by[k] = root * (1 - t->predicted[at + k]);
		}
		spd_add(c->a, c->rows, n, t->n);
		for (size_t j = 0; j < t->n; j += VEC_COLS)
			v->outer(1, n, by, 1, c->rows + j, t->n, b + j, t->n);
	}
}

static void
add_predictions(const struct subspace *t, size_t r, const float *step)
{
	const struct matrix *m = t->s->m;
	float more[GATHER];
	size_t n;

	for (uint64_t at = m->row[r]; at < m->row[r + 1]; at += n) {
		n = MIN((uint64_t)GATHER, m->row[r + 1] - at);
		vec_kernels()->dots(step, t->n, t->from, t->n, m->col + at, n, more);
		for (size_t k = 0; k < n; k++)
			t->predicted[at + k] += more[k];
	}
}

static void
step_row(struct subspace *t, struct scratch *c, size_t r, float *b)
{
	const struct als_side *s = t->s;
	float *x = s->to + r * s->p->dim + t->at;
	float reg = (float)als_regularization(s->p, s->m, r);

	for (size_t d = 0; d < t->n; d++) {
		memcpy(c->a + d * t->n, t->gram + (t->at + d) * s->work + t->at,
		    t->n * sizeof *c->a);
		c->a[d * t->n + d] += reg;
		b[d] -= reg * x[d];
	}
	normal_equations(t, c, r, b);
	if (spd_factor(c->a, c->pivot, t->n) < 0) {
		t->failed = true;
		return;
	}
	spd_solve(c->a, c->pivot, b, c->step, t->n);
	for (size_t d = 0; d < t->n; d++)
		x[d] += c->step[d];
	add_predictions(t, r, c->step);
}

static void
step_rows(void *context, size_t chunk, size_t thread)
{
	struct subspace *t = context;
	struct scratch *c = &t->scratch[thread];
	size_t first = chunk * ROWS, n = MIN((size_t)ROWS, t->s->m->n_rows - first);

	take_gram(t, c, first, n);
	for (size_t i = 0; i < n; i++)
		if (t->s->m->row[first + i] < t->s->m->row[first + i + 1])
			step_row(t, c, first + i, c->b + i * t->n);
}

static void
lose_row(void *context, size_t r, size_t thread)
{
	struct subspace *t = context;

	(void)thread;
	als_side_loss(
	    t->s, r, t->s->to + r * t->s->p->dim, t->predicted + t->s->m->row[r]);
}

static struct scratch *
scratch_new(size_t threads, size_t block, size_t work)
{
	struct scratch *c = xcalloc(threads, sizeof *c);

	for (size_t i = 0; i < threads; i++)
		c[i].memory = xfloats((struct floats[]){
		    { &c[i].a, block * block },
		    { &c[i].rows, GATHER * block },
		    { &c[i].x, work * ROWS },
		    { &c[i].b, ROWS * block },
		    { &c[i].step, block },
		    { &c[i].pivot, block },
		    { NULL, 0 },
		});
	return c;
}

static void
scratch_free(struct scratch *c, size_t threads)
{
	for (size_t i = 0; i < threads; i++)
		free(c[i].memory);
	free(c);
}

/* The upper triangle of a symmetric matrix, times alpha, and what is below it. */
static float *
both_triangles(const float *upper, size_t n, float alpha)
{
	float *a = xaligned(n * n, sizeof *a);

	for (size_t i = 0; i < n; i++)
		for (size_t j = i; j < n; j++)
			a[i * n + j] = a[j * n + i] = alpha * upper[i * n + j];
	return a;
}

int
als_subspace(const struct als_side *s, size_t block)
{
	const struct matrix *m = s->m;
	size_t threads = MAX(s->p->threads, (size_t)1);
	float *gram = both_triangles(s->gram, s->work, (float)s->p->alpha);
	struct subspace t = { .s = s,
		.gram = gram,
		.from = xaligned(m->n_cols * block, sizeof *t.from),
		.predicted = xaligned(m->row[m->n_rows], sizeof *t.predicted),
		.scratch = scratch_new(threads, block, s->work) };

	threads_each(threads, m->n_rows, predict_row, &t);
	for (t.at = 0; t.at < s->work; t.at += t.n) {
		t.n = MIN(block, s->work - t.at);
		threads_each(threads, (m->n_cols + PACK - 1) / PACK, pack_rows, &t);
		threads_each(threads, (m->n_rows + ROWS - 1) / ROWS, step_rows, &t);
	}
	if (s->loss)
		threads_each(threads, m->n_rows, lose_row, &t);
	scratch_free(t.scratch, threads);
	free(t.predicted);
	free(t.from);
	free(gram);
	return t.failed ? -1 : 0;
}
