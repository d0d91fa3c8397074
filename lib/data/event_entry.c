/* event_entry - an entry of a call, member by member, into a row. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "event_state.h"
#include "moment.h"

/* The service's limits beside those of the members. */
enum { EVENT_BYTES_MAX = 10 * 1024, IMPRESSIONS_MAX = 25 };

const struct event_member *
event_member(const struct events *e, size_t m)
{
	return &event_members[e->type][m];
}

struct row *
event_row(struct events *e)
{
	return &e->state->rows[e->type];
}

int
event_shown(struct span s)
{
	size_t len = MIN(s.len, (size_t)60);

	while (len < s.len && len && (s.data[len] & 0xc0) == 0x80)
		len--;
	return (int)len;
}

static size_t
count_chars(struct span s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++)
		n += (s.data[i] & 0xc0) != 0x80;
	return n;
}

int
event_check_length(struct events *e, size_t m, struct span text)
{
	const struct event_member *member = event_member(e, m);
	size_t n;

	if (!member->max_chars || text.len <= member->max_chars ||
	    (n = count_chars(text)) <= member->max_chars)
		return 0;
	return event_beyond(e, "%s is %zu characters long; the service allows %zu",
	    member->name, n, member->max_chars);
}

int
event_set(struct events *e, int field, const struct json_value *v)
{
	struct row *r = event_row(e);
	const struct json_value *old = row_get(r, (size_t)field);

	if (old && !span_equal(old->raw, v->raw))
		return event_fail(e, "%s: there twice, and not the same",
		    r->schema->fields[field].name);
	if (!v->type)
		row_text(r, (size_t)field, v->raw);
	else
		row_value(r, (size_t)field, v);
	return 0;
}

static int
set_text(struct events *e, int field, struct span text)
{
	return event_set(e, field, &(struct json_value){ JSON_NONE, text, false });
}

/* The member's column; -1: there is none, which is noted. */
static int
column_of(struct events *e, size_t m)
{
	int field = e->state->fields[e->type][m];

	if (field < 0)
		e->state->ignored |= 1U << m;
	return field;
}

static int
take_column(struct events *e, size_t m, const struct json_value *v)
{
	int field = column_of(e, m);

	if (v->type == JSON_STRING &&
	    event_check_length(e, m, json_text(v, &e->state->scratch)) < 0)
		return -1;
	return field < 0 ? 0 : event_set(e, field, v);
}

static int
take_id(struct events *e, size_t m, const struct json_value *v)
{
	struct events_state *s = e->state;

	if (v->type != JSON_STRING)
		return event_fail(e, "eventId: expected a string, not %.*s",
		    event_shown(v->raw), v->raw.data);
	e->event_id = json_text(v, &s->id);
	return event_check_length(e, m, e->event_id);
}

static int
bad_time(struct events *e, const struct json_value *v)
{
	return event_fail(e,
	    "sentAt: %.*s is neither seconds since 1970 nor a time in ISO 8601",
	    event_shown(v->raw), v->raw.data);
}

/* Fractions of a second are dropped. */
static int
take_time(struct events *e, size_t m, const struct json_value *v)
{
	struct events_state *s = e->state;
	struct json_value number = *v;
	struct span text;
	int64_t seconds;
	double value;

	if (v->type == JSON_STRING) {
		text = json_text(v, &s->scratch);
		if (text_is_number(text))
			number = (struct json_value){ JSON_NUMBER, text, false };
		else if (!moment_parse(text, &seconds))
			return bad_time(e, v);
	} else if (v->type != JSON_NUMBER)
		return bad_time(e, v);
	if (number.type == JSON_NUMBER) {
		value = floor(json_number(&number));
		if (!(fabs(value) < 1e15))
			return bad_time(e, v);
		seconds = (int64_t)value;
	}
	snprintf(s->time, sizeof s->time, "%lld", (long long)seconds);
	return set_text(e, s->fields[e->type][m], span_of(s->time));
}

/* Item IDs, joined as bulk data has them. */
static int
add_impression(struct events *e, size_t i, const struct json_value *v)
{
	struct events_state *s = e->state;
	struct span id;

	if (v->type != JSON_STRING || v->raw.len == 2)
		return event_fail(e, "impression[%zu]: expected an item ID, not %.*s",
		    i, event_shown(v->raw), v->raw.data);
	id = json_text(v, &s->scratch);
	if (memchr(id.data, '|', id.len))
		return event_fail(e,
		    "impression[%zu]: %.*s has a |, which stands "
		    "between items",
		    i, event_shown(v->raw), v->raw.data);
	if (i)
		buf_addc(&s->impression, '|');
	buf_add(&s->impression, id.data, id.len);
	return 0;
}

static int
take_impression(struct events *e, size_t m, const struct json_value *v)
{
	struct events_state *s = e->state;
	struct json_value item;
	struct json j;
	size_t n = 0;
	int field;

	if (v->type != JSON_ARRAY)
		return event_fail(e, "impression: expected an array of item IDs");
	buf_clear(&s->impression);
	json_open(&j, v->raw.data, v->raw.len);
	json_enter(&j, '[');
	while (json_element(&j) > 0 && json_value(&j, &item) == 0)
		if (add_impression(e, n++, &item) < 0)
			return -1;
	if ((!n || n > IMPRESSIONS_MAX) &&
	    event_beyond(e, "impression has %zu items; the service allows 1 to %d", n,
		IMPRESSIONS_MAX) < 0)
		return -1;
	if ((field = column_of(e, m)) < 0)
		return 0;
	return set_text(
	    e, field, (struct span){ s->impression.data, s->impression.len });
}

static int
take_attribution(struct events *e, size_t m, const struct json_value *v)
{
	struct json_value source;

	if (!json_find(*v, "eventAttributionSource", &source))
		return event_fail(
		    e, "metricAttribution: expected {\"eventAttributionSource\":...}");
	return take_column(e, m, &source);
}

const struct event_member event_members[DATASET_TYPES][EVENT_MEMBERS + 1] = {
	[INTERACTIONS] = {
	    { "eventId", NULL, false, 256, take_id },
	    { "eventType", "EVENT_TYPE", true, 256, take_column },
	    { "eventValue", "EVENT_VALUE", false, 0, take_column },
	    { "impression", "IMPRESSION", false, 0, take_impression },
	    { "itemId", "ITEM_ID", false, 0, take_column },
	    { "metricAttribution", "EVENT_ATTRIBUTION_SOURCE", false, 0,
		take_attribution },
	    { "properties", NULL, false, 1024, event_properties },
	    { "recommendationId", "RECOMMENDATION_ID", false, 40, take_column },
	    { "sentAt", "TIMESTAMP", true, 0, take_time },
	},
	[ITEMS] = {
	    { "itemId", "ITEM_ID", true, 0, take_column },
	    { "properties", NULL, false, 32000, event_properties },
	},
	[USERS] = {
	    { "userId", "USER_ID", true, 0, take_column },
	    { "properties", NULL, false, 24000, event_properties },
	},
};

static int
unknown_member(struct events *e, const struct json_value *name)
{
	struct buf known = { 0 };

	for (size_t m = 0; event_member(e, m)->name; m++)
		buf_addf(&known, "%s%s", m ? ", " : "", event_member(e, m)->name);
	event_fail(e, "unknown member %.*s; expected some of %s",
	    event_shown(name->raw), name->raw.data, known.data);
	buf_release(&known);
	return -1;
}

static int
take_member(struct events *e, const struct json_value *name, const struct json_value *v)
{
	struct events_state *s = e->state;
	size_t m = 0;

	while (event_member(e, m)->name && !json_is(name, event_member(e, m)->name))
		m++;
	if (!event_member(e, m)->name)
		return unknown_member(e, name);
	if (s->seen >> m & 1)
		return event_fail(e, "%s: there twice", event_member(e, m)->name);
	s->seen |= 1U << m;
	if (v->type == JSON_NULL || (v->type == JSON_STRING && v->raw.len == 2))
		return 0;
	s->filled |= 1U << m;
	return event_member(e, m)->take(e, m, v);
}

static int
check_required(struct events *e)
{
	for (size_t m = 0; event_member(e, m)->name; m++)
		if (event_member(e, m)->required && !(e->state->filled >> m & 1))
			return event_fail(e, "no %s", event_member(e, m)->name);
	return 0;
}

static int
take_members(struct events *e)
{
	struct json_value name, v;
	struct json j;

	e->state->seen = e->state->filled = 0;
	e->event_id = (struct span){ 0 };
	row_begin(event_row(e));
	json_open(&j, e->entry.data, e->entry.len);
	json_enter(&j, '{');
	while (json_member(&j, &name) > 0 && json_value(&j, &v) == 0)
		if (take_member(e, &name, &v) < 0)
			return -1;
	return j.why ? event_fail(e, "%s", j.why) : check_required(e);
}

/* What makes an event an interaction: a user and an item. */
static int
settle_event(struct events *e)
{
	struct events_state *s = e->state;
	const struct schema *schema = s->schemas[INTERACTIONS];
	struct row *r = event_row(e);

	if (e->entry.len > EVENT_BYTES_MAX &&
	    event_beyond(e, "%zu bytes long; the service allows %d", e->entry.len,
		EVENT_BYTES_MAX) < 0)
		return -1;
	if (s->user.type &&
	    event_set(e, schema_field(schema, span_of("USER_ID")), &s->user) < 0)
		return -1;
	if (!s->user.type)
		e->fate = EVENT_ANONYMOUS;
	else if (!row_get(r, (size_t)schema_field(schema, span_of("ITEM_ID"))))
		e->fate = EVENT_ITEMLESS;
	return 0;
}

int
event_entry(struct events *e)
{
	struct row *r = event_row(e);

	e->fate = EVENT_ROW;
	if (take_members(e) < 0 || (e->type == INTERACTIONS && settle_event(e) < 0))
		return -1;
	if (e->fate != EVENT_ROW || row_end(r, &e->row) == 0)
		return 0;
	if (r->field < 0)
		return event_fail(e, "%s", r->why);
	return event_fail(e, "%.60s: %s", r->schema->fields[r->field].name, r->why);
}
