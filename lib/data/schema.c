/* schema - the Avro schemas of the service's datasets. */
#include "schema.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"

enum { SCHEMA_MAX = 20000 }; /* characters, the service's limit */

const char *const dataset_names[DATASET_TYPES] = { "interactions", "items", "users" };
static const char *const avro_names[DATASET_TYPES] = { "Interactions", "Items",
	"Users" };
static const char *const type_names[] = {
	[FIELD_STRING] = "string",
	[FIELD_INT] = "int",
	[FIELD_LONG] = "long",
	[FIELD_FLOAT] = "float",
	[FIELD_DOUBLE] = "double",
	[FIELD_BOOLEAN] = "boolean",
};

/* Own columns a dataset may have beside the reserved ones. */
static const size_t own_max[DATASET_TYPES] = { 5, 100, 25 };

static const struct reserved reserved_fields[DATASET_TYPES][9] = {
	[INTERACTIONS] = {
	    { "USER_ID", FIELD_STRING, true },
	    { "ITEM_ID", FIELD_STRING, true },
	    { "TIMESTAMP", FIELD_LONG, true },
	    { "EVENT_TYPE", FIELD_STRING, false },
	    { "EVENT_VALUE", FIELD_FLOAT, false },
	    { "IMPRESSION", FIELD_STRING, false },
	    { "RECOMMENDATION_ID", FIELD_STRING, false },
	    { "EVENT_ATTRIBUTION_SOURCE", FIELD_STRING, false },
	},
	[ITEMS] = {
	    { "ITEM_ID", FIELD_STRING, true },
	    { "CREATION_TIMESTAMP", FIELD_LONG, false },
	},
	[USERS] = {
	    { "USER_ID", FIELD_STRING, true },
	},
};

int
dataset_type_of(const char *name)
{
	for (int i = 0; i < DATASET_TYPES; i++)
		if (span_equal_nocase(span_of(name), span_of(dataset_names[i])))
			return i;
	return -1;
}

const struct reserved *
schema_reserved(enum dataset_type dataset)
{
	return reserved_fields[dataset];
}

/* What is left of a name when case and all but letters and digits are ignored. */
static int
next_letter(struct span *s)
{
	while (s->len) {
		unsigned char c = (unsigned char)*s->data;

		s->data++;
		s->len--;
		if (c < 0x80 && isalnum(c))
			return tolower(c);
	}
	return 0;
}

bool
schema_alike(struct span a, struct span b)
{
	int x, y;

	do {
		x = next_letter(&a);
		y = next_letter(&b);
	} while (x && x == y);
	return x == y;
}

int
schema_field(const struct schema *s, struct span name)
{
	for (size_t i = 0; i < s->n_fields; i++)
		if (span_is(name, s->fields[i].name))
			return (int)i;
	return -1;
}

int
schema_field_alike(const struct schema *s, struct span name)
{
	int exact = schema_field(s, name);

	if (exact >= 0)
		return exact;
	for (size_t i = 0; i < s->n_fields; i++)
		if (schema_alike(name, span_of(s->fields[i].name)))
			return (int)i;
	return -1;
}

bool
schema_name_ok(struct span name)
{
	for (size_t i = 0; i < name.len; i++) {
		unsigned char c = (unsigned char)name.data[i];

		if (c >= 0x80 || (!isalnum(c) && c != '_') || (!i && isdigit(c)))
			return false;
	}
	return name.len > 0;
}

static const struct reserved *
find_reserved(enum dataset_type dataset, const char *name)
{
	for (const struct reserved *r = reserved_fields[dataset]; r->name; r++)
		if (!strcmp(r->name, name))
			return r;
	return NULL;
}

void
schema_add(struct schema *s, const char *name, enum field_type type)
{
	s->fields = xrealloc(s->fields, s->n_fields + 1, sizeof *s->fields);
	s->fields[s->n_fields++] =
	    (struct field){ .name = xstrdup(name), .type = type };
}

static bool
reserved_type_fits(const struct reserved *r, enum field_type type)
{
	return type == r->type || (r->type == FIELD_FLOAT && type == FIELD_DOUBLE);
}

static char *
check_reserved(const struct field *f, const struct reserved *r)
{
	if (!reserved_type_fits(r, f->type))
		return xasprintf("field %s must be %s, not %s", f->name,
		    type_names[r->type], type_names[f->type]);
	if (r->required && f->nullable)
		return xasprintf("field %s is required and must not be null", f->name);
	if (r->required && f->categorical)
		return xasprintf("field %s must not be categorical", f->name);
	if (f->textual)
		return xasprintf("field %s must not be textual", f->name);
	return NULL;
}

static char *
check_own(const struct schema *s, const struct field *f)
{
	if ((f->categorical || f->textual) && f->type != FIELD_STRING)
		return xasprintf("field %s is %s; only a string can be categorical or "
				 "textual",
		    f->name, type_names[f->type]);
	if (f->categorical && f->textual)
		return xasprintf("field %s is both categorical and textual", f->name);
	if (f->textual && s->dataset != ITEMS)
		return xasprintf("field %s is textual; only items may have textual "
				 "fields",
		    f->name);
	return NULL;
}

static char *
check_names(const struct schema *s)
{
	for (size_t i = 0; i < s->n_fields; i++) {
		const char *name = s->fields[i].name;

		if (!schema_name_ok(span_of(name)))
			return xasprintf(
			    "'%.60s' is not a field name; expected letters, "
			    "digits and _",
			    name);
		for (size_t j = 0; j < i; j++)
			if (schema_alike(span_of(name), span_of(s->fields[j].name)))
				return xasprintf("fields %s and %s are the same once "
						 "case and underscores are ignored",
				    s->fields[j].name, name);
	}
	return NULL;
}

static char *
check_counts(const struct schema *s)
{
	size_t own = 0, textual = 0;

	for (const struct reserved *r = reserved_fields[s->dataset]; r->name; r++)
		if (r->required && schema_field(s, span_of(r->name)) < 0)
			return xasprintf("%s need a field %s of type %s",
			    dataset_names[s->dataset], r->name, type_names[r->type]);
	for (size_t i = 0; i < s->n_fields; i++) {
		own += !find_reserved(s->dataset, s->fields[i].name);
		textual += s->fields[i].textual;
	}
	if (own > own_max[s->dataset])
		return xasprintf("%s have %zu columns of their own; at most %zu are "
				 "allowed",
		    dataset_names[s->dataset], own, own_max[s->dataset]);
	if (textual > 1)
		return xasprintf("%zu fields are textual; at most one may be", textual);
	if (s->dataset != INTERACTIONS && s->n_fields < 2)
		return xasprintf("%s need at least one field beside the ID",
		    dataset_names[s->dataset]);
	return NULL;
}

char *
schema_check(const struct schema *s)
{
	char *why = check_names(s);

	for (size_t i = 0; !why && i < s->n_fields; i++) {
		const struct field *f = &s->fields[i];
		const struct reserved *r = find_reserved(s->dataset, f->name);

		why = r ? check_reserved(f, r) : check_own(s, f);
	}
	return why ? why : check_counts(s);
}

/* A type's name or null into the field; false if it is neither or one too many. */
static bool
take_type(const struct json_value *v, struct field *f, bool *typed)
{
	if (v->type != JSON_STRING)
		return false;
	if (json_is(v, "null")) {
		bool once = !f->nullable;

		f->nullable = true;
		return once;
	}
	for (size_t i = 0; i < LENGTH(type_names); i++)
		if (json_is(v, type_names[i])) {
			bool once = !*typed;

			f->type = (enum field_type)i;
			*typed = true;
			return once;
		}
	return false;
}

/* "type", or ["null", "type"] in either order. */
static bool
parse_type(struct span text, struct field *f)
{
	struct json_value v;
	bool typed = false;
	struct json j;
	int more;

	json_open(&j, text.data, text.len);
	if (json_peek(&j) != JSON_ARRAY)
		return !json_value(&j, &v) && take_type(&v, f, &typed) && typed;
	json_enter(&j, '[');
	while ((more = json_element(&j)) > 0)
		if (json_value(&j, &v) < 0 || !take_type(&v, f, &typed))
			return false;
	return !more && typed;
}

static char *
copy_text(const struct json_value *v)
{
	struct buf scratch = { 0 };
	struct span text = json_text(v, &scratch);
	char *copy = xmemdup(text.data, text.len);

	buf_release(&scratch);
	return copy;
}

static char *
parse_flag(const struct json_value *name, const struct json_value *v, bool *flag)
{
	if (v->type != JSON_TRUE && v->type != JSON_FALSE)
		return xasprintf("%.*s must be true or false, not %.*s",
		    (int)name->raw.len, name->raw.data,
		    (int)MIN(v->raw.len, (size_t)40), v->raw.data);
	*flag = v->type == JSON_TRUE;
	return NULL;
}

static char *
json_error(const struct json *j)
{
	return xasprintf("byte %zu: %s", (size_t)(j->at - j->text) + 1, j->why);
}

/* One element of "fields". Attributes of Avro that mean nothing here are passed over.
 */
static char *
parse_field(struct json *j, struct schema *s)
{
	struct json_value name, v, type = { 0 };
	char *why = NULL;
	struct field *f;
	int more;

	schema_add(s, "", FIELD_STRING);
	f = &s->fields[s->n_fields - 1];
	if (json_enter(j, '{') < 0)
		return json_error(j);
	while (!why && (more = json_member(j, &name)) > 0 && !json_value(j, &v)) {
		if (json_is(&name, "name") && v.type == JSON_STRING) {
			free(f->name);
			f->name = copy_text(&v);
		} else if (json_is(&name, "type"))
			type = v;
		else if (json_is(&name, "categorical"))
			why = parse_flag(&name, &v, &f->categorical);
		else if (json_is(&name, "textual"))
			why = parse_flag(&name, &v, &f->textual);
	}
	if (why || j->why)
		return why ? why : json_error(j);
	if (!*f->name)
		return xasprintf("field %zu has no name", s->n_fields);
	if (!type.type || !parse_type(type.raw, f))
		return xasprintf("field %s: type %.*s is none of string, int, long, "
				 "float, double, boolean, or one of them with null",
		    f->name, type.type ? (int)MIN(type.raw.len, (size_t)60) : 7,
		    type.type ? type.raw.data : "missing");
	return NULL;
}

static char *
parse_fields(struct json *j, struct schema *s)
{
	char *why = NULL;
	int more = 0;

	if (json_enter(j, '[') < 0)
		return json_error(j);
	while (!why && (more = json_element(j)) > 0)
		why = parse_field(j, s);
	return why ? why : more < 0 ? json_error(j) : NULL;
}

/* The schema's name must agree with what is already known (dataset >= 0). */
static char *
take_name(const struct json_value *v, int *dataset)
{
	char *name = v->type == JSON_STRING ? copy_text(v) : xstrdup("");
	int type = dataset_type_of(name);
	char *why = NULL;

	if (type < 0 && *dataset < 0)
		why = xasprintf(
		    "the name '%.60s' is none of Interactions, Items, Users", name);
	else if (type >= 0 && *dataset >= 0 && type != *dataset)
		why = xasprintf("this is a schema of %s; expected one of %s",
		    dataset_names[type], dataset_names[*dataset]);
	else if (type >= 0)
		*dataset = type;
	free(name);
	return why;
}

static char *
parse_record(struct json *j, struct schema *s, int *dataset)
{
	struct json_value name, v;
	bool record = false, fields = false;
	char *why = NULL;

	if (json_enter(j, '{') < 0)
		return json_error(j);
	while (!why && json_member(j, &name) > 0) {
		if (json_is(&name, "fields")) {
			if (fields)
				return xstrdup("\"fields\" is there twice");
			fields = true;
			why = parse_fields(j, s);
			continue;
		}
		if (json_value(j, &v) < 0)
			break;
		if (json_is(&name, "type"))
			record = v.type == JSON_STRING && json_is(&v, "record");
		else if (json_is(&name, "name"))
			why = take_name(&v, dataset);
	}
	if (why || json_finish(j) < 0)
		return why ? why : json_error(j);
	if (!record)
		return xstrdup("not an Avro schema: \"type\" must be \"record\"");
	if (!fields)
		return xstrdup("not an Avro schema: no \"fields\"");
	if (*dataset < 0)
		return xstrdup("no \"name\"; expected Interactions, Items or Users");
	return NULL;
}

/* The limit is in characters: UTF-8 continuation bytes do not count. */
static bool
too_long(const char *json, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len && n <= SCHEMA_MAX; i++)
		n += (json[i] & 0xc0) != 0x80;
	return n > SCHEMA_MAX;
}

struct schema *
schema_parse(const char *json, size_t len, int dataset, char **why)
{
	struct schema *s = xcalloc(1, sizeof *s);
	struct json j;

	json_open(&j, json, len);
	if (too_long(json, len))
		*why = xasprintf("longer than %d characters", SCHEMA_MAX);
	else
		*why = parse_record(&j, s, &dataset);
	if (!*why) {
		s->dataset = (enum dataset_type)dataset;
		*why = schema_check(s);
	}
	if (!*why)
		return s;
	schema_free(s);
	return NULL;
}

void
schema_free(struct schema *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n_fields; i++)
		free(s->fields[i].name);
	free(s->fields);
	free(s);
}

static void
print_field(const struct field *f, struct buf *out)
{
	buf_adds(out, "    { \"name\": ");
	json_quote(out, f->name, strlen(f->name));
	if (f->nullable)
		buf_addf(out, ", \"type\": [\"null\", \"%s\"]", type_names[f->type]);
	else
		buf_addf(out, ", \"type\": \"%s\"", type_names[f->type]);
	if (f->categorical)
		buf_adds(out, ", \"categorical\": true");
	if (f->textual)
		buf_adds(out, ", \"textual\": true");
	buf_adds(out, " }");
}

void
schema_print(const struct schema *s, struct buf *out)
{
	buf_addf(out,
	    "{\n  \"type\": \"record\",\n  \"name\": \"%s\",\n"
	    "  \"namespace\": \"com.amazonaws.personalize.schema\",\n"
	    "  \"fields\": [\n",
	    avro_names[s->dataset]);
	for (size_t i = 0; i < s->n_fields; i++) {
		print_field(&s->fields[i], out);
		buf_adds(out, i + 1 < s->n_fields ? ",\n" : "\n");
	}
	buf_adds(out, "  ],\n  \"version\": \"1.0\"\n}\n");
}

static bool
field_equal(const struct field *a, const struct field *b)
{
	return !strcmp(a->name, b->name) && a->type == b->type &&
	       a->nullable == b->nullable && a->categorical == b->categorical &&
	       a->textual == b->textual;
}

bool
schema_equal(const struct schema *a, const struct schema *b)
{
	bool equal = a->dataset == b->dataset && a->n_fields == b->n_fields;

	for (size_t i = 0; equal && i < a->n_fields; i++)
		equal = field_equal(&a->fields[i], &b->fields[i]);
	return equal;
}

char *
schema_misfit(const struct schema *s, const struct schema *old)
{
	for (size_t i = 0; i < old->n_fields; i++) {
		const struct field *f = &old->fields[i];
		int at = schema_field(s, span_of(f->name));

		if (at < 0)
			return xasprintf("field %s is missing", f->name);
		if (s->fields[at].type != f->type)
			return xasprintf("field %s is %s instead of %s", f->name,
			    type_names[s->fields[at].type], type_names[f->type]);
		if (f->nullable && !s->fields[at].nullable)
			return xasprintf("field %s must allow null", f->name);
	}
	for (size_t i = 0; i < s->n_fields; i++)
		if (!s->fields[i].nullable &&
		    schema_field(old, span_of(s->fields[i].name)) < 0)
			return xasprintf(
			    "the new field %s must allow null", s->fields[i].name);
	return NULL;
}
