/* filter_scratch - memory that filters need while they run, and not between. */
#include "filter_scratch.h"

#include <stdlib.h>
#include <string.h>

#include "bitset.h"

struct filter_scratch *
filter_scratch_new(const struct catalog *c)
{
	struct filter_scratch *s = xcalloc(1, sizeof *s);

	s->catalog = c;
	s->bits = MAX(c->items.strings.n, c->users.strings.n) + 1;
	return s;
}

void
filter_scratch_free(struct filter_scratch *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->depth; i++)
		free(s->stack[i]);
	free(s->stack);
	free(s->include);
	free(s->exclude);
	free(s->counts);
	free(s->group);
	free(s->seen);
	free(s);
}

void
filter_scratch_sets(struct filter_scratch *s, size_t depth)
{
	if (!s->include) {
		s->include = bitset_new(s->bits);
		s->exclude = bitset_new(s->bits);
	}
	if (depth <= s->depth)
		return;
	s->stack = xrealloc(s->stack, depth, sizeof *s->stack);
	while (s->depth < depth)
		s->stack[s->depth++] = bitset_new(s->bits);
}

void
filter_scratch_counts(struct filter_scratch *s)
{
	if (!s->counts)
		s->counts = xcalloc(s->catalog->items.strings.n, sizeof *s->counts);
}

static void
group_types(struct filter_scratch *s)
{
	const struct strings *types = &s->catalog->history.types;
	size_t k;

	s->group = xcalloc(types->n + 1, sizeof *s->group);
	s->seen = xcalloc(types->n + 1, sizeof *s->seen);
	for (size_t i = 0; i < types->n; i++) {
		for (k = 0; k < i; k++)
			if (span_equal_nocase(strings_get(types, (uint32_t)k),
				strings_get(types, (uint32_t)i)))
				break;
		s->group[i] = (uint16_t)k;
	}
	s->group[types->n] = (uint16_t)types->n;
}

void
filter_scratch_seen(struct filter_scratch *s)
{
	if (!s->group)
		group_types(s);
	memset(s->seen, 0, (s->catalog->history.types.n + 1) * sizeof *s->seen);
}
