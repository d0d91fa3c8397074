/* seen - the items a user has met, from their own history. */
#include "seen.h"

#include <stdlib.h>

struct seen {
	const struct history *h;
	struct wanted_types wanted;
	uint32_t *place; /* [n_items]: index into items, + 1; 0 between calls */
	struct seen_item *items;
	size_t cap;
};

struct seen *
seen_new(const struct catalog *c, const struct wanted *w)
{
	struct seen *s = xcalloc(1, sizeof *s);

	s->h = &c->history;
	wanted_types_init(&s->wanted, s->h, w);
	s->place = xcalloc(c->items.strings.n, sizeof *s->place);
	return s;
}

void
seen_free(struct seen *s)
{
	if (!s)
		return;
	wanted_types_release(&s->wanted);
	free(s->place);
	free(s->items);
	free(s);
}

size_t
seen_of(struct seen *s, uint32_t user, size_t skip, const struct seen_item **items)
{
	uint64_t from = s->h->offset[user], to = s->h->offset[user + 1];
	size_t n = 0;

	if (to - from > s->cap) {
		s->cap = to - from;
		s->items = xrealloc(s->items, s->cap, sizeof *s->items);
	}
	for (uint64_t i = from; i < to; i++) {
		uint32_t item = s->h->item[i], *place = &s->place[item];
		float weight = (float)wanted_weight(&s->wanted, i);
		struct seen_item *seen;

		if (!(weight > 0) || (skip && skip--))
			continue;
		if (!*place) {
			s->items[n] = (struct seen_item){ item, 0, (uint32_t)n + 1, 0 };
			*place = (uint32_t)++n;
		}
		seen = &s->items[*place - 1];
		seen->times++;
		seen->weight = MAX(seen->weight, weight);
	}
	for (size_t i = 0; i < n; i++)
		s->place[s->items[i].item] = 0;
	*items = s->items;
	return n;
}
