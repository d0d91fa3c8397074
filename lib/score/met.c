/* met - what having met items adds to their scores, for one user. */
#include "met.h"

#include <stdlib.h>

static int
by_position(const void *a, const void *b)
{
	const struct met_item *x = a, *y = b;

	return (x->at > y->at) - (x->at < y->at);
}

void
met_find(struct met *met, const struct model *m, struct seen *seen, uint32_t user)
{
	const struct seen_item *items;
	size_t n = seen_of(seen, user, 0, &items);

	met->n = 0;
	if (n > met->cap) {
		met->cap = n;
		met->items = xrealloc(met->items, n, sizeof *met->items);
	}
	for (size_t i = 0; i < n; i++) {
		uint32_t at = m->place[items[i].item];

		if (at != NONE)
			met->items[met->n++] = (struct met_item){ at,
				(float)weights_seen(&m->weights, &items[i]) };
	}
	if (met->n)
		qsort(met->items, met->n, sizeof *met->items, by_position);
}

float
met_value(const struct met *met, uint32_t at)
{
	struct met_item key = { at, 0 };
	const struct met_item *found = NULL;

	if (met->n)
		found = bsearch(&key, met->items, met->n, sizeof key, by_position);
	return found ? found->value : 0;
}
