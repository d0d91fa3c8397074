/* catalog_build - lay out what was read. */
#include "catalog_build.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "threads.h"

enum { CHUNK = 256 }; /* users that a thread takes at once */

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

/* What an event is sorted by, beside its number. */
struct when {
	int64_t time;
	uint32_t event;
};

/* Newest first; of the same second, the later row first. */
static int
newest_first(const void *a, const void *b)
{
	const struct when *x = a, *y = b;

	if (x->time != y->time)
		return x->time < y->time ? 1 : -1;
	return x->event < y->event ? 1 : -1;
}

/* Events into the columns of the history, by user. */
struct laying {
	const struct events *e;
	const uint32_t *item_number, *type_number; /* by arrival */
	size_t n_users;
	const uint64_t *offset;
	uint32_t *event; /* grouped by user: event[offset[u] .. offset[u + 1]) */
	uint32_t *item;
	uint16_t *type;
	int64_t *time;
	float *value;       /* NULL: there is no such column */
	struct when **room; /* [threads][most events of a user] */
};

/* One user's events, which come with the later rows first: often that is the order. */
static void
sort_by_time(const struct events *e, uint32_t *event, size_t n, struct when *room)
{
	bool sorted = true;

	for (size_t i = 0; i < n; i++) {
		room[i] = (struct when){ e->time[event[i]], event[i] };
		sorted &= !i || room[i - 1].time >= room[i].time;
	}
	if (sorted)
		return;
	qsort(room, n, sizeof *room, newest_first);
	for (size_t i = 0; i < n; i++)
		event[i] = room[i].event;
}

static void
lay_user(void *context, size_t u, size_t thread)
{
	struct laying *l = context;
	const struct events *e = l->e;
	uint64_t from = l->offset[u], to = l->offset[u + 1];

	sort_by_time(e, l->event + from, to - from, l->room[thread]);
	for (uint64_t i = from; i < to; i++) {
		uint32_t event = l->event[i];
		uint16_t type = e->type[event];

		l->item[i] = l->item_number[e->item[event]];
		l->type[i] = type == UINT16_MAX ? type : (uint16_t)l->type_number[type];
		l->time[i] = e->time[event];
		if (l->value)
			l->value[i] = e->value[event];
	}
}

static void
lay_users(void *context, size_t chunk, size_t thread)
{
	struct laying *l = context;
	size_t from = chunk * CHUNK, to = MIN(from + CHUNK, l->n_users);

	for (size_t u = from; u < to; u++)
		lay_user(l, u, thread);
}

/* Event numbers grouped by user, later rows first. */
static uint32_t *
group_by_user(const struct events *e, const struct id_order *users, uint64_t *offset)
{
	uint32_t *event = xcalloc(e->n, sizeof *event);

	for (size_t i = 0; i < e->n; i++)
		offset[users->final[e->user[i]] + 1]++;
	for (size_t u = 0; u < users->n; u++)
		offset[u + 1] += offset[u];
	for (size_t i = 0; i < e->n; i++)
		event[--offset[users->final[e->user[i]] + 1]] = (uint32_t)i;
	/* The fill moved every end down to its group's start. */
	for (size_t u = 0; u < users->n; u++)
		offset[u] = offset[u + 1];
	offset[users->n] = e->n;
	return event;
}

static void
lay_out(struct laying *l, size_t threads)
{
	size_t most = 0;

	for (size_t u = 0; u < l->n_users; u++)
		most = MAX(most, (size_t)(l->offset[u + 1] - l->offset[u]));
	l->room = xcalloc(threads, sizeof *l->room);
	for (size_t t = 0; t < threads; t++)
		l->room[t] = xcalloc(most, sizeof **l->room);
	threads_each(threads, (l->n_users + CHUNK - 1) / CHUNK, lay_users, l);
	for (size_t t = 0; t < threads; t++)
		free(l->room[t]);
	free(l->room);
}

void
catalog_build_history(struct catalog *c, const struct events *e,
    const struct id_order *users, const struct id_order *items, size_t threads)
{
	struct id_order types = id_order_of(e->types, 0);
	uint64_t *offset = catalog_own(c, xcalloc(users->n + 1, sizeof *offset));
	struct laying l = { .e = e,
		.item_number = items->final,
		.type_number = types.final,
		.n_users = users->n,
		.offset = offset,
		.item = catalog_own(c, xcalloc(e->n, sizeof *l.item)),
		.type = catalog_own(c, xcalloc(e->n, sizeof *l.type)),
		.time = catalog_own(c, xcalloc(e->n, sizeof *l.time)) };

	l.event = group_by_user(e, users, offset);
	if (e->has_value)
		l.value = catalog_own(c, xcalloc(e->n, sizeof *l.value));
	lay_out(&l, MAX(threads, (size_t)1));
	c->history = (struct history){ offset, l.item, l.type, l.time, l.value,
		catalog_build_strings(c, e->types, &types) };
	free(l.event);
	id_order_release(&types);
}
