/* metadata - what a table of items or users says, as a sparse matrix. */
#include "metadata.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "terms.h"

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

/* Rows that have each of the values, or words, of a column's entries. */
static uint32_t *
count_rows(const struct entry *entries, size_t n, size_t n_values)
{
	uint32_t *rows_with = xcalloc(n_values, sizeof *rows_with);

	for (size_t i = 0; i < n; i++)
		rows_with[entries[i].col]++;
	return rows_with;
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

/* Whether a row's value, by its place in the column, stands there for the first time.
 */
static bool
is_first(const struct column *col, uint64_t from, uint64_t at)
{
	for (uint64_t i = from; i < at; i++)
		if (col->code[i] == col->code[at])
			return false;
	return true;
}

/* 'A|A' has one value. */
static void
add_categories(struct collecting *c, const struct column *col)
{
	size_t first = c->n, n = col->values.n, kept = first;
	uint32_t *rows_with, *feature;

	for (size_t r = 0; r < c->n_rows; r++) {
		uint64_t from = col->offset[r], to = col->offset[r + 1];
		size_t of_row = c->n;

		for (uint64_t i = from; i < to; i++)
			if (is_first(col, from, i))
				add(c, r, col->code[i], 1);
		for (size_t i = of_row; i < c->n; i++)
			c->entries[i].value =
			    (float)(1 / sqrt((double)(c->n - of_row)));
	}
	rows_with = count_rows(c->entries + first, c->n - first, n);
	feature = number_values(c, rows_with, n);
	for (size_t i = first; i < c->n; i++) {
		struct entry e = c->entries[i];

		if (feature[e.col] == NONE)
			continue;
		e.col = feature[e.col];
		c->entries[kept++] = e;
	}
	c->n = kept;
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

/* Words become features with their weights, rows of length 1. Returns what is kept. */
static size_t
weigh_words(struct collecting *c, struct entry *entries, size_t n,
    const uint32_t *rows_with, const uint32_t *feature)
{
	size_t kept = 0;

	for (size_t i = 0, from; i < n;) {
		size_t row = entries[i].row;
		double length = 0;

		for (from = kept; i < n && entries[i].row == row; i++) {
			struct entry e = entries[i];

			if (feature[e.col] == NONE)
				continue;
			e.value *=
			    (float)log((double)c->n_rows / (double)rows_with[e.col]);
			length += (double)e.value * (double)e.value;
			e.col = feature[e.col];
			entries[kept++] = e;
		}
		for (size_t k = from; k < kept && length > 0; k++)
			entries[k].value /= (float)sqrt(length);
	}
	return kept;
}

static void
add_text(struct collecting *c, const struct column *col)
{
	struct terms *terms = terms_new();
	const struct term *found;
	size_t first = c->n, n;
	uint32_t *rows_with, *feature;

	for (size_t r = 0; r < c->n_rows; r++) {
		if (col->offset[r] == col->offset[r + 1])
			continue;
		n = terms_of(terms,
		    strings_get(&col->values, col->code[col->offset[r]]), &found);
		for (size_t i = 0; i < n; i++)
			add(c, r, found[i].number, 1 + log((double)found[i].times));
	}
	n = terms_count(terms);
	rows_with = count_rows(c->entries + first, c->n - first, n);
	feature = number_values(c, rows_with, n);
	c->n = first +
	       weigh_words(c, c->entries + first, c->n - first, rows_with, feature);
	terms_free(terms);
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
