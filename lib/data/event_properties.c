/* event_properties - the string of JSON in an entry, name by name, into a row. */
#include <ctype.h>
#include <string.h>

#include "event_state.h"

static bool
is_member(const struct events *e, size_t field)
{
	const char *name = event_row((struct events *)e)->schema->fields[field].name;

	for (size_t m = 0; event_member(e, m)->name; m++)
		if (e->state->fields[e->type][m] == (int)field)
			return true;
	return !strcmp(name, "USER_ID");
}

/* CREATION_TIMESTAMP as properties have it: creationTimestamp. */
static void
add_camel(struct buf *b, const char *name)
{
	bool shout = true, first = true, upper = false;

	for (const char *p = name; *p; p++)
		shout &= !islower((unsigned char)*p);
	for (const char *p = name; *p; p++) {
		unsigned char c = (unsigned char)*p;

		if (c == '_') {
			upper = !first;
			continue;
		}
		if (upper)
			c = (unsigned char)toupper(c);
		else if (first || shout)
			c = (unsigned char)tolower(c);
		buf_addc(b, (char)c);
		first = upper = false;
	}
}

static int
unknown_property(struct events *e, const struct json_value *name)
{
	const struct schema *schema = event_row(e)->schema;
	struct buf known = { 0 };

	for (size_t f = 0; f < schema->n_fields; f++) {
		if (is_member(e, f))
			continue;
		buf_adds(&known, known.len ? ", " : "; there are ");
		add_camel(&known, schema->fields[f].name);
	}
	event_fail(e, "properties: the schema of %s has no column for %.*s%s",
	    dataset_names[e->type], event_shown(name->raw), name->raw.data,
	    known.len ? known.data : "");
	buf_release(&known);
	return -1;
}

static int
take_property(
    struct events *e, const struct json_value *name, const struct json_value *v)
{
	const struct schema *schema = event_row(e)->schema;
	int field = schema_field_alike(schema, json_text(name, &e->state->scratch));

	if (v->type == JSON_NULL)
		return 0;
	return field < 0 ? unknown_property(e, name) : event_set(e, field, v);
}

int
event_properties(struct events *e, size_t m, const struct json_value *v)
{
	struct json_value name, value;
	struct span text = v->raw;
	struct json j;

	if (v->type == JSON_STRING)
		text = json_text(v, &e->state->properties);
	else if (v->type != JSON_OBJECT)
		return event_fail(e, "properties: expected a string of JSON");
	if (event_check_length(e, m, text) < 0)
		return -1;
	json_open(&j, text.data, text.len);
	json_enter(&j, '{');
	while (json_member(&j, &name) > 0 && json_value(&j, &value) == 0)
		if (take_property(e, &name, &value) < 0)
			return -1;
	if (json_finish(&j) < 0)
		return event_fail(
		    e, "properties: byte %zu: %s", (size_t)(j.at - j.text) + 1, j.why);
	return 0;
}
