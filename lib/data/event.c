/* event - calls of PutEvents, PutItems and PutUsers, one a line, as rows. */
#include "event_state.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ENTRIES_MAX = 10, ID_MAX = 256 }; /* the service's limits */

enum { TRACKING, SESSION, USER, ARN, EVENTS, PUT_ITEMS, PUT_USERS, CALL_MEMBERS };

/* The members of calls; calls: bits of the types that have them. */
static const struct call_member {
	const char *name;
	unsigned calls;
	bool required; /* by the service alone: there is no use for it here */
} call_members[CALL_MEMBERS] = {
	[TRACKING] = { "trackingId", 1 << INTERACTIONS, true },
	[SESSION] = { "sessionId", 1 << INTERACTIONS, true },
	[USER] = { "userId", 1 << INTERACTIONS, false },
	[ARN] = { "datasetArn", 1 << ITEMS | 1 << USERS, true },
	[EVENTS] = { "eventList", 1 << INTERACTIONS, false },
	[PUT_ITEMS] = { "items", 1 << ITEMS, false },
	[PUT_USERS] = { "users", 1 << USERS, false },
};
static const char *const call_names[DATASET_TYPES] = { "PutEvents", "PutItems",
	"PutUsers" };

void
events_open(struct events *e, struct schema *const schemas[DATASET_TYPES], bool strict)
{
	struct events_state *s = xcalloc(1, sizeof *s);

	*e = (struct events){ .state = s };
	s->strict = strict;
	s->schemas = schemas;
	for (int t = 0; t < DATASET_TYPES; t++) {
		if (!schemas[t])
			continue;
		row_init(&s->rows[t], schemas[t]);
		for (size_t m = 0; event_members[t][m].name; m++) {
			const char *column = event_members[t][m].column;

			s->fields[t][m] =
			    column ? schema_field(schemas[t], span_of(column)) : -1;
		}
	}
}

void
events_close(struct events *e)
{
	struct events_state *s = e->state;

	for (int t = 0; t < DATASET_TYPES; t++)
		if (s->schemas[t])
			row_release(&s->rows[t]);
	buf_release(&s->id);
	buf_release(&s->properties);
	buf_release(&s->impression);
	buf_release(&s->scratch);
	buf_release(&e->row);
	free(s);
	*e = (struct events){ 0 };
}

int
event_fail(struct events *e, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(e->why, sizeof e->why, format, ap);
	va_end(ap);
	return -1;
}

int
event_beyond(struct events *e, const char *format, ...)
{
	char *text = e->state->strict ? e->why : e->beyond;
	va_list ap;

	if (!e->state->strict && *text)
		return 0;
	va_start(ap, format);
	vsnprintf(text, EVENT_WHY, format, ap);
	va_end(ap);
	return e->state->strict ? -1 : 0;
}

static int
call_member(const struct json_value *name)
{
	for (int m = 0; m < CALL_MEMBERS; m++)
		if (json_is(name, call_members[m].name))
			return m;
	return -1;
}

/* The members into values; *unknown is the first one that no call has. */
static int
read_members(struct events *e, struct span line, struct json_value *values,
    struct json_value *unknown)
{
	struct json_value name, v;
	struct json j;
	int m;

	json_open(&j, line.data, line.len);
	json_enter(&j, '{');
	while (json_member(&j, &name) > 0 && json_value(&j, &v) == 0) {
		if ((m = call_member(&name)) < 0) {
			if (!unknown->type)
				*unknown = name;
		} else if (values[m].type)
			return event_fail(e, "%s: there twice", call_members[m].name);
		else
			values[m] = v;
	}
	if (json_finish(&j) < 0)
		return event_fail(
		    e, "byte %zu: %s", (size_t)(j.at - j.text) + 1, j.why);
	return 0;
}

/* The call is the one whose list is there. The list's number, or -1. */
static int
find_list(struct events *e, const struct json_value *values)
{
	int list = -1;

	for (int m = EVENTS; m <= PUT_USERS; m++) {
		if (!values[m].type)
			continue;
		if (list >= 0)
			return event_fail(e, "both %s and %s; expected one call a line",
			    call_members[list].name, call_members[m].name);
		list = m;
	}
	if (list < 0)
		return event_fail(e, "none of eventList, items and users is there; "
				     "expected PutEvents, PutItems or PutUsers");
	if (values[list].type != JSON_ARRAY)
		return event_fail(e, "%s: expected an array", call_members[list].name);
	return list;
}

static bool
is_empty(const struct json_value *v)
{
	return v->type <= JSON_NULL || (v->type == JSON_STRING && v->raw.len == 2);
}

/* Members that belong to another call, or are missing. */
static int
check_members(
    struct events *e, const struct json_value *values, const struct json_value *unknown)
{
	if (unknown->type)
		return event_fail(e, "unknown member %.*s of %s",
		    (int)MIN(unknown->raw.len, (size_t)60), unknown->raw.data,
		    call_names[e->type]);
	for (int m = 0; m < CALL_MEMBERS; m++) {
		bool belongs = call_members[m].calls >> e->type & 1;

		if (values[m].type && !belongs)
			return event_fail(e, "unknown member \"%s\" of %s",
			    call_members[m].name, call_names[e->type]);
		if (belongs && call_members[m].required && e->state->strict &&
		    is_empty(&values[m]))
			return event_fail(e, "no %s, which the service requires",
			    call_members[m].name);
	}
	if (e->type == INTERACTIONS && is_empty(&values[USER]) &&
	    is_empty(&values[SESSION]))
		return event_fail(e, "neither userId nor sessionId");
	return 0;
}

/* Count the entries, then stand before the first. */
static int
open_list(struct events *e, const char *name, struct span list)
{
	struct events_state *s = e->state;
	struct json_value v;

	e->list = list;
	e->n = 0;
	s->index = 0;
	json_open(&s->list, list.data, list.len);
	json_enter(&s->list, '[');
	while (json_element(&s->list) > 0 && json_value(&s->list, &v) == 0)
		e->n++;
	json_open(&s->list, list.data, list.len);
	json_enter(&s->list, '[');
	if (!e->n || e->n > ENTRIES_MAX)
		return event_beyond(e, "%s has %zu entries; %s takes 1 to %d", name,
		    e->n, call_names[e->type], ENTRIES_MAX);
	return 0;
}

int
events_line(struct events *e, struct span line)
{
	struct json_value values[CALL_MEMBERS] = { 0 }, unknown = { 0 };
	int list;

	*e->beyond = '\0';
	if (read_members(e, line, values, &unknown) < 0 ||
	    (list = find_list(e, values)) < 0)
		return -1;
	e->type = (enum dataset_type)(INTERACTIONS + list - EVENTS);
	if (check_members(e, values, &unknown) < 0)
		return -1;
	e->state->user = values[USER];
	if (is_empty(&values[USER]))
		e->state->user.type = JSON_NONE;
	return open_list(e, call_members[list].name, values[list].raw);
}

/* Put where it is in front of what is wrong. */
static void
name_entry(struct events *e, char *text)
{
	char copy[EVENT_WHY];

	if (!*text)
		return;
	memcpy(copy, text, sizeof copy);
	copy[sizeof copy - 1] = '\0';
	snprintf(text, EVENT_WHY, "%s[%zu]: %.*s", call_members[EVENTS + e->type].name,
	    e->state->index, EVENT_WHY - 40, copy);
}

int
events_next(struct events *e)
{
	struct events_state *s = e->state;
	struct json_value v;

	if (json_element(&s->list) <= 0 || json_value(&s->list, &v) < 0)
		return 0;
	e->entry = v.raw;
	*e->beyond = *e->why = '\0';
	buf_clear(&e->row);
	if (event_entry(e) < 0) {
		e->fate = EVENT_BAD;
		name_entry(e, e->why);
	}
	name_entry(e, e->beyond);
	s->index++;
	return 1;
}

void
events_ignored(const struct events *e, struct buf *names)
{
	size_t from = names->len;

	for (size_t m = 0; m < EVENT_MEMBERS; m++)
		if (e->state->ignored >> m & 1)
			buf_addf(names, "%s%s", names->len > from ? ", " : "",
			    event_members[INTERACTIONS][m].name);
}

bool
events_late(const struct events *e)
{
	bool late = false;

	for (int t = 0; t < DATASET_TYPES; t++)
		late |= e->state->rows[t].late;
	return late;
}
