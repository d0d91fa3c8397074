/* prune - of a dense matrix of item-item weights the greatest of each column. */
#include "prune.h"

#include <math.h>
#include <stdlib.h>

#include "best.h"
#include "threads.h"

enum { LEAST_ROOM = 256 };

struct prune {
	size_t n, most, cap, threads;
	/* [n][cap]: sizes of weights; at is twice the row, plus one if it is negative.
	 */
	struct candidate *kept;
	uint32_t *count; /* [n] */
	float *least;    /* [n] nothing smaller is among the greatest */
	/* The block at work. */
	size_t first, n_rows, stride;
	const float *rows;
};

struct prune *
prune_new(size_t n, size_t most, size_t threads)
{
	struct prune *p = xcalloc(1, sizeof *p);

	*p = (struct prune){ .n = n, .most = MIN(most, n), .threads = threads };
	p->cap = p->most + MIN(MAX(p->most, (size_t)LEAST_ROOM), n);
	p->kept = xcalloc(n, p->cap * sizeof *p->kept);
	p->count = xcalloc(n, sizeof *p->count);
	p->least = xcalloc(n, sizeof *p->least);
	return p;
}

double
prune_bytes(size_t n, size_t most)
{
	double kept = (double)MIN(most, n);

	return (double)n * (3 * kept + LEAST_ROOM) * sizeof(struct candidate);
}

static void
cut(struct prune *p, size_t j)
{
	struct candidate *c = p->kept + j * p->cap;

	if (p->count[j] <= p->most)
		return;
	best_select(c, p->count[j], p->most);
	p->count[j] = (uint32_t)p->most;
	p->least[j] = c[p->most - 1].value;
}

/* Rows rise, so one that only equals the least loses. */
static void
take_column(void *context, size_t j, size_t thread)
{
	struct prune *p = context;
	struct candidate *c = p->kept + j * p->cap;

	(void)thread;
	for (size_t r = 0; r < p->n_rows; r++) {
		float x = p->rows[r * p->stride + j];
		uint32_t at = 2 * (uint32_t)(p->first + r) + (x < 0);

		if (!(fabsf(x) > p->least[j]) || p->first + r == j)
			continue;
		c[p->count[j]++] = (struct candidate){ fabsf(x), at };
		if (p->count[j] == p->cap)
			cut(p, j);
	}
}

void
prune_rows(
    struct prune *p, size_t first, size_t count, const float *rows, size_t stride)
{
	p->stride = stride;
	p->first = first;
	p->n_rows = count;
	p->rows = rows;
	threads_each(p->threads, p->n, take_column, p);
}

/* Columns to rows. */
void
prune_links(struct prune *p, struct links *to)
{
	uint64_t *row = xcalloc(p->n + 2, sizeof *row), n;
	uint32_t *at;
	float *weight;

	for (size_t j = 0; j < p->n; j++) {
		cut(p, j);
		for (size_t k = 0; k < p->count[j]; k++)
			row[p->kept[j * p->cap + k].at / 2 + 2]++;
	}
	for (size_t i = 0; i < p->n; i++)
		row[i + 2] += row[i + 1];
	n = row[p->n + 1];
	at = xcalloc(n, sizeof *at);
	weight = xcalloc(n, sizeof *weight);
	for (size_t j = 0; j < p->n; j++)
		for (size_t k = 0; k < p->count[j]; k++) {
			const struct candidate *c = &p->kept[j * p->cap + k];
			uint64_t place = row[c->at / 2 + 1]++;

			at[place] = (uint32_t)j;
			weight[place] = c->at % 2 ? -c->value : c->value;
		}
	*to = (struct links){ .row = row, .at = at, .weight = weight };
	prune_free(p);
}

void
prune_free(struct prune *p)
{
	if (!p)
		return;
	free(p->kept);
	free(p->count);
	free(p->least);
	free(p);
}

void
links_release(struct links *l)
{
	free((void *)l->row);
	free((void *)l->at);
	free((void *)l->weight);
	*l = (struct links){ 0 };
}
