/* filter_index - which rows have a value, for columns of text that are asked often. */
#include "filter_index.h"

#include <stdlib.h>

enum { OFTEN = 8 };

struct entry {
	const struct column *column;
	size_t n_rows;
	unsigned asked;
	struct postings postings; /* row NULL: not made yet */
};

struct filter_index {
	struct entry *entries; /* [n], items' columns, then users' */
	size_t n;
};

static void
add_table(struct filter_index *x, const struct table *t)
{
	for (size_t i = 0; i < t->n_columns; i++)
		x->entries[x->n++] =
		    (struct entry){ .column = &t->columns[i], .n_rows = t->n_rows };
}

struct filter_index *
filter_index_new(const struct catalog *c)
{
	struct filter_index *x = xcalloc(1, sizeof *x);

	x->entries = xcalloc(
	    c->item_table.n_columns + c->user_table.n_columns, sizeof *x->entries);
	add_table(x, &c->item_table);
	add_table(x, &c->user_table);
	return x;
}

void
filter_index_free(struct filter_index *x)
{
	if (!x)
		return;
	for (size_t i = 0; i < x->n; i++) {
		free(x->entries[i].postings.offset);
		free(x->entries[i].postings.row);
	}
	free(x->entries);
	free(x);
}

/* Count each value, turn counts into places, put the rows there: a counting sort. */
static void
make(struct entry *e)
{
	const struct column *c = e->column;
	size_t n = c->values.n;
	uint64_t *at = xcalloc(n + 2, sizeof *at);
	uint32_t *row = xcalloc(c->offset[e->n_rows], sizeof *row);

	for (uint64_t i = 0; i < c->offset[e->n_rows]; i++)
		at[c->code[i] + 2]++;
	for (size_t v = 2; v < n + 2; v++)
		at[v] += at[v - 1];
	/* at[v + 1] is where v's next row goes; in the end, where v's rows end. */
	for (size_t r = 0; r < e->n_rows; r++)
		for (uint64_t i = c->offset[r]; i < c->offset[r + 1]; i++)
			row[at[c->code[i] + 1]++] = (uint32_t)r;
	e->postings = (struct postings){ at, row };
}

const struct postings *
filter_index_get(struct filter_index *x, const struct column *column)
{
	for (size_t i = 0; i < x->n; i++) {
		struct entry *e = &x->entries[i];

		if (e->column != column)
			continue;
		if (!e->postings.row && ++e->asked < OFTEN)
			return NULL;
		if (!e->postings.row)
			make(e);
		return &e->postings;
	}
	return NULL;
}
