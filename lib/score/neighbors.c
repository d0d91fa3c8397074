/* neighbors - the items that are most like an item, by factors or links. */
#include "neighbors.h"

#include <math.h>
#include <stdlib.h>

#include "vec.h"

struct neighbors {
	const struct model *m;
	double *squares;      /* [n_scored] squared lengths */
	struct neighbor *all; /* [n_scored] */
};

static double
dot(const struct model *m, size_t i, size_t j)
{
	const float *a = model_item(m, i), *b = model_item(m, j);
	double sum = 0;

	for (size_t d = 0; d < m->factors; d++)
		sum += (double)a[d * VEC_COLS] * (double)b[d * VEC_COLS];
	return sum;
}

struct neighbors *
neighbors_new(const struct model *m)
{
	struct neighbors *n;

	if (!m->dim && !m->links.row)
		return NULL;
	n = xcalloc(1, sizeof *n);
	n->m = m;
	n->squares = xcalloc(m->n_scored, sizeof *n->squares);
	n->all = xcalloc(m->n_scored, sizeof *n->all);
	for (size_t i = 0; m->dim && i < m->n_scored; i++)
		n->squares[i] = dot(m, i, i);
	return n;
}

void
neighbors_free(struct neighbors *n)
{
	if (!n)
		return;
	free(n->squares);
	free(n->all);
	free(n);
}

static int
nearest_first(const void *a, const void *b)
{
	const struct neighbor *x = a, *y = b;

	if (x->likeness != y->likeness)
		return x->likeness < y->likeness ? 1 : -1;
	return (x->item > y->item) - (x->item < y->item);
}

static int
by_number(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* What score.h has for items with both, in double. */
static size_t
by_both(struct neighbors *n, size_t self)
{
	const struct model *m = n->m;
	const struct links *l = &m->links;
	uint64_t k = l->row[self];
	size_t count = 0;

	for (size_t i = 0; i < m->n_scored; i++) {
		double likeness = dot(m, i, self);

		if (k < l->row[self + 1] && l->at[k] == i)
			likeness += (double)l->weight[k++];
		if (i != self)
			n->all[count++] = (struct neighbor){ likeness, m->scored[i] };
	}
	return count;
}

static size_t
by_cosine(struct neighbors *n, size_t self)
{
	const struct model *m = n->m;
	size_t count = 0;

	for (size_t i = 0; i < m->n_scored; i++) {
		double lengths = sqrt(n->squares[i] * n->squares[self]);

		if (i == self)
			continue;
		n->all[count++] =
		    (struct neighbor){ lengths > 0 ? dot(m, i, self) / lengths : 0,
			    m->scored[i] };
	}
	return count;
}

static size_t
by_link(struct neighbors *n, size_t self)
{
	const struct links *l = &n->m->links;
	size_t count = 0;

	for (uint64_t k = l->row[self]; k < l->row[self + 1]; k++)
		n->all[count++] =
		    (struct neighbor){ (double)l->weight[k], n->m->scored[l->at[k]] };
	return count;
}

size_t
neighbors_of(
    struct neighbors *n, uint32_t item, size_t k, const struct neighbor **nearest)
{
	const struct model *m = n->m;
	const uint32_t *found =
	    bsearch(&item, m->scored, m->n_scored, sizeof item, by_number);
	size_t self, count;

	*nearest = n->all;
	if (!found)
		return 0;
	self = (size_t)(found - m->scored);
	if (m->dim && m->links.row)
		count = by_both(n, self);
	else
		count = m->dim ? by_cosine(n, self) : by_link(n, self);
	qsort(n->all, count, sizeof *n->all, nearest_first);
	return MIN(count, k);
}
