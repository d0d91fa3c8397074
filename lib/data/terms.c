/* terms - how often each word, or each run of characters, stands in a text. */
#include "terms.h"

#include <stdlib.h>
#include <string.h>

#include "idmap.h"
#include "words.h"

struct terms {
	struct idmap *map;
	struct words words;
	struct buf padded; /* a word between blanks */
	uint32_t *place;   /* [cap_place]: index into found, + 1; 0 between calls */
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
	buf_release(&t->padded);
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

static size_t
found(struct terms *t, const struct term **terms)
{
	for (size_t i = 0; i < t->n; i++)
		t->place[t->found[i].number] = 0;
	*terms = t->found;
	return t->n;
}

size_t
terms_of(struct terms *t, struct span text, const struct term **terms)
{
	t->n = 0;
	words_open(&t->words, text);
	while (words_next(&t->words))
		add(t, (struct span){ t->words.word.data, t->words.word.len });
	return found(t, terms);
}

/* Behind one character of UTF-8. */
static size_t
behind(const struct buf *b, size_t at)
{
	for (at++; at < b->len && ((unsigned char)b->data[at] & 0xc0) == 0x80;)
		at++;
	return at;
}

/* The runs of the padded word: two ends that move on together, n characters apart. */
static void
add_grams(struct terms *t, size_t n)
{
	const struct buf *b = &t->padded;
	size_t from = 0, to = 0;

	for (size_t i = 0; i < n && to < b->len; i++)
		to = behind(b, to);
	add(t, (struct span){ b->data, to });
	while (to < b->len) {
		from = behind(b, from);
		to = behind(b, to);
		add(t, (struct span){ b->data + from, to - from });
	}
}

size_t
terms_grams_of(struct terms *t, struct span text, size_t n, const struct term **terms)
{
	t->n = 0;
	words_open(&t->words, text);
	while (words_next(&t->words)) {
		buf_clear(&t->padded);
		buf_addc(&t->padded, ' ');
		buf_add(&t->padded, t->words.word.data, t->words.word.len);
		buf_addc(&t->padded, ' ');
		add_grams(t, n);
	}
	return found(t, terms);
}
