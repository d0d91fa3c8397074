/*
 * catalog_load - a catalog out of a dataset directory.
 *
 * Rows arrive in any order and later ones replace earlier ones. So cells are first
 * kept as they come, IDs numbered by arrival; then IDs are sorted, and columns are
 * laid out in the order of the IDs from each ID's last row.
 */
#include "catalog_load.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "idmap.h"
#include "json.h"

/* A column as its rows come: numbers, or codes into a dictionary of whole texts. */
struct cells {
	double *number;
	uint32_t *code;
	struct idmap *texts; /* NULL: a column of numbers */
};

/* The rows of items or users. */
struct rows_read {
	const struct schema *schema;
	int id_field;
	size_t n, cap;
	struct cells *cells; /* [n_fields] */
	uint32_t *last_row;  /* [n_ids]: the last row of each ID, NONE: it has none */
	size_t n_ids;
};

struct events {
	size_t n, cap;
	uint32_t *user, *item;
	uint16_t *type;
	int64_t *time;
	float *value;
	bool has_value;
	struct idmap *types;
};

/* Numbers by arrival to final numbers and back. */
struct order {
	size_t n;
	uint32_t *final;   /* [n] by arrival number */
	uint32_t *arrival; /* [n] by final number */
};

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

static void
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

static void
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

static int
read_table(const struct dataset *d, enum dataset_type type, struct rows_read *r,
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

static void
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

static int
read_events(const struct dataset *d, struct events *e, struct idmap *users,
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

static int
by_text(const void *a, const void *b, void *ids)
{
	const uint32_t *x = a, *y = b;

	return span_compare(idmap_get(ids, *x), idmap_get(ids, *y));
}

/* Final numbers: bytewise order, behind the first `kept` ones, which stay. */
static struct order
sort_ids(struct idmap *ids, size_t kept)
{
	struct order o = { .n = idmap_count(ids) };

	o.final = xcalloc(o.n, sizeof *o.final);
	o.arrival = xcalloc(o.n, sizeof *o.arrival);
	for (size_t i = 0; i < o.n; i++)
		o.arrival[i] = (uint32_t)i;
	qsort_r(o.arrival + kept, o.n - kept, sizeof *o.arrival, by_text, ids);
	for (size_t i = 0; i < o.n; i++)
		o.final[o.arrival[i]] = (uint32_t)i;
	return o;
}

static void
order_release(struct order *o)
{
	free(o->final);
	free(o->arrival);
}

static struct strings
build_strings(struct catalog *c, const struct idmap *map, const struct order *o)
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

static void
build_ids(
    struct catalog *c, struct ids *ids, const struct idmap *map, const struct order *o)
{
	ids->strings = build_strings(c, map, o);
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
last_row(const struct rows_read *r, const struct order *ids, size_t row)
{
	uint32_t arrival = ids->arrival[row];

	return arrival < r->n_ids ? r->last_row[arrival] : NONE;
}

static void
build_texts(struct catalog *c, struct column *col, const struct rows_read *r,
    const struct cells *cells, const struct order *ids)
{
	struct split s = split_texts(cells->texts, col->categorical);
	struct order o = sort_ids(s.values, 0);
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
	col->values = build_strings(c, s.values, &o);
	col->offset = offset;
	col->code = code;
	order_release(&o);
	idmap_free(s.values);
	free(s.offset);
	free(s.value);
}

static void
build_numbers(struct catalog *c, struct column *col, const struct rows_read *r,
    const struct cells *cells, const struct order *ids)
{
	double *number = catalog_own(c, xcalloc(ids->n, sizeof *number));

	for (size_t i = 0; i < ids->n; i++) {
		uint32_t row = last_row(r, ids, i);

		number[i] = row == NONE ? NAN : cells->number[row];
	}
	col->number = number;
}

static void
build_table(struct catalog *c, struct table *t, const struct rows_read *r,
    const struct order *ids)
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

/* Newest first; of the same second, the later row first. */
static int
newest_first(const void *a, const void *b, void *events)
{
	const struct events *e = events;
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	if (e->time[x] != e->time[y])
		return e->time[x] < e->time[y] ? 1 : -1;
	return x < y ? 1 : -1;
}

/* Event numbers grouped by user: sorted[offset[u] .. offset[u + 1]). */
static uint32_t *
group_by_user(struct events *e, const struct order *users, uint64_t *offset)
{
	uint32_t *sorted = xcalloc(e->n, sizeof *sorted);

	for (size_t i = 0; i < e->n; i++)
		offset[users->final[e->user[i]] + 1]++;
	for (size_t u = 0; u < users->n; u++)
		offset[u + 1] += offset[u];
	for (size_t i = e->n; i-- > 0;)
		sorted[--offset[users->final[e->user[i]] + 1]] = (uint32_t)i;
	/* The fill moved every end down to its group's start. */
	for (size_t u = 0; u < users->n; u++)
		offset[u] = offset[u + 1];
	offset[users->n] = e->n;
	for (size_t u = 0; u < users->n; u++)
		qsort_r(sorted + offset[u], offset[u + 1] - offset[u], sizeof *sorted,
		    newest_first, e);
	return sorted;
}

static void
build_history(struct catalog *c, struct events *e, const struct order *users,
    const struct order *items)
{
	struct order types = sort_ids(e->types, 0);
	uint64_t *offset = catalog_own(c, xcalloc(users->n + 1, sizeof *offset));
	uint32_t *item = catalog_own(c, xcalloc(e->n, sizeof *item));
	uint16_t *type = catalog_own(c, xcalloc(e->n, sizeof *type));
	int64_t *time = catalog_own(c, xcalloc(e->n, sizeof *time));
	float *value = NULL;
	uint32_t *sorted = group_by_user(e, users, offset);

	if (e->has_value)
		value = catalog_own(c, xcalloc(e->n, sizeof *value));
	for (size_t i = 0; i < e->n; i++) {
		uint32_t from = sorted[i];

		item[i] = items->final[e->item[from]];
		type[i] = e->type[from];
		if (type[i] != UINT16_MAX)
			type[i] = (uint16_t)types.final[type[i]];
		time[i] = e->time[from];
		if (value)
			value[i] = e->value[from];
	}
	c->history = (struct history){ offset, item, type, time, value,
		build_strings(c, e->types, &types) };
	free(sorted);
	order_release(&types);
}

static void
add_known(struct idmap *map, const struct ids *ids)
{
	for (size_t i = 0; i < ids->strings.n; i++)
		idmap_add(map, strings_get(&ids->strings, (uint32_t)i));
}

struct catalog *
catalog_load(const struct dataset *d, const struct catalog *base, char **why)
{
	struct idmap *users = idmap_new(), *items = idmap_new();
	size_t known_users = base ? base->users.strings.n : 0;
	size_t known_items = base ? base->items.strings.n : 0;
	struct rows_read item_rows, user_rows;
	struct events events = { 0 };
	struct catalog *c = NULL;

	rows_read_init(&item_rows, d->schemas[ITEMS], "ITEM_ID");
	rows_read_init(&user_rows, d->schemas[USERS], "USER_ID");
	if (base) {
		add_known(users, &base->users);
		add_known(items, &base->items);
	}
	if (read_table(d, ITEMS, &item_rows, items, why) == 0 &&
	    read_table(d, USERS, &user_rows, users, why) == 0 &&
	    read_events(d, &events, users, items, why) == 0) {
		struct order user_order = sort_ids(users, known_users);
		struct order item_order = sort_ids(items, known_items);

		c = xcalloc(1, sizeof *c);
		build_ids(c, &c->items, items, &item_order);
		build_ids(c, &c->users, users, &user_order);
		build_table(c, &c->item_table, &item_rows, &item_order);
		build_table(c, &c->user_table, &user_rows, &user_order);
		build_history(c, &events, &user_order, &item_order);
		order_release(&user_order);
		order_release(&item_order);
	}
	rows_read_release(&item_rows);
	rows_read_release(&user_rows);
	events_release(&events);
	idmap_free(users);
	idmap_free(items);
	return c;
}
