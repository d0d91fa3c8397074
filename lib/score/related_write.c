/* related_write - the members of an output that answers with related items. */
#include "related_write.h"

#include <math.h>
#include <stdlib.h>

#include "json.h"
#include "number.h"

struct place {
	uint32_t item;
	double value, relevance;
	size_t rank; /* before themes */
};

struct related_writer {
	const struct catalog *c;
	struct related_extras with;
	struct theme *theme;  /* NULL without themes */
	struct place *places; /* [k] */
	uint32_t *items;      /* [k] */
	double *relevance;    /* [k] */
	struct buf title;
};

struct related_writer *
related_writer_new(
    const struct catalog *c, size_t k, const struct related_extras *extras)
{
	struct related_writer *w = xcalloc(1, sizeof *w);

	w->c = c;
	w->with = *extras;
	if (extras->themes)
		w->theme = theme_new(extras->themes);
	w->places = xcalloc(k, sizeof *w->places);
	w->items = xcalloc(k, sizeof *w->items);
	w->relevance = xcalloc(k, sizeof *w->relevance);
	return w;
}

void
related_writer_free(struct related_writer *w)
{
	if (!w)
		return;
	theme_free(w->theme);
	free(w->places);
	free(w->items);
	free(w->relevance);
	buf_release(&w->title);
	free(w);
}

static int
by_relevance(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->relevance != y->relevance)
		return x->relevance < y->relevance ? 1 : -1;
	return (x->rank > y->rank) - (x->rank < y->rank);
}

/* The theme's title, or what stands for one, and the items in its order. */
static void
find_theme(struct related_writer *w, uint32_t item, size_t n)
{
	theme_of(w->theme, w->items, n, &w->title, w->relevance);
	for (size_t i = 0; i < n; i++)
		w->places[i].relevance = round(w->relevance[i] * 1e9) / 1e9;
	qsort(w->places, n, sizeof *w->places, by_relevance);
	if (w->title.len)
		return;
	if (item == NONE)
		buf_adds(&w->title, "Popular items");
	else {
		struct span name = themes_name(w->with.themes, item);

		if (!name.len)
			name = strings_get(&w->c->items.strings, item);
		buf_adds(&w->title, "Like ");
		buf_add(&w->title, name.data, name.len);
	}
}

static void
add_value(struct buf *out, const char *value, bool first)
{
	if (!first)
		buf_addc(out, ',');
	buf_adds(out, value);
}

static void
add_theme(const struct related_writer *w, size_t n, struct buf *out)
{
	char number[NUMBER_SIZE];

	buf_adds(out, ",\"theme\":");
	json_quote(out, w->title.data, w->title.len);
	buf_adds(out, ",\"itemsThemeRelevanceScores\":[");
	for (size_t i = 0; i < n; i++) {
		number_json(number, w->places[i].relevance);
		add_value(out, number, !i);
	}
	buf_addc(out, ']');
}

static void
add_scores(const struct related_writer *w, size_t n, struct buf *out)
{
	char number[NUMBER_SIZE];

	buf_adds(out, ",\"scores\":[");
	for (size_t i = 0; i < n; i++) {
		number_score(number, w->places[i].value);
		add_value(out, number, !i);
	}
	buf_addc(out, ']');
}

static void
add_reasons(bool stand_in, size_t n, struct buf *out)
{
	buf_adds(out, ",\"reason\":[");
	for (size_t i = 0; i < n; i++)
		add_value(out, stand_in ? "[\"Popular item\"]" : "[]", !i);
	buf_addc(out, ']');
}

void
related_write(struct related_writer *w, uint32_t item, bool stand_in,
    const struct candidate *list, size_t n, struct buf *out)
{
	for (size_t i = 0; i < n; i++) {
		w->items[i] = list[i].at;
		w->places[i] = (struct place){ list[i].at,
			stand_in ? 0 : (double)list[i].value, 0, i };
	}
	if (w->theme)
		find_theme(w, stand_in ? NONE : item, n);
	buf_adds(out, "\"recommendedItems\":[");
	for (size_t i = 0; i < n; i++) {
		struct span id = strings_get(&w->c->items.strings, w->places[i].item);

		if (i)
			buf_addc(out, ',');
		json_quote(out, id.data, id.len);
	}
	buf_addc(out, ']');
	if (w->theme)
		add_theme(w, n, out);
	if (w->with.similarity)
		add_scores(w, n, out);
	if (w->with.reasons)
		add_reasons(stand_in, n, out);
}
