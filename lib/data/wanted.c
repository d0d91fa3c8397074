/* wanted - which interactions count. */
#include "wanted.h"

#include <stdlib.h>

void
wanted_init(struct wanted_types *t, const struct history *h, const struct wanted *w)
{
	size_t n = h->types.n;

	*t = (struct wanted_types){ h, xcalloc(n + 1, sizeof *t->type),
		w->has_threshold, w->threshold };
	for (size_t i = 0; i < n; i++)
		t->type[i] = !w->event_type ||
			     span_equal_nocase(strings_get(&h->types, (uint32_t)i),
				 span_of(w->event_type));
	t->type[n] = !w->event_type;
}

bool
wanted_counts(const struct wanted_types *t, uint64_t i)
{
	uint16_t type = t->h->type[i];

	if (!t->type[type == UINT16_MAX ? t->h->types.n : type])
		return false;
	/* A null value is not at least anything. */
	return !t->has_threshold ||
	       (t->h->value && (double)t->h->value[i] >= t->threshold);
}

void
wanted_release(struct wanted_types *t)
{
	free(t->type);
}
