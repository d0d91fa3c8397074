/* als_cg - one side of alternating least squares by conjugate gradients. */
#include "als_cg.h"

#include <stdlib.h>
#include <string.h>

#include "eigen.h"
#include "threads.h"
#include "vec.h"

enum {
	ROWS = VEC_ROWS, /* rows that change their basis at once */
	LANES = 16,      /* elements of a vector that loops take at once */
};

struct scratch {
	float *memory;             /* of all that follow */
	float *packed;             /* [work][ROWS] */
	float *x;                  /* [ROWS][work] in the basis */
	float *diagonal, *inverse; /* [work] each: alpha F + reg; the preconditioner */
	float *left, *step, *product, *scaled; /* [work] each */
	float *predicted, *change;             /* [longest row] each: x . y, step . y */
};

struct cg {
	const struct als_side *s;
	size_t steps;
	float tolerance;         /* of the squares */
	const float *basis;      /* [work][work] columns are eigenvectors of F */
	const float *back;       /* [work][work] rows are */
	const float *value;      /* [work] alpha F's eigenvalues */
	float *from;             /* [m->n_cols][work] in the basis */
	struct scratch *scratch; /* [threads] */
};

/* to [n][work] = rows [n][stride] times by [work][work]; n <= ROWS, to may be rows */
static void
change_basis(const float *rows, size_t stride, size_t n, size_t work, const float *by,
    float *packed, float *to)
{
	for (size_t i = 0; i < n; i++)
		for (size_t d = 0; d < work; d++)
			packed[d * ROWS + i] = rows[i * stride + d];
	memset(to, 0, n * work * sizeof *to);
	for (size_t j = 0; j < work; j += VEC_COLS)
		vec_kernels()->outer(n, work, packed, ROWS, by + j, work, to + j, work);
}

static void
change_from(void *context, size_t chunk, size_t thread)
{
	struct cg *c = context;
	const struct als_side *s = c->s;
	size_t at = chunk * ROWS, n = MIN((size_t)ROWS, s->m->n_cols - at);

	change_basis(s->from + at * s->p->dim, s->p->dim, n, s->work, c->basis,
	    c->scratch[thread].packed, c->from + at * s->work);
}

/* to = a b */
static void
multiply(float *restrict to, const float *restrict a, const float *restrict b, size_t n)
{
	for (size_t i = 0; i < n; i += LANES)
		for (size_t j = 0; j < LANES; j++)
			to[i + j] = a[i + j] * b[i + j];
}

/* to = z + s to */
static void
follow(float *restrict to, const float *restrict z, float s, size_t n)
{
	for (size_t i = 0; i < n; i += LANES)
		for (size_t j = 0; j < LANES; j++)
			to[i + j] = z[i + j] + s * to[i + j];
}

/* The diagonals of row r, and what is left of the right side by x: b - A x. */
static void
begin_row(const struct cg *c, struct scratch *t, size_t r, const float *x)
{
	const struct als_side *s = c->s;
	uint64_t at = s->m->row[r], n = s->m->row[r + 1] - at;
	float reg = (float)als_regularization(s->p, s->m, r);
	float alpha = (float)s->p->alpha, share = (float)n / (float)s->m->n_cols;

	for (size_t d = 0; d < s->work; d++) {
		t->diagonal[d] = alpha * c->value[d] + reg;
		t->inverse[d] = 1 / (t->diagonal[d] + share * c->value[d]);
		t->left[d] = -t->diagonal[d] * x[d];
	}
	vec_kernels()->gradient(x, s->work, c->from, s->work, s->m->col + at, n,
	    s->m->weight ? s->m->weight + at : NULL, 1, t->predicted, t->left);
}

/* How long x is by the preconditioner, which is near to the squares of A. */
static float
energy(const struct scratch *t, const float *x, size_t n)
{
	double sum = 0;

	for (size_t d = 0; d < n; d++)
		sum += (double)x[d] * (double)x[d] / (double)t->inverse[d];
	return (float)sum;
}

static void
solve_row(const struct cg *c, struct scratch *t, size_t r, float *x)
{
	const struct vec *v = vec_kernels();
	const struct als_side *s = c->s;
	size_t work = s->work;
	uint64_t at = s->m->row[r], n = s->m->row[r + 1] - at;
	float error, before, least;

	begin_row(c, t, r, x);
	multiply(t->step, t->inverse, t->left, work);
	error = v->dot(t->step, t->left, work);
	least = c->tolerance * MAX(error, energy(t, x, work));
	for (size_t i = 0; i < c->steps && error > least; i++) {
		float by;

		/* -A step */
		for (size_t d = 0; d < work; d++)
			t->product[d] = -t->diagonal[d] * t->step[d];
		v->gradient(t->step, work, c->from, work, s->m->col + at, n,
		    s->m->weight ? s->m->weight + at : NULL, 0, t->change, t->product);
		by = error / v->dot(t->step, t->product, work);
		v->subtract(x, t->step, by, work);
		v->subtract(t->left, t->product, by, work);
		for (size_t k = 0; s->loss && k < n; k++)
			t->predicted[k] -= by * t->change[k];
		multiply(t->scaled, t->inverse, t->left, work);
		before = error;
		error = v->dot(t->scaled, t->left, work);
		follow(t->step, t->scaled, error / before, work);
	}
}

static void
solve_rows(void *context, size_t chunk, size_t thread)
{
	const struct cg *c = context;
	const struct als_side *s = c->s;
	struct scratch *t = &c->scratch[thread];
	size_t at = chunk * ROWS, n = MIN((size_t)ROWS, s->m->n_rows - at);
	size_t dim = s->p->dim, work = s->work;
	float *to = s->to + at * dim;

	change_basis(to, dim, n, work, c->basis, t->packed, t->x);
	for (size_t i = 0; i < n; i++) {
		float *x = t->x + i * work;

		if (s->m->row[at + i] < s->m->row[at + i + 1])
			solve_row(c, t, at + i, x);
		else
			memset(x, 0, work * sizeof *x);
		if (s->loss)
			als_side_loss(s, at + i, x, t->predicted);
	}
	change_basis(t->x, work, n, work, c->back, t->packed, t->x);
	for (size_t i = 0; i < n; i++)
		memcpy(to + i * dim, t->x + i * work, s->p->used_dim * sizeof *to);
}

/*
 * c->basis, back and value. Dimensions that are not used are each their own
 * eigenvector, so that they stay 0.
 */
static void
find_basis(struct cg *c, float *basis, float *back, float *value)
{
	const struct als_side *s = c->s;
	size_t used = s->p->used_dim, work = s->work;
	double *vector = xcalloc(used * used, sizeof *vector);
	double *eigenvalue = xcalloc(used, sizeof *eigenvalue);

	for (size_t i = 0; i < used; i++)
		for (size_t j = 0; j < used; j++)
			vector[i * used + j] =
			    (double)s->gram[MIN(i, j) * work + MAX(i, j)];
	eigen(vector, eigenvalue, used, MAX(s->p->threads, (size_t)1));
	memset(basis, 0, work * work * sizeof *basis);
	memset(back, 0, work * work * sizeof *back);
	for (size_t i = 0; i < work; i++) {
		for (size_t j = 0; i < used && j < used; j++)
			back[i * work + j] = basis[j * work + i] =
			    (float)vector[i * used + j];
		if (i >= used)
			back[i * work + i] = basis[i * work + i] = 1;
		/* Rounding may leave a little less than nothing. */
		value[i] = i < used ? (float)MAX(eigenvalue[i], 0.0) : 0;
	}
	c->basis = basis;
	c->back = back;
	c->value = value;
	free(vector);
	free(eigenvalue);
}

static struct scratch *
scratch_new(const struct als_side *s, size_t threads)
{
	struct scratch *t = xcalloc(threads, sizeof *t);
	size_t work = s->work, longest = 0;

	for (size_t r = 0; r < s->m->n_rows; r++)
		longest = MAX(longest, (size_t)(s->m->row[r + 1] - s->m->row[r]));
	for (size_t i = 0; i < threads; i++)
		t[i].memory = xfloats((struct floats[]){
		    { &t[i].packed, work * ROWS },
		    { &t[i].x, ROWS * work },
		    { &t[i].diagonal, work },
		    { &t[i].inverse, work },
		    { &t[i].left, work },
		    { &t[i].step, work },
		    { &t[i].product, work },
		    { &t[i].scaled, work },
		    { &t[i].predicted, longest },
		    { &t[i].change, longest },
		    { NULL, 0 },
		});
	return t;
}

static void
scratch_free(struct scratch *t, size_t threads)
{
	for (size_t i = 0; i < threads; i++)
		free(t[i].memory);
	free(t);
}

void
als_cg(const struct als_side *s, size_t steps, double tolerance)
{
	size_t threads = MAX(s->p->threads, (size_t)1), work = s->work;
	float *basis = xaligned(work * work, sizeof *basis);
	float *back = xaligned(work * work, sizeof *back);
	float *value = xaligned(work, sizeof *value);
	struct cg c = { .s = s,
		.steps = steps,
		.tolerance = (float)(tolerance * tolerance),
		.from = xaligned(s->m->n_cols * work, sizeof *c.from),
		.scratch = scratch_new(s, threads) };

	find_basis(&c, basis, back, value);
	threads_each(threads, (s->m->n_cols + ROWS - 1) / ROWS, change_from, &c);
	threads_each(threads, (s->m->n_rows + ROWS - 1) / ROWS, solve_rows, &c);
	scratch_free(c.scratch, threads);
	free(c.from);
	free(basis);
	free(back);
	free(value);
}
