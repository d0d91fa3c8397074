/* put_events - calls of PutEvents, PutItems and PutUsers into a dataset. */
#include "put_events.h"

#include <stdlib.h>
#include <string.h>

#include "import_schema.h"

static int
add_schema(struct put_events *p, const char *path, char **why)
{
	struct schema *s = import_schema_read(path, -1, why), *old;

	if (!s)
		return -1;
	old = p->schemas[s->dataset];
	if (old && !schema_equal(old, s)) {
		*why = xasprintf("%s: not the schema of %s in %s, which stays", path,
		    dataset_names[s->dataset], p->path);
		schema_free(s);
		return -1;
	}
	p->schemas[s->dataset] = s;
	schema_free(old);
	return 0;
}

int
put_events_open(struct put_events *p, const char *const *schemas, size_t n, char **why)
{
	struct dataset *d = dataset_open(p->path, n > 0, why);

	if (!d)
		return -1;
	memcpy(p->schemas, d->schemas, sizeof p->schemas);
	memset(d->schemas, 0, sizeof d->schemas);
	dataset_close(d);
	for (size_t i = 0; i < n; i++)
		if (add_schema(p, schemas[i], why) < 0)
			return -1;
	events_open(&p->events, p->schemas, p->strict);
	return 0;
}

static void
note_beyond(struct put_events *p, const struct lines *in)
{
	if (*p->events.beyond && !p->n_beyond++)
		p->beyond =
		    xasprintf("%s:%zu: %s", in->path, in->number, p->events.beyond);
}

static void
report(struct put_events *p, const struct lines *in)
{
	p->n_bad++;
	p->bad(p->context, in, p->events.why);
}

static int
skip_line(struct put_events *p, struct span line, char **why)
{
	if (!p->skip)
		return 0;
	return p->skip(p->context, line, why) < 0 ||
		       p->skip(p->context, span_of("\n"), why) < 0
		   ? -1
		   : 0;
}

/* The call with its bad entries alone, so that it can be mended and added. */
static int
skip_entries(struct put_events *p, struct span line, char **why)
{
	struct span list = p->events.list;
	const char *end = list.data + list.len - 1;
	struct buf call = { 0 };
	int status;

	buf_add(&call, line.data, (size_t)(list.data + 1 - line.data));
	buf_add(&call, p->entries.data, p->entries.len);
	buf_add(&call, end, (size_t)(line.data + line.len - end));
	status = skip_line(p, (struct span){ call.data, call.len }, why);
	buf_release(&call);
	return status;
}

static int
add_row(struct put_events *p, char **why)
{
	const struct events *e = &p->events;
	struct put **put = &p->puts[e->type];

	if (!*put && !(*put = put_open(p->path, e->type, why)))
		return -1;
	return put_add(
	    *put, (struct span){ e->row.data, e->row.len }, e->event_id, why);
}

static int
add_entry(struct put_events *p, const struct lines *in, char **why)
{
	const struct events *e = &p->events;

	p->records++;
	if (e->fate != EVENT_BAD)
		note_beyond(p, in);
	switch (e->fate) {
	case EVENT_ROW:
		return add_row(p, why);
	case EVENT_BAD:
		report(p, in);
		if (p->entries.len)
			buf_addc(&p->entries, ',');
		buf_add(&p->entries, e->entry.data, e->entry.len);
		break;
	case EVENT_ANONYMOUS:
		p->anonymous++;
		break;
	case EVENT_ITEMLESS:
		p->itemless++;
		break;
	}
	return 0;
}

int
put_events_line(struct put_events *p, const struct lines *in, char **why)
{
	struct span line = { in->text, in->len };

	if (strspn(line.data, " \t") == line.len)
		return 0;
	if (events_line(&p->events, line) < 0) {
		p->records++;
		report(p, in);
		return skip_line(p, line, why);
	}
	if (!p->schemas[p->events.type]) {
		*why = xasprintf("%s: no %s yet, and no schema for them: import some "
				 "with pz-import, or give --schema",
		    p->path, dataset_names[p->events.type]);
		return -1;
	}
	note_beyond(p, in);
	buf_clear(&p->entries);
	while (events_next(&p->events))
		if (add_entry(p, in, why) < 0)
			return -1;
	return p->entries.len ? skip_entries(p, line, why) : 0;
}

/*
 * Items and users first: to add them again does no harm, if interactions fail and all
 * is given once more.
 */
int
put_events_commit(struct put_events *p, char **why)
{
	static const enum dataset_type order[] = { ITEMS, USERS, INTERACTIONS };
	uint64_t repeated;

	for (size_t i = 0; i < LENGTH(order); i++) {
		struct put *put = p->puts[order[i]];

		p->puts[order[i]] = NULL;
		if (!put)
			continue;
		if (put_commit(put, p->schemas[order[i]], &repeated, why) < 0)
			return -1;
		p->repeated += repeated;
	}
	return 0;
}

void
put_events_close(struct put_events *p)
{
	if (p->events.state)
		events_close(&p->events);
	for (int t = 0; t < DATASET_TYPES; t++) {
		put_discard(p->puts[t]);
		schema_free(p->schemas[t]);
	}
	buf_release(&p->entries);
	free(p->beyond);
	*p = (struct put_events){ 0 };
}
