/*
 * train_trending - the items whose users grow fastest.
 *
 * With n the users who met an item in the last window of the data and b those of the
 * window before, items stand by
 *
 *	(n - b) / sqrt(n + b)
 *
 * the growth in its standard deviations, if both are Poisson counts (Przyborowski and
 * Wilenski 1940 compare two such counts); then by n, then by ID. Items without users in
 * either window follow, by all their users. A window is the recipe's trend discovery
 * frequency.
 */
#include <math.h>
#include <stdlib.h>

#include "training.h"

struct trend {
	uint32_t now, before, ever;
};

static double
growth(const struct trend *t)
{
	double both = (double)t->now + (double)t->before;

	return both > 0 ? ((double)t->now - (double)t->before) / sqrt(both) : -INFINITY;
}

static int
by_growth(const void *a, const void *b, void *trends)
{
	uint32_t i = *(const uint32_t *)a, j = *(const uint32_t *)b;
	const struct trend *x = (struct trend *)trends + i,
			   *y = (struct trend *)trends + j;
	double gx = growth(x), gy = growth(y);

	if (gx != gy)
		return gx < gy ? 1 : -1;
	if (x->now != y->now)
		return x->now < y->now ? 1 : -1;
	if (x->ever != y->ever)
		return x->ever < y->ever ? 1 : -1;
	return (i > j) - (i < j);
}

static int64_t
latest(const struct history *h, uint64_t n)
{
	int64_t last = INT64_MIN;

	for (uint64_t i = 0; i < n; i++)
		last = MAX(last, h->time[i]);
	return last;
}

/* Each user counts once an item and window. Histories are newest first. */
static void
count(struct trend *trends, const struct catalog *c, const struct wanted *w,
    int64_t window)
{
	const struct history *h = &c->history;
	size_t n_users = c->users.strings.n, n_items = c->items.strings.n;
	uint32_t *met_now = xcalloc(n_items, sizeof *met_now);
	uint32_t *met_before = xcalloc(n_items, sizeof *met_before);
	int64_t last = latest(h, h->offset[n_users]);
	struct wanted_types t;

	wanted_types_init(&t, h, w);
	for (uint32_t u = 0; u < n_users; u++)
		for (uint64_t i = h->offset[u]; i < h->offset[u + 1]; i++) {
			uint32_t item = h->item[i];
			int64_t age = last - h->time[i];

			if (age >= 2 * window)
				break;
			if (!wanted_counts(&t, i))
				continue;
			if (age < window && met_now[item] != u + 1) {
				met_now[item] = u + 1;
				trends[item].now++;
			} else if (age >= window && met_before[item] != u + 1) {
				met_before[item] = u + 1;
				trends[item].before++;
			}
		}
	wanted_types_release(&t);
	free(met_now);
	free(met_before);
}

int
train_trending(struct model *m, const struct training *t, struct buf *meta, char **why)
{
	size_t n = t->popularity->n_items;
	struct trend *trends = xcalloc(n, sizeof *trends);
	uint32_t *order = xcalloc(n, sizeof *order);
	double minutes = training_hyper(t, "trend_discovery_frequency");

	(void)meta;
	(void)why; /* nothing can go wrong */
	for (size_t i = 0; i < n; i++) {
		trends[i].ever = t->popularity->count[i];
		order[i] = (uint32_t)i;
	}
	count(trends, &m->catalog, &t->o->wanted, (int64_t)(60 * minutes));
	qsort_r(order, n, sizeof *order, by_growth, trends);
	m->popular = catalog_own(&m->catalog, order);
	free(trends);
	return 0;
}
