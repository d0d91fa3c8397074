/* met - what having met items adds to their scores, for one user. */
#include "met.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void
met_release(struct met *met)
{
	free(met->items);
	free(met->room);
	free(met->log_of);
}

static void
reserve(struct met *met, size_t n)
{
	if (n > met->cap) {
		met->cap = n + n / 2;
		met->items = xrealloc(met->items, met->cap, sizeof *met->items);
		met->room = xrealloc(met->room, met->cap, sizeof *met->room);
	}
	/* Ages go up to n, and hardly anything is met more often. */
	if (n >= met->n_logs) {
		size_t more = 2 * n + 256;

		met->log_of = xrealloc(met->log_of, more, sizeof *met->log_of);
		for (size_t i = met->n_logs; i < more; i++)
			met->log_of[i] = log((double)i);
		met->n_logs = more;
	}
}

static double
log_of(const struct met *met, uint32_t n)
{
	return n < met->n_logs ? met->log_of[n] : log((double)n);
}

enum { FEW = 24, RADIX = 256 };

static void
sort_few(struct met_item *x, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		struct met_item item = x[i];
		size_t j = i;

		for (; j && x[j - 1].at > item.at; j--)
			x[j] = x[j - 1];
		x[j] = item;
	}
}

/* By digits, the last first; `most` is the greatest position. */
static void
sort_by_position(struct met *met, uint32_t most)
{
	if (met->n <= FEW) {
		sort_few(met->items, met->n);
		return;
	}
	for (int shift = 0; shift < 32 && most >> shift; shift += 8) {
		struct met_item *other = met->room;
		uint32_t start[RADIX + 1] = { 0 };

		for (size_t i = 0; i < met->n; i++)
			start[(met->items[i].at >> shift) % RADIX + 1]++;
		for (size_t d = 0; d < RADIX; d++)
			start[d + 1] += start[d];
		for (size_t i = 0; i < met->n; i++)
			other[start[(met->items[i].at >> shift) % RADIX]++] =
			    met->items[i];
		met->room = met->items;
		met->items = other;
	}
}

void
met_find(struct met *met, const struct model *m, struct seen *seen, uint32_t user)
{
	const struct seen_item *items;
	size_t n = seen_of(seen, user, 0, &items);
	uint32_t most = 0;

	met->n = 0;
	reserve(met, n);
	for (size_t i = 0; i < n; i++) {
		const struct seen_item *s = &items[i];
		uint32_t at = m->place[s->item];

		if (at == NONE)
			continue;
		most = MAX(most, at);
		met->items[met->n++] = (struct met_item){ at,
			(float)weights_met(&m->weights, log_of(met, s->times),
			    log_of(met, s->age), s->age == 1) };
	}
	sort_by_position(met, most);
}

float
met_value(const struct met *met, uint32_t at)
{
	size_t from = 0, to = met->n;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (met->items[middle].at < at)
			from = middle + 1;
		else
			to = middle;
	}
	return from < met->n && met->items[from].at == at ? met->items[from].value : 0;
}
