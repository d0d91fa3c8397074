/*
 * toy - a small catalog described row by row, and the real one made from it.
 *
 * What the description says can be read without the catalog's columns, so a slow
 * evaluator on it is an oracle for a fast one on them.
 */
#ifndef TOY_H
#define TOY_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalog.h"

enum {
	TOY_ROWS = 140,
	TOY_COLUMNS = 8,
	TOY_VALUES = 3,
	TOY_EVENTS = 30,
	TOY_TYPES = 6
};

/* Null if n is 0. A number is text too; it counts as its value. */
struct toy_cell {
	int n;
	const char *text[TOY_VALUES];
};

struct toy_column {
	const char *name;
	enum column_type type;
	bool textual;
	struct toy_cell cell[TOY_ROWS];
};

struct toy_table {
	int n;
	const char *id[TOY_ROWS]; /* bytewise rising */
	int n_columns;
	struct toy_column column[TOY_COLUMNS];
};

struct toy_event {
	int item;
	int type;     /* -1: none */
	int64_t time; /* 0: later than what follows it */
	float value;  /* NaN: null; only if the toy has values */
};

struct toy {
	struct toy_table items, users;
	const char *type[TOY_TYPES];
	int n_types;
	int n_events[TOY_ROWS];
	struct toy_event event[TOY_ROWS][TOY_EVENTS]; /* newest first */
	bool has_values;
};

static inline void
toy_strings(struct catalog *c, struct strings *s, const char *const *text, size_t n)
{
	uint64_t *offset = catalog_own(c, xcalloc(n + 1, sizeof *offset));
	struct buf bytes = { 0 };

	for (size_t i = 0; i < n; i++) {
		buf_adds(&bytes, text[i]);
		offset[i + 1] = bytes.len;
	}
	buf_reserve(&bytes, 0);
	*s = (struct strings){ n, offset, catalog_own(c, bytes.data) };
}

static inline void
toy_ids(struct catalog *c, struct ids *ids, const struct toy_table *t)
{
	size_t n = (size_t)t->n;

	toy_strings(c, &ids->strings, t->id, n);
	ids_index(ids, catalog_own(c, xcalloc(ids_slots(n), sizeof(uint32_t))));
}

static inline int
toy_compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static inline void
toy_values(struct catalog *c, struct column *to, const struct toy_column *from, int n)
{
	const char *text[TOY_ROWS * TOY_VALUES];
	size_t all = 0, kept = 0;

	for (int r = 0; r < n; r++)
		for (int i = 0; i < from->cell[r].n; i++)
			text[all++] = from->cell[r].text[i];
	qsort(text, all, sizeof *text, toy_compare);
	for (size_t i = 0; i < all; i++)
		if (!kept || strcmp(text[kept - 1], text[i]) != 0)
			text[kept++] = text[i];
	toy_strings(c, &to->values, text, kept);
}

static inline void
toy_text(struct catalog *c, struct column *to, const struct toy_column *from, int n)
{
	uint64_t *offset = catalog_own(c, xcalloc((size_t)n + 1, sizeof *offset));
	uint32_t *code =
	    catalog_own(c, xcalloc((size_t)n * TOY_VALUES + 1, sizeof *code));
	uint64_t at = 0;

	toy_values(c, to, from, n);
	for (int r = 0; r < n; r++) {
		for (int i = 0; i < from->cell[r].n; i++)
			code[at++] = strings_find_sorted(
			    &to->values, span_of(from->cell[r].text[i]));
		offset[r + 1] = at;
	}
	to->offset = offset;
	to->code = code;
}

static inline void
toy_table(struct catalog *c, struct table *to, const struct toy_table *from)
{
	to->n_rows = (size_t)from->n;
	to->n_columns = (size_t)from->n_columns;
	to->columns = catalog_own(c, xcalloc(to->n_columns, sizeof *to->columns));
	for (int k = 0; k < from->n_columns; k++) {
		const struct toy_column *x = &from->column[k];
		struct column *column = &to->columns[k];
		double *number;

		column->name = catalog_own(c, xstrdup(x->name));
		column->type = x->type;
		column->categorical = x->type == COLUMN_STRING && !x->textual;
		column->textual = x->textual;
		if (x->type == COLUMN_STRING) {
			toy_text(c, column, x, from->n);
			continue;
		}
		number = catalog_own(c, xcalloc((size_t)from->n, sizeof *number));
		for (int r = 0; r < from->n; r++)
			number[r] =
			    x->cell[r].n ? strtod(x->cell[r].text[0], NULL) : NAN;
		column->number = number;
	}
}

static inline void
toy_history(struct catalog *c, const struct toy *toy)
{
	size_t users = (size_t)toy->users.n, most = users * TOY_EVENTS + 1;
	uint64_t *offset = catalog_own(c, xcalloc(users + 1, sizeof *offset)), at = 0;
	uint32_t *item = catalog_own(c, xcalloc(most, sizeof *item));
	uint16_t *type = catalog_own(c, xcalloc(most, sizeof *type));
	int64_t *when = catalog_own(c, xcalloc(most, sizeof *when));
	float *value = catalog_own(c, xcalloc(most, sizeof *value));

	for (size_t u = 0; u < users; u++) {
		for (int i = 0; i < toy->n_events[u]; i++, at++) {
			const struct toy_event *e = &toy->event[u][i];

			item[at] = (uint32_t)e->item;
			type[at] = (uint16_t)e->type;
			when[at] = e->time ? e->time : TOY_EVENTS - i;
			value[at] = e->value;
		}
		offset[u + 1] = at;
	}
	c->history = (struct history){ .offset = offset,
		.item = item,
		.type = type,
		.time = when,
		.value = toy->has_values ? value : NULL };
	toy_strings(c, &c->history.types, toy->type, (size_t)toy->n_types);
}

/* Release with catalog_release. */
static inline struct catalog
toy_catalog(const struct toy *toy)
{
	struct catalog c = { 0 };

	toy_ids(&c, &c.items, &toy->items);
	toy_ids(&c, &c.users, &toy->users);
	toy_table(&c, &c.item_table, &toy->items);
	toy_table(&c, &c.user_table, &toy->users);
	toy_history(&c, toy);
	return c;
}

#endif
