/*
 * catalog_events - the interactions of a dataset as they come, on many threads.
 *
 * Lines are copied into batches, parsed side by side, and numbered in their order.
 */
#include "catalog_events.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "catalog.h"
#include "catalog_cells.h"
#include "catalog_read.h"
#include "threads.h"

#define BATCH_BYTES ((size_t)1 << 17)

/* The interaction columns that everything else builds on. */
struct event_fields {
	int user, item, time, type, value;
};

/* A line, and what it says. */
struct event_row {
	size_t from, len; /* in the batch's text */
	const struct segment *segment;
	size_t number;
	struct span user, item, type; /* type.data NULL: none */
	uint32_t user_hash, item_hash;
	int64_t time;
	float value;
	bool bad;
};

struct event_batch {
	struct buf text;
	struct event_row *rows;
	size_t n, cap;
};

struct reading {
	const struct dataset *d;
	const struct schema *s;
	struct event_fields at;
	struct rows rows;
	struct events *e;
	struct idmap *users, *items;
	int more; /* what rows_next said last */
	char *why;
};

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

static void
add_line(struct event_batch *b, const struct rows *rows)
{
	if (b->n == b->cap) {
		b->cap = b->cap ? 2 * b->cap : 1024;
		b->rows = xrealloc(b->rows, b->cap, sizeof *b->rows);
	}
	b->rows[b->n++] = (struct event_row){ .from = b->text.len,
		.len = rows->line.len,
		.segment = rows->segment,
		.number = rows->number };
	buf_add(&b->text, rows->line.data, rows->line.len);
}

static int
read_batch(void *context, void *job)
{
	struct reading *r = context;
	struct event_batch *b = job;

	b->n = b->text.len = 0;
	while (b->text.len < BATCH_BYTES && r->more > 0 &&
	       (r->more = rows_next(&r->rows)) > 0)
		add_line(b, &r->rows);
	return b->n > 0;
}

/* A string, decoded where it stands: it gets no longer. */
static struct span
text_of(char *text, const struct json_value *v, struct buf *scratch)
{
	struct span s = json_text(v, scratch);

	if (v->escaped) {
		char *to = text + (v->raw.data - text);

		memcpy(to, s.data, s.len);
		s.data = to;
	}
	return s;
}

static void
parse(const struct reading *r, char *text, struct event_row *row)
{
	struct buf scratch = { 0 };
	struct json_value v;
	struct json j;
	int field = -1;
	bool timed = false;

	row->value = NAN;
	json_open(&j, text, row->len);
	json_enter(&j, '{');
	while (cell_next(&j, r->s, &field) > 0 && json_value(&j, &v) == 0) {
		if (field == r->at.user && v.type == JSON_STRING)
			row->user = text_of(text, &v, &scratch);
		else if (field == r->at.item && v.type == JSON_STRING)
			row->item = text_of(text, &v, &scratch);
		else if (field == r->at.type && v.type == JSON_STRING)
			row->type = text_of(text, &v, &scratch);
		else if (field == r->at.time && v.type == JSON_NUMBER) {
			row->time = cell_integer(&v);
			timed = true;
		} else if (field == r->at.value && field >= 0)
			row->value = (float)cell_number(&v);
	}
	buf_release(&scratch);
	row->bad = j.why || !row->user.data || !row->item.data || !timed;
	if (row->bad)
		return;
	row->user_hash = idmap_hash(row->user);
	row->item_hash = idmap_hash(row->item);
}

static void
parse_batch(void *context, void *job, size_t thread)
{
	struct event_batch *b = job;

	(void)thread;
	for (size_t i = 0; i < b->n; i++)
		parse(context, b->text.data + b->rows[i].from, &b->rows[i]);
}

static void
add_event(struct reading *r, const struct event_row *row)
{
	struct events *e = r->e;
	uint32_t type;

	if (e->n == e->cap)
		grow_events(e);
	type = row->type.data ? idmap_add(e->types, row->type) : UINT16_MAX;
	e->user[e->n] = idmap_add_hashed(r->users, row->user, row->user_hash);
	e->item[e->n] = idmap_add_hashed(r->items, row->item, row->item_hash);
	e->type[e->n] = (uint16_t)MIN(type, (uint32_t)UINT16_MAX);
	e->time[e->n] = row->time;
	if (e->has_value)
		e->value[e->n] = row->value;
	e->n++;
}

/* What rows soon to come look up, as it may be anywhere. */
static void
expect(const struct reading *r, const struct event_batch *b, size_t i)
{
	enum { SOON = 6 };
	const struct event_row *row = &b->rows[i + 2 * SOON < b->n ? i + 2 * SOON : i];

	idmap_expect(r->users, row->user_hash);
	idmap_expect(r->items, row->item_hash);
	row = &b->rows[i + SOON < b->n ? i + SOON : i];
	idmap_expect_text(r->users, row->user_hash);
	idmap_expect_text(r->items, row->item_hash);
}

static void
add_batch(void *context, void *job)
{
	struct reading *r = context;
	const struct event_batch *b = job;

	for (size_t i = 0; i < b->n && !r->why; i++) {
		const struct event_row *row = &b->rows[i];

		expect(r, b, i);
		if (row->bad)
			r->why = catalog_bad_row(r->d, row->segment, row->number);
		else
			add_event(r, row);
	}
}

static void
read_all(struct reading *r, size_t threads)
{
	struct pipeline p = { .context = r,
		.n_jobs = 2 * threads + 2,
		.read = read_batch,
		.work = parse_batch,
		.write = add_batch };
	struct event_batch *batches = xcalloc(p.n_jobs, sizeof *batches);

	p.jobs = xcalloc(p.n_jobs, sizeof *p.jobs);
	for (size_t k = 0; k < p.n_jobs; k++)
		p.jobs[k] = &batches[k];
	pipeline_run(&p, threads);
	for (size_t k = 0; k < p.n_jobs; k++) {
		buf_release(&batches[k].text);
		free(batches[k].rows);
	}
	free(p.jobs);
	free(batches);
}

int
events_read(const struct dataset *d, struct events *e, struct idmap *users,
    struct idmap *items, size_t threads, char **why)
{
	const struct schema *s = d->schemas[INTERACTIONS];
	struct reading r = {
		.d = d, .s = s, .e = e, .users = users, .items = items, .more = 1
	};

	e->types = idmap_new();
	if (!s)
		return 0;
	r.at = (struct event_fields){ schema_field(s, span_of("USER_ID")),
		schema_field(s, span_of("ITEM_ID")),
		schema_field(s, span_of("TIMESTAMP")),
		schema_field(s, span_of("EVENT_TYPE")),
		schema_field(s, span_of("EVENT_VALUE")) };
	e->has_value = r.at.value >= 0;
	rows_open(&r.rows, d, INTERACTIONS);
	read_all(&r, MAX(threads, (size_t)1));
	if (!r.why && r.rows.why)
		r.why = xstrdup(r.rows.why);
	rows_close(&r.rows);
	*why = r.why;
	return r.why ? -1 : 0;
}
