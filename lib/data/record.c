/* record - the lines that the filters pass to each other. */
#include "record.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* Where each member of an input record goes; others are only passed on. */
static struct json_value *
input_member(struct record *r, const struct json_value *name)
{
	if (json_is(name, "userId"))
		return &r->user_id;
	if (json_is(name, "itemId"))
		return &r->item_id;
	if (json_is(name, "itemList"))
		return &r->item_list;
	if (json_is(name, "itemAttributes"))
		return &r->item_attributes;
	if (json_is(name, "filterValues"))
		return &r->filter_values;
	if (json_is(name, "context"))
		return &r->context;
	if (json_is(name, "filter"))
		return &r->filter;
	return NULL;
}

static struct json_value *
top_member(struct record *r, const struct json_value *name)
{
	if (json_is(name, "input"))
		return &r->input;
	if (json_is(name, "output"))
		return &r->output;
	if (json_is(name, "error"))
		return &r->error;
	return input_member(r, name);
}

static struct json_value *
output_member(struct record *r, const struct json_value *name)
{
	if (json_is(name, "recommendedItems"))
		return &r->items;
	if (json_is(name, "scores"))
		return &r->scores;
	if (json_is(name, "usersList") || json_is(name, "recommendedUsers"))
		return &r->users;
	return NULL;
}

/* Walk one object, keeping the values of the members that which() knows. */
static int
read_members(struct json *j, struct record *r,
    struct json_value *(*which)(struct record *, const struct json_value *))
{
	struct json_value name, value, *known;
	int more;

	if (json_enter(j, '{') < 0)
		return -1;
	while ((more = json_member(j, &name)) > 0) {
		if (json_value(j, &value) < 0)
			return -1;
		if ((known = which(r, &name)))
			*known = value;
	}
	return more;
}

/* Values were checked when their container was read: they cannot fail again. */
static void
read_inner(struct record *r, const struct json_value *v,
    struct json_value *(*which)(struct record *, const struct json_value *))
{
	struct json j;

	if (v->type != JSON_OBJECT)
		return;
	json_open(&j, v->raw.data, v->raw.len);
	read_members(&j, r, which);
}

int
record_parse(struct record *r, const char *line, size_t len)
{
	struct json j;

	*r = (struct record){ .line = { line, len } };
	json_open(&j, line, len);
	if (read_members(&j, r, top_member) < 0 || json_finish(&j) < 0) {
		*r = (struct record){ .line = { line, len }, .why = j.why };
		r->at = (size_t)(j.at - line);
		return -1;
	}
	r->has_output = r->output.type && r->output.type != JSON_NULL;
	r->has_error = r->error.type && r->error.type != JSON_NULL;
	if (r->has_output || r->has_error) {
		read_inner(r, &r->input, input_member);
		read_inner(r, &r->output, output_member);
	}
	return 0;
}

void
record_echo(struct buf *out, const struct record *r)
{
	struct json_value name, value;
	struct json j;
	bool first = true;

	if (!r->filter.type) {
		json_compact(out, r->line.data, r->line.len);
		return;
	}
	json_open(&j, r->line.data, r->line.len);
	json_enter(&j, '{');
	buf_addc(out, '{');
	while (json_member(&j, &name) > 0 && json_value(&j, &value) == 0) {
		if (json_is(&name, "filter"))
			continue;
		if (!first)
			buf_addc(out, ',');
		first = false;
		buf_add(out, name.raw.data, name.raw.len);
		buf_addc(out, ':');
		json_compact(out, value.raw.data, value.raw.len);
	}
	buf_addc(out, '}');
}

/* The input as JSON if the line is some, else the raw text as a string. */
static void
add_input(struct buf *out, const struct record *r)
{
	struct json_value v;
	struct json j;

	if (r->input.type) {
		json_compact(out, r->input.raw.data, r->input.raw.len);
		return;
	}
	if (!r->why) {
		record_echo(out, r);
		return;
	}
	json_open(&j, r->line.data, r->line.len);
	if (json_value(&j, &v) == 0 && json_finish(&j) == 0)
		json_compact(out, r->line.data, r->line.len);
	else
		json_quote(out, r->line.data, r->line.len);
}

void
record_error(struct buf *out, const struct record *r, const char *format, ...)
{
	va_list ap;
	char *text;
	int n;

	va_start(ap, format);
	n = vasprintf(&text, format, ap);
	va_end(ap);
	buf_adds(out, "{\"input\":");
	add_input(out, r);
	buf_adds(out, ",\"output\":null,\"error\":");
	json_quote(out, n < 0 ? "out of memory" : text, n < 0 ? 13 : (size_t)n);
	buf_adds(out, "}\n");
	if (n >= 0)
		free(text);
}
