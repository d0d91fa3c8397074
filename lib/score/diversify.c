/*
 * diversify - how like the items already chosen a candidate is.
 *
 * The items' factors are laid out as rows of unit length when they are first needed, so
 * that a cosine is one dot product of two rows.
 *
 * A candidate is compared with what was chosen since it was last looked at, and not
 * before it matters: its likeness can only grow and its value only fall, so an old
 * value that does not beat the best one so far needs no second look.
 */
#include "diversify.h"

#include <math.h>
#include <stdlib.h>

#include "bitset.h"
#include "vec.h"

enum { ROW = 16 }; /* the kernels' dot product takes multiples of it */

struct state {
	uint32_t place; /* in the model's scored items, NONE */
	uint32_t compared;
	float likeness; /* with the first `compared` of the chosen */
};

struct diversify {
	const struct model *m;
	const struct vec *vec;
	size_t dim;
	float *rows;     /* [n_scored][dim], those of ready */
	uint64_t *ready; /* a set of scored items */
	struct state *states;
	uint32_t *chosen; /* places, NONE: likeness with it is 0 */
	size_t n_chosen, cap;
};

struct diversify *
diversify_new(const struct model *m)
{
	struct diversify *d;

	if (!m->dim || !m->factors)
		return NULL;
	d = xcalloc(1, sizeof *d);
	d->m = m;
	d->vec = vec_kernels();
	d->dim = (m->factors + ROW - 1) / ROW * ROW;
	/* As zeros of the system's these pages cost nothing before they are written. */
	d->rows = xcalloc(m->n_scored, d->dim * sizeof *d->rows);
	d->ready = bitset_new(m->n_scored);
	return d;
}

void
diversify_free(struct diversify *d)
{
	if (!d)
		return;
	free(d->rows);
	free(d->ready);
	free(d->states);
	free(d->chosen);
	free(d);
}

void
diversify_start(struct diversify *d, size_t n)
{
	if (n > d->cap) {
		d->cap = MAX(n, 2 * d->cap);
		d->states = xrealloc(d->states, d->cap, sizeof *d->states);
		d->chosen = xrealloc(d->chosen, d->cap, sizeof *d->chosen);
	}
	d->n_chosen = 0;
}

static const float *
row_of(struct diversify *d, uint32_t place)
{
	float *row = d->rows + place * d->dim;
	const float *y = model_item(d->m, place);
	double square = 0, length;

	if (bitset_has(d->ready, place))
		return row;
	bitset_add(d->ready, place);
	for (size_t k = 0; k < d->m->factors; k++)
		square += (double)y[k * VEC_COLS] * (double)y[k * VEC_COLS];
	length = sqrt(square);
	for (size_t k = 0; length > 0 && k < d->m->factors; k++)
		row[k] = (float)((double)y[k * VEC_COLS] / length);
	return row;
}

void
diversify_set(struct diversify *d, size_t i, uint32_t item)
{
	bool known = item != NONE && item < d->m->catalog.items.strings.n;

	d->states[i] = (struct state){ .place = known ? d->m->place[item] : NONE };
}

void
diversify_choose(struct diversify *d, size_t i)
{
	d->chosen[d->n_chosen++] = d->states[i].place;
}

static void
compare(struct diversify *d, struct state *x)
{
	const float *mine = row_of(d, x->place);

	if (!x->compared)
		x->likeness = -INFINITY;
	for (; x->compared < d->n_chosen; x->compared++) {
		uint32_t other = d->chosen[x->compared];
		float cosine =
		    other == NONE ? 0 : d->vec->dot(mine, row_of(d, other), d->dim);

		x->likeness = MAX(x->likeness, cosine);
	}
}

double
diversify_value(
    struct diversify *d, size_t i, double relevance, double lambda, double least)
{
	struct state *x = &d->states[i];
	double value;

	if (x->place == NONE || !d->n_chosen)
		return lambda * relevance;
	value = lambda * relevance - (1 - lambda) * (double)x->likeness;
	if (x->compared == d->n_chosen || (x->compared && value <= least))
		return value;
	compare(d, x);
	return lambda * relevance - (1 - lambda) * (double)x->likeness;
}
