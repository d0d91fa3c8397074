/* catalog_read - the rows of a dataset as they come. */
#include "catalog_read.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "catalog.h"
#include "json.h"

static int64_t
integer_of(const struct json_value *v)
{
	const char *p = v->raw.data, *end = p + v->raw.len;
	bool minus = *p == '-';
	uint64_t n = 0;

	for (p += minus; p < end && *p >= '0' && *p <= '9'; p++)
		n = n * 10 + (uint64_t)(*p - '0');
	if (p < end)
		return (int64_t)json_number(v);
	return (int64_t)(minus ? -n : n);
}

static double
number_of(const struct json_value *v)
{
	switch (v->type) {
	case JSON_TRUE:
		return 1;
	case JSON_FALSE:
		return 0;
	case JSON_NUMBER:
		return json_number(v);
	default:
		return NAN;
	}
}

/*
 * The field a member names, -1 if none. Rows have the schema's order, so it is
 * nearly always the one behind the last.
 */
static int
field_of(const struct schema *s, const struct json_value *name, int last)
{
	struct buf scratch = { 0 };
	int field = last + 1;

	if ((size_t)field < s->n_fields && json_is(name, s->fields[field].name))
		return field;
	field = schema_field(s, json_text(name, &scratch));
	buf_release(&scratch);
	return field;
}

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
	struct json_value name, v;
	struct json j;
	int field = -1, more;
	uint32_t id = NONE;

	json_open(&j, line.data, line.len);
	if (json_enter(&j, '{') < 0)
		return -1;
	start_row(r);
	while ((more = json_member(&j, &name)) > 0 && json_value(&j, &v) == 0) {
		field = field_of(r->schema, &name, field);
		if (field < 0 || v.type == JSON_NULL)
			continue;
		if (field == r->id_field && v.type == JSON_STRING)
			id = idmap_add(ids, json_text(&v, &scratch));
		else if (!r->cells[field].texts)
			r->cells[field].number[r->n] = number_of(&v);
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

static int
bad_row(const struct dataset *d, const struct rows *rows, char **why)
{
	*why = xasprintf("%s/%s:%zu: not a row of its schema", d->path,
	    rows->segment->file, rows->number);
	return -1;
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
			more = bad_row(d, &rows, why);
			break;
		}
	if (rows.why)
		*why = xstrdup(rows.why);
	rows_close(&rows);
	return more;
}

static void
grow_events(struct events *e)
{
	e->cap = e->cap ? 2 * e->cap : 4096;
	e->user = xrealloc(e->user, e->cap, sizeof *e->user);
	e->item = xrealloc(e->item, e->cap, sizeof *e->item);
	e->type = xrealloc(e->type, e->cap, sizeof *e->type);
	e->time = xrealloc(e->time, e->cap, sizeof *e->time);
	if (e->has_value)
		e->value = xrealloc(e->value, e->cap, sizeof *e->value);
}

void
events_release(struct events *e)
{
	free(e->user);
	free(e->item);
	free(e->type);
	free(e->time);
	free(e->value);
	idmap_free(e->types);
}

/* The interaction columns that everything else builds on. */
struct event_fields {
	int user, item, time, type, value;
};

static int
read_event(struct events *e, const struct schema *s, const struct event_fields *at,
    struct span line, struct idmap *users, struct idmap *items)
{
	struct buf scratch = { 0 };
	struct json_value name, v;
	struct json j;
	int field = -1;
	uint32_t user = NONE, item = NONE, type = UINT16_MAX;
	bool timed = false;

	if (e->n == e->cap)
		grow_events(e);
	if (e->has_value)
		e->value[e->n] = NAN;
	json_open(&j, line.data, line.len);
	json_enter(&j, '{');
	while (json_member(&j, &name) > 0 && json_value(&j, &v) == 0) {
		field = field_of(s, &name, field);
		if (field == at->user && v.type == JSON_STRING)
			user = idmap_add(users, json_text(&v, &scratch));
		else if (field == at->item && v.type == JSON_STRING)
			item = idmap_add(items, json_text(&v, &scratch));
		else if (field == at->type && v.type == JSON_STRING)
			type = idmap_add(e->types, json_text(&v, &scratch));
		else if (field == at->time && v.type == JSON_NUMBER) {
			e->time[e->n] = integer_of(&v);
			timed = true;
		} else if (field == at->value && field >= 0)
			e->value[e->n] = (float)number_of(&v);
	}
	buf_release(&scratch);
	if (j.why || user == NONE || item == NONE || !timed)
		return -1;
	e->user[e->n] = user;
	e->item[e->n] = item;
	e->type[e->n++] = (uint16_t)MIN(type, (uint32_t)UINT16_MAX);
	return 0;
}

int
events_read(const struct dataset *d, struct events *e, struct idmap *users,
    struct idmap *items, char **why)
{
	const struct schema *s = d->schemas[INTERACTIONS];
	struct event_fields at;
	struct rows rows;
	int more;

	e->types = idmap_new();
	if (!s)
		return 0;
	at = (struct event_fields){ schema_field(s, span_of("USER_ID")),
		schema_field(s, span_of("ITEM_ID")),
		schema_field(s, span_of("TIMESTAMP")),
		schema_field(s, span_of("EVENT_TYPE")),
		schema_field(s, span_of("EVENT_VALUE")) };
	e->has_value = at.value >= 0;
	rows_open(&rows, d, INTERACTIONS);
	while ((more = rows_next(&rows)) > 0)
		if (read_event(e, s, &at, rows.line, users, items) < 0) {
			more = bad_row(d, &rows, why);
			break;
		}
	if (rows.why)
		*why = xstrdup(rows.why);
	rows_close(&rows);
	return more;
}
