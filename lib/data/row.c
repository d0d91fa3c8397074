/* row - a checked row of a dataset, printed as one line of JSON. */
#include "row.h"

#include <errno.h>
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "number.h"
#include "utf8.h"

/* The service's limits, in characters. */
enum { ID_MAX = 256, CATEGORY_MAX = 1000 };

/* In seconds this is the year 5138; in milliseconds, March 1973. */
static const int64_t latest_time = 99999999999;

struct row_column {
	char *prefix; /* "NAME": in quotes with its colon */
	size_t prefix_len;
	size_t max_chars; /* 0: no limit */
	bool id, time;
	bool set;
	struct json_value value; /* type 0: text, in raw */
};

struct row_member {
	char *name;
	size_t len;
	int field;
};

static size_t
char_limit(const struct field *f, bool id)
{
	if (id)
		return ID_MAX;
	return f->categorical || !strcmp(f->name, "IMPRESSION") ? CATEGORY_MAX : 0;
}

void
row_init(struct row *r, const struct schema *s)
{
	struct buf name = { 0 };

	*r = (struct row){ .schema = s };
	r->columns = xcalloc(s->n_fields, sizeof *r->columns);
	for (size_t i = 0; i < s->n_fields; i++) {
		struct row_column *c = &r->columns[i];
		const char *text = s->fields[i].name;

		buf_clear(&name);
		json_quote(&name, text, strlen(text));
		buf_addc(&name, ':');
		c->prefix = xmemdup(name.data, name.len);
		c->prefix_len = name.len;
		c->id = !strcmp(text, "USER_ID") || !strcmp(text, "ITEM_ID");
		c->time =
		    !strcmp(text, "TIMESTAMP") || !strcmp(text, "CREATION_TIMESTAMP");
		c->max_chars = char_limit(&s->fields[i], c->id);
	}
	buf_release(&name);
}

void
row_release(struct row *r)
{
	for (size_t i = 0; r->columns && i < r->schema->n_fields; i++)
		free(r->columns[i].prefix);
	for (size_t i = 0; i < r->n_members; i++)
		free(r->members[i].name);
	free(r->columns);
	free(r->members);
	buf_release(&r->scratch);
	*r = (struct row){ 0 };
}

int
row_fail(struct row *r, int field, const char *format, ...)
{
	va_list ap;

	r->field = field;
	va_start(ap, format);
	vsnprintf(r->why, sizeof r->why, format, ap);
	va_end(ap);
	return -1;
}

/* A value for an error text: short, printable. */
static const char *
shown(struct span s, char out[64])
{
	size_t len = MIN(s.len, (size_t)40);
	bool valid;

	while (len < s.len && len && (s.data[len] & 0xc0) == 0x80)
		len--;
	valid = utf8_valid(s.data, len) == len;
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s.data[i];

		out[i] = c < 0x20 || c == 0x7f || (c > 0x7f && !valid) ? '?' : (char)c;
	}
	strcpy(out + len, len < s.len ? "..." : "");
	return out;
}

static size_t
skip_digits(struct span s, size_t i)
{
	while (i < s.len && s.data[i] >= '0' && s.data[i] <= '9')
		i++;
	return i;
}

/* The length of -?digits at the start, 0 if there are none. */
static size_t
whole_part(struct span s)
{
	size_t sign = s.len && *s.data == '-', end = skip_digits(s, sign);

	return end > sign ? end : 0;
}

bool
text_is_whole(struct span s)
{
	size_t i = whole_part(s);

	if (!i || i == s.len)
		return i > 0;
	if (s.data[i++] != '.')
		return false;
	while (i < s.len && s.data[i] == '0')
		i++;
	return i == s.len;
}

bool
text_is_number(struct span s)
{
	size_t i = s.len && (*s.data == '-' || *s.data == '+'), from = i, digits;

	i = skip_digits(s, i);
	digits = i - from;
	if (i < s.len && s.data[i] == '.') {
		from = ++i;
		i = skip_digits(s, i);
		digits += i - from;
	}
	if (!digits)
		return false;
	if (i < s.len && (s.data[i] == 'e' || s.data[i] == 'E')) {
		i++;
		if (i < s.len && (s.data[i] == '-' || s.data[i] == '+'))
			i++;
		from = i;
		i = skip_digits(s, i);
		if (i == from)
			return false;
	}
	return i == s.len;
}

bool
text_is_boolean(struct span s)
{
	return span_equal_nocase(s, span_of("true")) ||
	       span_equal_nocase(s, span_of("false"));
}

/* Digits to a number; false if it does not fit. */
static bool
whole_number(struct span s, int64_t *value)
{
	size_t end = whole_part(s);
	bool negative = *s.data == '-';
	int64_t n = 0;

	for (size_t i = negative; i < end; i++) {
		int digit = s.data[i] - '0';

		if (__builtin_mul_overflow(n, (int64_t)10, &n) ||
		    __builtin_add_overflow(n, negative ? -digit : digit, &n))
			return false;
	}
	*value = n;
	return true;
}

static int
add_whole(struct row *r, size_t i, struct span s, struct buf *out)
{
	bool is_int = r->schema->fields[i].type == FIELD_INT;
	size_t sign = s.len && *s.data == '-';
	char show[64];
	int64_t value;

	if (!text_is_whole(s))
		return row_fail(r, (int)i, "'%s' is not a whole number%s",
		    shown(s, show),
		    r->columns[i].time ? "; expected seconds since 1970" : "");
	if (!whole_number(s, &value) || (is_int && value != (int32_t)value))
		return row_fail(r, (int)i, "%s is too large for %s", shown(s, show),
		    is_int ? "an int (32 bits)" : "a long (64 bits)");
	r->late |= r->columns[i].time && value > latest_time;
	if (s.data[sign] != '0' && skip_digits(s, sign) == s.len)
		buf_add(out, s.data, s.len);
	else
		buf_addf(out, "%" PRId64, value);
	return 0;
}

/* Whether a number's text is JSON as it stands. */
static bool
is_json_number(struct span s)
{
	size_t i = *s.data == '-', end = skip_digits(s, i);

	if (end == i || (s.data[i] == '0' && end > i + 1))
		return false;
	return end == s.len || s.data[end] != '.' || skip_digits(s, end + 1) > end + 1;
}

static int
add_number(struct row *r, size_t i, struct span s, struct buf *out)
{
	double max = r->schema->fields[i].type == FIELD_FLOAT ? FLT_MAX : DBL_MAX,
	       value;
	char text[NUMBER_SIZE], show[64];

	if (!text_is_number(s))
		return row_fail(r, (int)i, "'%s' is not a number", shown(s, show));
	/* Up to 30 bytes without an exponent: in the range of float. */
	if (s.len <= 30 && is_json_number(s) && !memchr(s.data, 'e', s.len) &&
	    !memchr(s.data, 'E', s.len)) {
		buf_add(out, s.data, s.len);
		return 0;
	}
	buf_clear(&r->scratch);
	buf_add(&r->scratch, s.data, s.len);
	value = strtod(r->scratch.data, NULL);
	if (!isfinite(value) || fabs(value) > max)
		return row_fail(r, (int)i, "%s is too large for a %s", shown(s, show),
		    max < DBL_MAX ? "float" : "double");
	buf_add(out, text, number_json(text, value));
	return 0;
}

static int
add_boolean(struct row *r, size_t i, struct span s, struct buf *out)
{
	char show[64];

	if (!text_is_boolean(s))
		return row_fail(
		    r, (int)i, "'%s' is neither true nor false", shown(s, show));
	buf_adds(out, s.len == 4 ? "true" : "false");
	return 0;
}

static size_t
count_chars(struct span s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++)
		n += (s.data[i] & 0xc0) != 0x80;
	return n;
}

/* The checks on a string that is valid UTF-8. */
static int
check_string(struct row *r, size_t i, struct span s)
{
	size_t max = r->columns[i].max_chars, n;

	if (memchr(s.data, '\0', s.len))
		return row_fail(r, (int)i, "NUL in a string");
	if (max && s.len > max && (n = count_chars(s)) > max)
		return row_fail(
		    r, (int)i, "%zu characters long; at most %zu are allowed", n, max);
	return 0;
}

static int
add_string(struct row *r, size_t i, struct span s, struct buf *out)
{
	size_t valid = utf8_valid(s.data, s.len);

	if (valid < s.len)
		return row_fail(
		    r, (int)i, "byte %zu of the value: invalid UTF-8", valid + 1);
	if (check_string(r, i, s) < 0)
		return -1;
	json_quote(out, s.data, s.len);
	return 0;
}

static int
add_text(struct row *r, size_t i, struct span s, struct buf *out)
{
	switch (r->schema->fields[i].type) {
	case FIELD_INT:
	case FIELD_LONG:
		return add_whole(r, i, s, out);
	case FIELD_FLOAT:
	case FIELD_DOUBLE:
		return add_number(r, i, s, out);
	case FIELD_BOOLEAN:
		return add_boolean(r, i, s, out);
	default:
		return add_string(r, i, s, out);
	}
}

static int
wrong_type(struct row *r, size_t i, const struct json_value *v)
{
	static const char *const expected[] = {
		[FIELD_STRING] = "a string",
		[FIELD_INT] = "a whole number",
		[FIELD_LONG] = "a whole number",
		[FIELD_FLOAT] = "a number",
		[FIELD_DOUBLE] = "a number",
		[FIELD_BOOLEAN] = "true or false",
	};
	enum field_type type = r->schema->fields[i].type;
	char show[64];

	return row_fail(r, (int)i, "expected %s, not %s%s", expected[type],
	    shown(v->raw, show),
	    type == FIELD_STRING && v->type == JSON_ARRAY
		? " (several values are one string, joined by |)"
		: "");
}

static int
add_json(struct row *r, size_t i, const struct json_value *v, struct buf *out)
{
	enum field_type type = r->schema->fields[i].type;

	if (v->type == JSON_STRING && type == FIELD_STRING && !v->escaped) {
		/* What the reader took is printed as it stands. */
		if (check_string(r, i, json_text(v, &r->scratch)) < 0)
			return -1;
		buf_add(out, v->raw.data, v->raw.len);
		return 0;
	}
	if (v->type == JSON_STRING)
		return add_text(r, i, json_text(v, &r->scratch), out);
	if (v->type == JSON_NUMBER && type != FIELD_BOOLEAN &&
	    (type != FIELD_STRING || whole_part(v->raw) == v->raw.len))
		return add_text(r, i, v->raw, out);
	if ((v->type == JSON_TRUE || v->type == JSON_FALSE) && type == FIELD_BOOLEAN)
		return add_text(r, i, v->raw, out);
	return wrong_type(r, i, v);
}

void
row_begin(struct row *r)
{
	for (size_t i = 0; i < r->schema->n_fields; i++)
		r->columns[i].set = false;
}

void
row_text(struct row *r, size_t field, struct span text)
{
	struct row_column *c = &r->columns[field];

	c->set = text.len > 0;
	c->value.type = 0;
	c->value.raw = text;
}

void
row_value(struct row *r, size_t field, const struct json_value *value)
{
	struct row_column *c = &r->columns[field];

	c->set = value->type != JSON_NULL &&
		 !(value->type == JSON_STRING && value->raw.len == 2);
	c->value = *value;
}

const struct json_value *
row_get(const struct row *r, size_t field)
{
	return r->columns[field].set ? &r->columns[field].value : NULL;
}

static int
missing(struct row *r, size_t i)
{
	if (r->columns[i].id || r->columns[i].time)
		return row_fail(r, (int)i, "missing or empty, but required");
	return row_fail(
	    r, (int)i, "missing or empty, but the schema does not allow null");
}

static int
add_columns(struct row *r, struct buf *out)
{
	size_t from = out->len;
	int status;

	for (size_t i = 0; i < r->schema->n_fields; i++) {
		struct row_column *c = &r->columns[i];

		if (!c->set) {
			if (!r->schema->fields[i].nullable)
				return missing(r, i);
			continue;
		}
		buf_addc(out, out->len == from ? '{' : ',');
		buf_add(out, c->prefix, c->prefix_len);
		status = c->value.type ? add_json(r, i, &c->value, out)
				       : add_text(r, i, c->value.raw, out);
		if (status < 0)
			return -1;
	}
	buf_adds(out, "}\n");
	return 0;
}

int
row_end(struct row *r, struct buf *out)
{
	size_t from = out->len;
	int status = add_columns(r, out);

	if (status < 0 && out->data) {
		out->len = from;
		out->data[from] = '\0';
	}
	return status;
}

/* Objects of one file have the same members in the same places: look there first. */
static int
member_field(struct row *r, size_t position, const struct json_value *name)
{
	struct row_member *m;
	struct span text;

	if (position >= r->n_members) {
		r->members = xrealloc(r->members, position + 1, sizeof *r->members);
		r->members[position] = (struct row_member){ 0 };
		r->n_members = position + 1;
	}
	m = &r->members[position];
	if (m->name && span_equal(name->raw, (struct span){ m->name, m->len }))
		return m->field;
	text = json_text(name, &r->scratch);
	free(m->name);
	m->name = xmemdup(name->raw.data, name->raw.len);
	m->len = name->raw.len;
	m->field = schema_field_alike(r->schema, text);
	return m->field;
}

static int
take_member(struct row *r, size_t position, const struct json_value *name,
    const struct json_value *v)
{
	int field = member_field(r, position, name);
	char show[64];

	if (field < 0 && v->type == JSON_NULL)
		return 0;
	if (field < 0)
		return row_fail(
		    r, -1, "the schema has no column %s", shown(name->raw, show));
	if (r->columns[field].set)
		return row_fail(r, field, "there twice");
	row_value(r, (size_t)field, v);
	return 0;
}

int
row_object(struct row *r, struct span text, struct buf *out)
{
	struct json_value name, v;
	size_t position = 0;
	struct json j;

	json_open(&j, text.data, text.len);
	json_enter(&j, '{');
	row_begin(r);
	while (json_member(&j, &name) > 0 && !json_value(&j, &v))
		if (take_member(r, position++, &name, &v) < 0)
			return -1;
	if (json_finish(&j) < 0)
		return row_fail(
		    r, -1, "byte %zu: %s", (size_t)(j.at - j.text) + 1, j.why);
	return row_end(r, out);
}
