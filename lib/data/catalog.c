/* catalog - what is known of items, users and their interactions, in columns. */
#include "catalog.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

void *
catalog_own(struct catalog *c, void *heap_block)
{
	c->owned = xrealloc(c->owned, c->n_owned + 1, sizeof *c->owned);
	c->owned[c->n_owned++] = heap_block;
	return heap_block;
}

void
catalog_release(struct catalog *c)
{
	for (size_t i = 0; i < c->n_owned; i++)
		free(c->owned[i]);
	free(c->owned);
	*c = (struct catalog){ 0 };
}

const char catalog_user_damaged[] = "what the model file holds of the user is damaged";
const char catalog_users_damaged[] =
    "what the model file holds of some users is damaged";

bool
catalog_user_right(const struct catalog *c, uint32_t user)
{
	return !c->right || user == NONE || c->right(c->of, user);
}

bool
catalog_users_right(const struct catalog *c)
{
	return !c->right || c->right(c->of, NONE);
}

struct span
strings_get(const struct strings *s, uint32_t number)
{
	uint64_t from = s->offset[number];

	return (struct span){ s->bytes + from, s->offset[number + 1] - from };
}

uint32_t
strings_find_sorted(const struct strings *s, struct span text)
{
	size_t from = 0, to = s->n;

	while (from < to) {
		size_t middle = from + (to - from) / 2;
		int order = span_compare(strings_get(s, (uint32_t)middle), text);

		if (!order)
			return (uint32_t)middle;
		if (order < 0)
			from = middle + 1;
		else
			to = middle;
	}
	return NONE;
}

uint32_t
ids_find(const struct ids *ids, struct span id)
{
	size_t i = XXH3_64bits(id.data, id.len) & ids->mask;
	uint32_t number;

	while ((number = ids->slot[i]) != NONE) {
		if (span_equal(strings_get(&ids->strings, number), id))
			return number;
		i = (i + 1) & ids->mask;
	}
	return NONE;
}

size_t
ids_slots(size_t n)
{
	size_t slots = 16;

	while (slots < 2 * n)
		slots *= 2;
	return slots;
}

void
ids_index(struct ids *ids, uint32_t *slot)
{
	size_t slots = ids_slots(ids->strings.n), i;

	memset(slot, 0xff, slots * sizeof *slot);
	for (size_t k = 0; k < ids->strings.n; k++) {
		struct span id = strings_get(&ids->strings, (uint32_t)k);

		i = XXH3_64bits(id.data, id.len) & (slots - 1);
		while (slot[i] != NONE)
			i = (i + 1) & (slots - 1);
		slot[i] = (uint32_t)k;
	}
	ids->slot = slot;
	ids->mask = slots - 1;
}

const struct column *
table_column(const struct table *t, struct span name)
{
	for (size_t i = 0; i < t->n_columns; i++)
		if (span_equal_nocase(span_of(t->columns[i].name), name))
			return &t->columns[i];
	return NULL;
}

int64_t *
catalog_first_met(const struct catalog *c)
{
	const struct history *h = &c->history;
	size_t n_items = c->items.strings.n;
	uint64_t n = h->offset[c->users.strings.n];
	int64_t *first = xcalloc(n_items + 1, sizeof *first), latest = INT64_MIN;

	for (size_t i = 0; i < n_items; i++)
		first[i] = INT64_MAX;
	for (uint64_t i = 0; i < n; i++) {
		int64_t time = h->time[i], *of = &first[h->item[i]];

		*of = time < *of ? time : *of;
		latest = time > latest ? time : latest;
	}
	first[n_items] = latest;
	return first;
}
