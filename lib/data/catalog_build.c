/* catalog_build - lay out what was read. */
#include "catalog_build.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int
by_text(const void *a, const void *b, void *ids)
{
	const uint32_t *x = a, *y = b;

	return span_compare(idmap_get(ids, *x), idmap_get(ids, *y));
}

struct id_order
id_order_of(struct idmap *ids, size_t kept)
{
	struct id_order o = { .n = idmap_count(ids) };

	o.final = xcalloc(o.n, sizeof *o.final);
	o.arrival = xcalloc(o.n, sizeof *o.arrival);
	for (size_t i = 0; i < o.n; i++)
		o.arrival[i] = (uint32_t)i;
	qsort_r(o.arrival + kept, o.n - kept, sizeof *o.arrival, by_text, ids);
	for (size_t i = 0; i < o.n; i++)
		o.final[o.arrival[i]] = (uint32_t)i;
	return o;
}

void
id_order_release(struct id_order *o)
{
	free(o->final);
	free(o->arrival);
}

struct strings
catalog_build_strings(
    struct catalog *c, const struct idmap *map, const struct id_order *o)
{
	uint64_t *offset = catalog_own(c, xcalloc(o->n + 1, sizeof *offset));
	struct buf bytes = { 0 };

	for (size_t i = 0; i < o->n; i++) {
		struct span text = idmap_get(map, o->arrival[i]);

		buf_add(&bytes, text.data, text.len);
		offset[i + 1] = bytes.len;
	}
	buf_reserve(&bytes, 0);
	catalog_own(c, bytes.data);
	return (struct strings){ o->n, offset, bytes.data };
}

void
catalog_build_ids(struct catalog *c, struct ids *ids, const struct idmap *map,
    const struct id_order *o)
{
	ids->strings = catalog_build_strings(c, map, o);
	ids_index(ids, catalog_own(c, xcalloc(ids_slots(o->n), sizeof(uint32_t))));
}

/* The values of every whole text: 'A|B' has two if the column is categorical. */
struct split {
	uint64_t *offset; /* [n_texts + 1] */
	uint32_t *value;  /* by arrival in values */
	struct idmap *values;
};

static void
split_text(struct split *s, struct span text, bool categorical, size_t *n, size_t *cap)
{
	const char *p = text.data, *end = p + text.len, *bar;

	for (; p <= end; p = bar + 1) {
		bar = categorical ? memchr(p, '|', (size_t)(end - p)) : NULL;
		if (!bar)
			bar = end;
		if (bar == p && text.len)
			continue;
		if (*n == *cap) {
			*cap = *cap ? 2 * *cap : 256;
			s->value = xrealloc(s->value, *cap, sizeof *s->value);
		}
		s->value[(*n)++] =
		    idmap_add(s->values, (struct span){ p, (size_t)(bar - p) });
	}
}

static struct split
split_texts(const struct idmap *texts, bool categorical)
{
	size_t n_texts = idmap_count(texts), n = 0, cap = 0;
	struct split s = { xcalloc(n_texts + 1, sizeof *s.offset), NULL, idmap_new() };

	for (size_t i = 0; i < n_texts; i++) {
		split_text(&s, idmap_get(texts, (uint32_t)i), categorical, &n, &cap);
		s.offset[i + 1] = n;
	}
	return s;
}

static uint32_t
last_row(const struct rows_read *r, const struct id_order *ids, size_t row)
{
	uint32_t arrival = ids->arrival[row];

	return arrival < r->n_ids ? r->last_row[arrival] : NONE;
}

static void
build_texts(struct catalog *c, struct column *col, const struct rows_read *r,
    const struct cells *cells, const struct id_order *ids)
{
	struct split s = split_texts(cells->texts, col->categorical);
	struct id_order o = id_order_of(s.values, 0);
	uint64_t *offset = catalog_own(c, xcalloc(ids->n + 1, sizeof *offset));
	uint32_t *code, row, text;
	size_t n = 0;

	for (size_t i = 0; i < ids->n; i++) {
		row = last_row(r, ids, i);
		text = row == NONE ? NONE : cells->code[row];
		if (text != NONE)
			n += s.offset[text + 1] - s.offset[text];
		offset[i + 1] = n;
	}
	code = catalog_own(c, xcalloc(n, sizeof *code));
	for (size_t i = 0; i < ids->n; i++) {
		if (offset[i] == offset[i + 1])
			continue;
		text = cells->code[last_row(r, ids, i)];
		for (size_t k = 0; k < offset[i + 1] - offset[i]; k++)
			code[offset[i] + k] = o.final[s.value[s.offset[text] + k]];
	}
	col->values = catalog_build_strings(c, s.values, &o);
	col->offset = offset;
	col->code = code;
	id_order_release(&o);
	idmap_free(s.values);
	free(s.offset);
	free(s.value);
}

static void
build_numbers(struct catalog *c, struct column *col, const struct rows_read *r,
    const struct cells *cells, const struct id_order *ids)
{
	double *number = catalog_own(c, xcalloc(ids->n, sizeof *number));

	for (size_t i = 0; i < ids->n; i++) {
		uint32_t row = last_row(r, ids, i);

		number[i] = row == NONE ? NAN : cells->number[row];
	}
	col->number = number;
}

void
catalog_build_table(struct catalog *c, struct table *t, const struct rows_read *r,
    const struct id_order *ids)
{
	const struct schema *s = r->schema;

	t->n_rows = ids->n;
	if (!s)
		return;
	t->columns = catalog_own(c, xcalloc(s->n_fields, sizeof *t->columns));
	for (size_t f = 0; f < s->n_fields; f++) {
		struct column *col = &t->columns[t->n_columns];
		const struct field *field = &s->fields[f];

		if ((int)f == r->id_field)
			continue;
		t->n_columns++;
		col->name = catalog_own(c, xstrdup(field->name));
		col->categorical = field->categorical;
		col->textual = field->textual;
		col->type = field->type == FIELD_STRING    ? COLUMN_STRING
			    : field->type == FIELD_BOOLEAN ? COLUMN_BOOLEAN
							   : COLUMN_NUMBER;
		if (col->type == COLUMN_STRING)
			build_texts(c, col, r, &r->cells[f], ids);
		else
			build_numbers(c, col, r, &r->cells[f], ids);
	}
}
