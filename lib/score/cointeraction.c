/* cointeraction - items that the users of an item also met. */
#include "cointeraction.h"

#include <math.h>
#include <stdlib.h>

#include "bitset.h"

struct cointeraction {
	const struct model *m;
	uint32_t *shared; /* [n_items] users of both; 0 between calls */
	uint32_t *touched;
	float *discount; /* [n_items] n_j ^ -factor */
	double least;
	struct candidate *best;
};

struct cointeraction *
cointeraction_new(const struct model *m)
{
	struct cointeraction *c = xcalloc(1, sizeof *c);
	size_t n = m->pairs.n_items;
	double factor = model_hyper(m, "popularity_discount_factor", 0.5);

	c->m = m;
	c->shared = xcalloc(n, sizeof *c->shared);
	c->touched = xcalloc(n, sizeof *c->touched);
	c->discount = xcalloc(n, sizeof *c->discount);
	c->best = xcalloc(n, sizeof *c->best);
	c->least = model_hyper(m, "min_cointeraction_count", 3);
	for (size_t j = 0; j < n; j++) {
		uint64_t users = m->pairs.item_row[j + 1] - m->pairs.item_row[j];

		c->discount[j] = users ? (float)pow((double)users, -factor) : 0;
	}
	return c;
}

void
cointeraction_free(struct cointeraction *c)
{
	if (!c)
		return;
	free(c->shared);
	free(c->touched);
	free(c->discount);
	free(c->best);
	free(c);
}

/* Count what the users of the item met; which items those are. */
static size_t
count_shared(struct cointeraction *c, uint32_t item)
{
	const struct pairs *p = &c->m->pairs;
	size_t n = 0;

	for (uint64_t u = p->item_row[item]; u < p->item_row[item + 1]; u++) {
		uint32_t user = p->item_user[u];

		for (uint64_t i = p->user_row[user]; i < p->user_row[user + 1]; i++)
			if (!c->shared[p->user_item[i]]++)
				c->touched[n++] = p->user_item[i];
	}
	return n;
}

long
cointeraction_of(struct cointeraction *c, uint32_t item, const uint64_t *allowed,
    size_t k, const struct candidate **best)
{
	size_t touched = count_shared(c, item), n = 0;
	bool any = false;

	for (size_t t = 0; t < touched; t++) {
		uint32_t j = c->touched[t], shared = c->shared[j];

		c->shared[j] = 0;
		if (j == item || (double)shared < c->least)
			continue;
		any = true;
		if (!allowed || bitset_has(allowed, j))
			c->best[n++] =
			    (struct candidate){ (float)shared * c->discount[j], j };
	}
	if (n > k)
		best_select(c->best, n, k);
	n = MIN(n, k);
	best_sort(c->best, n);
	*best = c->best;
	return any ? (long)n : -1;
}
