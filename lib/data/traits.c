/* traits - what can be said of each item in a word. */
#include "traits.h"

#include <stdlib.h>

#include "words.h"

static bool
has_values(const struct column *c)
{
	return c->type == COLUMN_STRING && c->categorical;
}

static bool
has_words(const struct traits *t, const struct column *c)
{
	return c->type == COLUMN_STRING && !c->categorical &&
	       (c->textual || c == t->name);
}

/* The traits of a row, one after another. */
struct walk {
	const struct traits *t;
	size_t row, column;
	uint64_t at;
	struct words words;
	bool in_words;
	struct span text; /* the trait */
	struct span form; /* as it stands there */
};

static bool
next_word(struct walk *w)
{
	if (!words_next(&w->words))
		return w->in_words = false;
	w->text = (struct span){ w->words.word.data, w->words.word.len };
	w->form = w->words.raw;
	return true;
}

static bool
walk_next(struct walk *w)
{
	const struct table *table = w->t->table;

	if (w->in_words && next_word(w))
		return true;
	for (; w->column < table->n_columns; w->column++, w->at = 0) {
		const struct column *c = &table->columns[w->column];
		bool values = has_values(c);

		if (!values && !has_words(w->t, c))
			continue;
		while (c->offset[w->row] + w->at < c->offset[w->row + 1]) {
			uint64_t at = c->offset[w->row] + w->at++;

			w->text = w->form = strings_get(&c->values, c->code[at]);
			if (values)
				return true;
			words_open(&w->words, w->text);
			w->in_words = true;
			if (next_word(w))
				return true;
		}
	}
	return false;
}

static int
by_number(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Sorted, without repeats. How many. */
static size_t
tidy(uint32_t *x, size_t n)
{
	size_t kept = 0;

	qsort(x, n, sizeof *x, by_number);
	for (size_t i = 0; i < n; i++)
		if (!kept || x[kept - 1] != x[i])
			x[kept++] = x[i];
	return kept;
}

void
traits_of(struct traits *t, const struct table *table, const struct column *name)
{
	size_t n = 0, cap = 1024;
	struct walk w = { .t = t };

	*t = (struct traits){ .table = table, .name = name, .texts = idmap_new() };
	t->row = xcalloc(table->n_rows + 1, sizeof *t->row);
	t->trait = xcalloc(cap, sizeof *t->trait);
	for (size_t r = 0; r < table->n_rows; r++) {
		w.row = r;
		w.column = 0;
		w.at = 0;
		while (walk_next(&w)) {
			if (n == cap) {
				cap *= 2;
				t->trait = xrealloc(t->trait, cap, sizeof *t->trait);
			}
			t->trait[n++] = idmap_add(t->texts, w.text);
		}
		n = t->row[r] + tidy(t->trait + t->row[r], n - t->row[r]);
		t->row[r + 1] = n;
	}
	t->n = idmap_count(t->texts);
	t->items_with = xcalloc(t->n, sizeof *t->items_with);
	for (uint64_t i = 0; i < n; i++)
		t->items_with[t->trait[i]]++;
	words_release(&w.words);
}

void
traits_release(struct traits *t)
{
	idmap_free(t->texts);
	free(t->row);
	free(t->trait);
	free(t->items_with);
	*t = (struct traits){ 0 };
}

struct span
traits_form(const struct traits *t, uint32_t row, uint32_t trait)
{
	struct walk w = { .t = t, .row = row };
	struct span text = idmap_get(t->texts, trait), form = text;

	while (walk_next(&w))
		if (span_equal(w.text, text)) {
			form = w.form;
			break;
		}
	words_release(&w.words);
	return form;
}
