/* metadata - what a table of items or users says, as a sparse matrix. */
#include "metadata.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "idmap.h"
#include "words.h"

enum { BINS = 10 };

/* Entries by rows to come: appended column by column, then put in order. */
struct entry {
	uint32_t row, col;
	float value;
};

struct collecting {
	struct entry *entries;
	size_t n, cap;
	size_t n_features, n_rows;
};

static void
add(struct collecting *c, size_t row, size_t col, double value)
{
	if (c->n == c->cap) {
		c->cap = c->cap ? 2 * c->cap : 1024;
		c->entries = xrealloc(c->entries, c->cap, sizeof *c->entries);
	}
	c->entries[c->n++] =
	    (struct entry){ (uint32_t)row, (uint32_t)col, (float)value };
}

/* Features for the values that more than one row has; NONE for the others. */
static uint32_t *
number_values(struct collecting *c, const uint32_t *rows_with, size_t n)
{
	uint32_t *feature = xcalloc(n, sizeof *feature);

	for (size_t v = 0; v < n; v++)
		feature[v] = rows_with[v] > 1 ? (uint32_t)c->n_features++ : NONE;
	return feature;
}

static void
add_categories(struct collecting *c, const struct column *col)
{
	size_t n = col->values.n;
	uint32_t *rows_with = xcalloc(n, sizeof *rows_with), *feature;

	for (uint64_t i = 0; i < col->offset[c->n_rows]; i++)
		rows_with[col->code[i]]++;
	feature = number_values(c, rows_with, n);
	for (size_t r = 0; r < c->n_rows; r++) {
		uint64_t from = col->offset[r], to = col->offset[r + 1];

		for (uint64_t i = from; i < to; i++)
			if (feature[col->code[i]] != NONE)
				add(c, r, feature[col->code[i]],
				    1 / sqrt((double)(to - from)));
	}
	free(rows_with);
	free(feature);
}

static int
by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* The bins' upper bounds are the values at equal shares of the rows, without repeats.
 */
static void
add_number(struct collecting *c, const struct column *col)
{
	double *sorted = xcalloc(c->n_rows, sizeof *sorted), bound[BINS];
	size_t n = 0, bins = 0;

	for (size_t r = 0; r < c->n_rows; r++)
		if (!isnan(col->number[r]))
			sorted[n++] = col->number[r];
	qsort(sorted, n, sizeof *sorted, by_value);
	for (size_t b = 1; b <= BINS && n; b++) {
		double x = sorted[(b * n - 1) / BINS];

		if (!bins || x > bound[bins - 1])
			bound[bins++] = x;
	}
	for (size_t r = 0; r < c->n_rows; r++) {
		size_t b = 0;

		if (isnan(col->number[r]))
			continue;
		while (b + 1 < bins && col->number[r] > bound[b])
			b++;
		add(c, r, c->n_features + b, 1);
	}
	c->n_features += bins;
	free(sorted);
}

/* A word of a row: its number, and how often it is there. */
struct used {
	uint32_t word, times;
};

static size_t
words_of(struct words *w, struct idmap *map, struct span text, struct used **used,
    size_t *cap)
{
	size_t n = 0;

	words_open(w, text);
	while (words_next(w)) {
		uint32_t word =
		    idmap_add(map, (struct span){ w->word.data, w->word.len });
		size_t i = 0;

		while (i < n && (*used)[i].word != word)
			i++;
		if (i == *cap) {
			*cap = *cap ? 2 * *cap : 64;
			*used = xrealloc(*used, *cap, sizeof **used);
		}
		if (i == n)
			(*used)[n++] = (struct used){ word, 0 };
		(*used)[i].times++;
	}
	return n;
}

static void
add_text(struct collecting *c, const struct column *col)
{
	struct idmap *map = idmap_new();
	struct words w = { 0 };
	struct used *used = NULL;
	uint32_t *rows_with = NULL, *feature;
	size_t cap = 0, cap_words = 0, n, first = c->n;

	for (size_t r = 0; r < c->n_rows; r++) {
		if (col->offset[r] == col->offset[r + 1])
			continue;
		n = words_of(&w, map,
		    strings_get(&col->values, col->code[col->offset[r]]), &used, &cap);
		if (idmap_count(map) > cap_words) {
			size_t more = 2 * idmap_count(map);

			rows_with = xrealloc(rows_with, more, sizeof *rows_with);
			memset(rows_with + cap_words, 0,
			    (more - cap_words) * sizeof *rows_with);
			cap_words = more;
		}
		for (size_t i = 0; i < n; i++) {
			rows_with[used[i].word]++;
			add(c, r, used[i].word, 1 + log((double)used[i].times));
		}
	}
	feature = number_values(c, rows_with, idmap_count(map));
	/* Now that all words are known: their weights, and rows of length 1. */
	for (size_t i = first, kept = first; i < c->n || (c->n = kept, false);) {
		size_t row = c->entries[i].row, from = kept;
		double length = 0;

		for (; i < c->n && c->entries[i].row == row; i++) {
			struct entry e = c->entries[i];

			if (feature[e.col] == NONE)
				continue;
			e.value *=
			    (float)log((double)c->n_rows / (double)rows_with[e.col]);
			length += (double)e.value * (double)e.value;
			e.col = feature[e.col];
			c->entries[kept++] = e;
		}
		for (size_t k = from; k < kept && length > 0; k++)
			c->entries[k].value /= (float)sqrt(length);
	}
	words_release(&w);
	idmap_free(map);
	free(used);
	free(rows_with);
	free(feature);
}

/* Entries come column by column, each by rows: a counting sort keeps that order. */
static void
put_in_rows(struct metadata *f, const struct collecting *c)
{
	f->row = xcalloc(c->n_rows + 1, sizeof *f->row);
	f->col = xcalloc(c->n, sizeof *f->col);
	f->value = xcalloc(c->n, sizeof *f->value);
	for (size_t i = 0; i < c->n; i++)
		f->row[c->entries[i].row + 1]++;
	for (size_t r = 0; r < c->n_rows; r++)
		f->row[r + 1] += f->row[r];
	for (size_t i = 0; i < c->n; i++) {
		uint64_t at = f->row[c->entries[i].row]++;

		f->col[at] = c->entries[i].col;
		f->value[at] = c->entries[i].value;
	}
	memmove(f->row + 1, f->row, c->n_rows * sizeof *f->row);
	f->row[0] = 0;
}

void
metadata_of(struct metadata *f, const struct table *t)
{
	struct collecting c = { .n_features = 1, .n_rows = t->n_rows };

	for (size_t r = 0; r < t->n_rows; r++)
		add(&c, r, 0, 1);
	for (size_t i = 0; i < t->n_columns; i++) {
		const struct column *col = &t->columns[i];

		if (col->excluded)
			continue;
		if (col->type != COLUMN_STRING)
			add_number(&c, col);
		else if (col->textual)
			add_text(&c, col);
		else if (col->categorical)
			add_categories(&c, col);
	}
	*f = (struct metadata){ .n_rows = t->n_rows, .n_features = c.n_features };
	put_in_rows(f, &c);
	free(c.entries);
}

void
metadata_release(struct metadata *f)
{
	free(f->row);
	free(f->col);
	free(f->value);
	*f = (struct metadata){ 0 };
}
