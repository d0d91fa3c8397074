/* popularity - how many users met each item, ever and lately. */
#include "popularity.h"

#include <math.h>
#include <stdlib.h>

static void
span_of_times(const struct history *h, uint64_t n, int64_t *first, int64_t *last)
{
	*first = INT64_MAX;
	*last = INT64_MIN;
	for (uint64_t i = 0; i < n; i++) {
		*first = MIN(*first, h->time[i]);
		*last = MAX(*last, h->time[i]);
	}
}

void
popularity_init(struct popularity *p, const struct catalog *c, const struct wanted *w,
    const uint32_t *skip)
{
	const struct history *h = &c->history;
	size_t n_users = c->users.strings.n;
	uint32_t *met_by = xcalloc(c->items.strings.n, sizeof *met_by);
	struct wanted_types t;
	int64_t first, last;
	double half_life;

	*p = (struct popularity){ .n_items = c->items.strings.n };
	p->count = xcalloc(p->n_items, sizeof *p->count);
	p->recent = xcalloc(p->n_items, sizeof *p->recent);
	span_of_times(h, h->offset[n_users], &first, &last);
	half_life = fmax(POPULARITY_HALF_LIFE * ((double)last - (double)first), 1);
	wanted_types_init(&t, h, w);
	for (uint32_t u = 0; u < n_users; u++) {
		uint32_t left_out = skip ? skip[u] : 0;

		for (uint64_t i = h->offset[u]; i < h->offset[u + 1]; i++) {
			uint32_t item = h->item[i];

			if (!wanted_counts(&t, i) || (left_out && left_out--) ||
			    met_by[item] == u + 1)
				continue;
			met_by[item] = u + 1;
			p->count[item]++;
			p->recent[item] +=
			    exp2(((double)h->time[i] - (double)last) / half_life);
		}
	}
	wanted_types_release(&t);
	free(met_by);
}

void
popularity_release(struct popularity *p)
{
	free(p->count);
	free(p->recent);
	*p = (struct popularity){ 0 };
}

static int
by_count(const void *a, const void *b, void *counts)
{
	const uint32_t *count = counts, x = *(const uint32_t *)a,
		       y = *(const uint32_t *)b;

	if (count[x] != count[y])
		return count[x] < count[y] ? 1 : -1;
	return (x > y) - (x < y);
}

uint32_t *
popularity_order(const struct popularity *p)
{
	uint32_t *order = xcalloc(p->n_items, sizeof *order);

	for (size_t i = 0; i < p->n_items; i++)
		order[i] = (uint32_t)i;
	qsort_r(order, p->n_items, sizeof *order, by_count, p->count);
	return order;
}
