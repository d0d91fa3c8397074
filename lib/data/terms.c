/* terms - how often each word stands in a text. */
#include "terms.h"

#include <stdlib.h>
#include <string.h>

#include "idmap.h"
#include "words.h"

struct terms {
	struct idmap *map;
	struct words words;
	uint32_t *place; /* [cap_place]: index into found, + 1; 0 between calls */
	size_t cap_place;
	struct term *found;
	size_t n, cap;
};

struct terms *
terms_new(void)
{
	struct terms *t = xcalloc(1, sizeof *t);

	t->map = idmap_new();
	return t;
}

void
terms_free(struct terms *t)
{
	if (!t)
		return;
	idmap_free(t->map);
	words_release(&t->words);
	free(t->place);
	free(t->found);
	free(t);
}

size_t
terms_count(const struct terms *t)
{
	return idmap_count(t->map);
}

struct span
terms_text(const struct terms *t, uint32_t number)
{
	return idmap_get(t->map, number);
}

static void
add(struct terms *t, struct span text)
{
	uint32_t number = idmap_add(t->map, text);

	if (number >= t->cap_place) {
		size_t more = 2 * (size_t)number + 64;

		t->place = xrealloc(t->place, more, sizeof *t->place);
		memset(t->place + t->cap_place, 0,
		    (more - t->cap_place) * sizeof *t->place);
		t->cap_place = more;
	}
	if (t->n == t->cap) {
		t->cap = t->cap ? 2 * t->cap : 64;
		t->found = xrealloc(t->found, t->cap, sizeof *t->found);
	}
	if (!t->place[number]) {
		t->found[t->n] = (struct term){ number, 0 };
		t->place[number] = (uint32_t)++t->n;
	}
	t->found[t->place[number] - 1].times++;
}

size_t
terms_of(struct terms *t, struct span text, const struct term **terms)
{
	t->n = 0;
	words_open(&t->words, text);
	while (words_next(&t->words))
		add(t, (struct span){ t->words.word.data, t->words.word.len });
	for (size_t i = 0; i < t->n; i++)
		t->place[t->found[i].number] = 0;
	*terms = t->found;
	return t->n;
}
