/* fold - a user's vector from their latest interactions, with the items as they are. */
#include "fold.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "spd.h"
#include "vec.h"

enum { GATHER = 256 }; /* rows at once */

struct fold_base {
	const struct model *m;
	float *gram; /* [dim][dim] */
	struct fold_penalty p;
};

struct fold {
	const struct fold_base *base;
	struct seen *seen;
	float *a;     /* [dim][dim] */
	float *rows;  /* [GATHER][dim] */
	float *b;     /* [dim] */
	float *pivot; /* [dim] */
};

/* An item's factors, without what it adds by itself. */
static void
item_row(const struct model *m, size_t at, float *row)
{
	const float *from = model_item(m, at);

	memset(row, 0, m->dim * sizeof *row);
	for (size_t d = 0; d < m->factors; d++)
		row[d] = from[d * VEC_COLS];
}

struct fold_penalty
fold_given(double confidence, double regularization, double exponent)
{
	return (struct fold_penalty){ .alpha = 1 / confidence,
		.regularization = regularization / confidence,
		.exponent = exponent,
		.more = 1 / confidence };
}

/* As the model's factors were trained. */
static struct fold_penalty
penalty_of(const struct model *m)
{
	double confidence = model_hyper(m, "fold_confidence", 0);
	double alpha = model_hyper(m, "alpha", 0.1);

	if (confidence > 0)
		return fold_given(confidence, model_hyper(m, "fold_regularization", 0),
		    model_hyper(m, "fold_regularization_exponent", 0));
	return (struct fold_penalty){ .alpha = alpha,
		.regularization = model_hyper(m, "regularization", 0.01),
		.exponent = model_hyper(m, "regularization_exponent", 1),
		.unmet = alpha * (double)m->n_trained_items };
}

struct fold_base *
fold_base_with(const struct model *m, const struct fold_penalty *p, size_t threads)
{
	struct fold_base *b = xcalloc(1, sizeof *b);
	float *rows = xaligned(MAX(m->n_scored, (size_t)1) * m->dim, sizeof *rows);
	size_t n = 0;

	*b = (struct fold_base){ m, xaligned(m->dim * m->dim, sizeof *b->gram), *p };
	/* Items that nobody had met took no part in training. */
	for (size_t i = 0; i < m->n_scored; i++)
		if (m->count[m->scored[i]])
			item_row(m, i, rows + n++ * m->dim);
	spd_gram(rows, n, m->dim, p->alpha, threads, b->gram);
	free(rows);
	return b;
}

struct fold_base *
fold_base_new(const struct model *m, size_t threads)
{
	struct fold_penalty p = penalty_of(m);

	return fold_base_with(m, &p, threads);
}

void
fold_base_free(struct fold_base *b)
{
	if (!b)
		return;
	free(b->gram);
	free(b);
}

struct fold *
fold_new(const struct fold_base *b, const struct catalog *history)
{
	struct fold *f = xcalloc(1, sizeof *f);
	size_t dim = b->m->dim;

	*f = (struct fold){ b, seen_new(history, &b->m->wanted),
		xaligned(dim * dim, sizeof *f->a), xaligned(GATHER * dim, sizeof *f->a),
		xaligned(dim, sizeof *f->a), xaligned(dim, sizeof *f->a) };
	return f;
}

void
fold_free(struct fold *f)
{
	if (!f)
		return;
	seen_free(f->seen);
	free(f->a);
	free(f->rows);
	free(f->b);
	free(f->pivot);
	free(f);
}

/* a and b over the items met that the model learned. How many those are. */
static size_t
add_items(struct fold *f, const struct seen_item *seen, size_t n)
{
	const struct model *m = f->base->m;
	size_t known = 0, held = 0;

	for (size_t i = 0; i < n; i++) {
		uint32_t item = seen[i].item;
		float *row = f->rows + held * m->dim, root;

		if (m->place[item] == NONE || !m->count[item])
			continue;
		root = sqrtf(seen[i].weight);
		item_row(m, m->place[item], row);
		for (size_t d = 0; d < m->factors; d++) {
			float y = row[d];

			row[d] = root * y;
			f->b[d] += root * row[d] + (float)f->base->p.more * y;
		}
		known++;
		if (++held == GATHER) {
			spd_add(f->a, f->rows, held, m->dim);
			held = 0;
		}
	}
	spd_add(f->a, f->rows, held, m->dim);
	return known;
}

bool
fold_user(struct fold *f, uint32_t user, float *x)
{
	const struct fold_base *base = f->base;
	const struct model *m = base->m;
	const struct seen_item *seen;
	size_t n = seen_of(f->seen, user, 0, &seen), known;
	float rate = (float)weights_user(&m->weights, n);
	double reg;

	if (!(base->p.regularization > 0))
		return false;
	memcpy(f->a, base->gram, m->dim * m->dim * sizeof *f->a);
	memset(f->b, 0, m->dim * sizeof *f->b);
	if (!(known = add_items(f, seen, n)))
		return false;
	reg = base->p.regularization *
	      pow((double)known + base->p.unmet, base->p.exponent);
	for (size_t d = 0; d < m->dim; d++)
		f->a[d * m->dim + d] += (float)reg;
	if (spd_factor(f->a, f->pivot, m->dim) < 0)
		return false;
	spd_solve(f->a, f->pivot, f->b, x, m->dim);
	for (size_t d = 0; d < m->factors; d++)
		x[d] *= rate;
	x[m->factors] = 1;
	return true;
}
