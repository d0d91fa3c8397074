/* catalog_read - the rows of items and users as they come. */
#include "catalog_read.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "catalog.h"
#include "catalog_cells.h"

void
rows_read_init(struct rows_read *r, const struct schema *s, const char *id)
{
	*r = (struct rows_read){ .schema = s, .id_field = -1 };
	if (!s)
		return;
	r->id_field = schema_field(s, span_of(id));
	r->cells = xcalloc(s->n_fields, sizeof *r->cells);
	for (size_t f = 0; f < s->n_fields; f++)
		if (s->fields[f].type == FIELD_STRING && (int)f != r->id_field)
			r->cells[f].texts = idmap_new();
}

void
rows_read_release(struct rows_read *r)
{
	for (size_t f = 0; r->schema && f < r->schema->n_fields; f++) {
		free(r->cells[f].number);
		free(r->cells[f].code);
		idmap_free(r->cells[f].texts);
	}
	free(r->cells);
	free(r->last_row);
}

static void
grow_rows(struct rows_read *r)
{
	r->cap = r->cap ? 2 * r->cap : 1024;
	for (size_t f = 0; f < r->schema->n_fields; f++) {
		struct cells *c = &r->cells[f];

		if (c->texts)
			c->code = xrealloc(c->code, r->cap, sizeof *c->code);
		else
			c->number = xrealloc(c->number, r->cap, sizeof *c->number);
	}
}

static void
start_row(struct rows_read *r)
{
	if (r->n == r->cap)
		grow_rows(r);
	for (size_t f = 0; f < r->schema->n_fields; f++) {
		if (r->cells[f].texts)
			r->cells[f].code[r->n] = NONE;
		else
			r->cells[f].number[r->n] = NAN;
	}
}

static void
row_belongs_to(struct rows_read *r, uint32_t id)
{
	if (id >= r->n_ids) {
		size_t n = MAX((size_t)id + 1, r->n_ids + r->n_ids / 2);

		r->last_row = xrealloc(r->last_row, n, sizeof *r->last_row);
		memset(r->last_row + r->n_ids, 0xff, (n - r->n_ids) * sizeof(uint32_t));
		r->n_ids = n;
	}
	r->last_row[id] = (uint32_t)r->n++;
}

/* One row of items or users into the cells. -1: it has no ID, or no JSON. */
static int
read_row(struct rows_read *r, struct span line, struct idmap *ids)
{
	struct buf scratch = { 0 };
	struct json_value v;
	struct json j;
	int field = -1;
	uint32_t id = NONE;

	json_open(&j, line.data, line.len);
	if (json_enter(&j, '{') < 0)
		return -1;
	start_row(r);
	while (cell_next(&j, r->schema, &field) > 0 && json_value(&j, &v) == 0) {
		if (field < 0 || v.type == JSON_NULL)
			continue;
		if (field == r->id_field && v.type == JSON_STRING)
			id = idmap_add(ids, json_text(&v, &scratch));
		else if (!r->cells[field].texts)
			r->cells[field].number[r->n] = cell_number(&v);
		else if (v.type == JSON_STRING)
			r->cells[field].code[r->n] =
			    idmap_add(r->cells[field].texts, json_text(&v, &scratch));
	}
	buf_release(&scratch);
	if (j.why || id == NONE)
		return -1;
	row_belongs_to(r, id);
	return 0;
}

int
rows_read_all(const struct dataset *d, enum dataset_type type, struct rows_read *r,
    struct idmap *ids, char **why)
{
	struct rows rows;
	int more;

	if (!d->schemas[type])
		return 0;
	rows_open(&rows, d, type);
	while ((more = rows_next(&rows)) > 0)
		if (read_row(r, rows.line, ids) < 0) {
			*why = catalog_bad_row(d, rows.segment, rows.number);
			more = -1;
			break;
		}
	if (rows.why)
		*why = xstrdup(rows.why);
	rows_close(&rows);
	return more;
}

char *
catalog_bad_row(const struct dataset *d, const struct segment *s, size_t number)
{
	return xasprintf(
	    "%s/%s:%zu: not a row of its schema", d->path, s->file, number);
}
