/* json - a strict pull reader of RFC 8259, without copies or allocation. */
#include "json.h"

#include <string.h>

#include "json_string.h"
#include "utf8.h"

static int
fail(struct json *j, const char *at, const char *why)
{
	if (!j->why) {
		j->why = why;
		j->at = at;
	}
	return -1;
}

static void
skip_space(struct json *j)
{
	while (j->at < j->end &&
	       (*j->at == ' ' || *j->at == '\t' || *j->at == '\n' || *j->at == '\r'))
		j->at++;
}

void
json_open(struct json *j, const char *text, size_t len)
{
	*j = (struct json){ .text = text, .at = text, .end = text + len };
}

static const char *
scan_escape(struct json *j, const char *p)
{
	size_t len;

	if (p + 1 >= j->end)
		return fail(j, p, "unfinished string"), NULL;
	if (p[1] != 'u')
		return p[1] && strchr("\"\\/bfnrt", p[1])
			   ? p + 2
			   : (fail(j, p, "unknown escape in a string"), NULL);
	if (json_unicode_escape(p + 2, j->end, &len) < 0)
		return fail(j, p, "bad \\u escape in a string"), NULL;
	return p + 2 + len;
}

static int
scan_string(struct json *j, struct json_value *v)
{
	const char *p = j->at + 1, *from;

	v->type = JSON_STRING;
	v->escaped = false;
	for (;;) {
		p = json_skip_plain(p, j->end);
		if (p >= j->end)
			return fail(j, j->at, "unfinished string");
		if (*p == '"')
			break;
		if (*p == '\\') {
			v->escaped = true;
			if (!(p = scan_escape(j, p)))
				return -1;
			continue;
		}
		if ((unsigned char)*p < 0x20)
			return fail(j, p, "control character in a string");
		from = p;
		if ((p = utf8_skip(p, j->end)) == from)
			return fail(j, p, "invalid UTF-8");
	}
	v->raw = (struct span){ j->at, (size_t)(p + 1 - j->at) };
	j->at = p + 1;
	return 0;
}

static const char *
digits(const char *p, const char *end)
{
	while (p < end && *p >= '0' && *p <= '9')
		p++;
	return p;
}

static int
scan_number(struct json *j, struct json_value *v)
{
	const char *p = j->at, *from;

	v->type = JSON_NUMBER;
	v->escaped = false;
	if (*p == '-')
		p++;
	from = p;
	p = digits(p, j->end);
	if (p == from || (*from == '0' && p > from + 1))
		return fail(j, j->at, "bad number");
	if (p < j->end && *p == '.') {
		from = ++p;
		if ((p = digits(p, j->end)) == from)
			return fail(j, j->at, "bad number");
	}
	if (p < j->end && (*p == 'e' || *p == 'E')) {
		p++;
		if (p < j->end && (*p == '+' || *p == '-'))
			p++;
		from = p;
		if ((p = digits(p, j->end)) == from)
			return fail(j, j->at, "bad number");
	}
	v->raw = (struct span){ j->at, (size_t)(p - j->at) };
	j->at = p;
	return 0;
}

static int
scan_word(struct json *j, struct json_value *v, const char *word, enum json_type type)
{
	size_t len = strlen(word);

	if ((size_t)(j->end - j->at) < len || memcmp(j->at, word, len) != 0)
		return fail(j, j->at, "not a JSON value");
	*v = (struct json_value){ type, { j->at, len }, false };
	j->at += len;
	return 0;
}

enum json_type
json_peek(struct json *j)
{
	if (j->why)
		return JSON_NONE;
	skip_space(j);
	if (j->at >= j->end)
		return JSON_NONE;
	switch (*j->at) {
	case '{':
		return JSON_OBJECT;
	case '[':
		return JSON_ARRAY;
	case '"':
		return JSON_STRING;
	case 't':
		return JSON_TRUE;
	case 'f':
		return JSON_FALSE;
	case 'n':
		return JSON_NULL;
	default:
		return *j->at == '-' || (*j->at >= '0' && *j->at <= '9') ? JSON_NUMBER
									 : JSON_NONE;
	}
}

static int
scan_scalar(struct json *j, struct json_value *v)
{
	switch (json_peek(j)) {
	case JSON_STRING:
		return scan_string(j, v);
	case JSON_NUMBER:
		return scan_number(j, v);
	case JSON_TRUE:
		return scan_word(j, v, "true", JSON_TRUE);
	case JSON_FALSE:
		return scan_word(j, v, "false", JSON_FALSE);
	case JSON_NULL:
		return scan_word(j, v, "null", JSON_NULL);
	default:
		return fail(j, j->at,
		    j->at < j->end ? "not a JSON value" : "unexpected end of the line");
	}
}

int
json_enter(struct json *j, char bracket)
{
	if (j->why)
		return -1;
	skip_space(j);
	if (j->at >= j->end || *j->at != bracket)
		return fail(j, j->at,
		    bracket == '{' ? "expected an object" : "expected an array");
	j->at++;
	j->first = true;
	return 0;
}

/* Step over the comma before the next entry. 1, 0 past the closing bracket, -1. */
static int
step(struct json *j, char closing)
{
	bool first = j->first;

	if (j->why)
		return -1;
	skip_space(j);
	j->first = false;
	if (j->at < j->end && *j->at == closing) {
		j->at++;
		return 0;
	}
	if (first)
		return 1;
	if (j->at >= j->end)
		return fail(j, j->at, "unexpected end of the line");
	if (*j->at != ',')
		return fail(
		    j, j->at, closing == '}' ? "expected , or }" : "expected , or ]");
	j->at++;
	return 1;
}

int
json_member(struct json *j, struct json_value *name)
{
	int more = step(j, '}');

	if (more <= 0)
		return more;
	skip_space(j);
	if (j->at >= j->end || *j->at != '"')
		return fail(j, j->at,
		    j->at < j->end ? "expected a member name in quotes"
				   : "unexpected end of the line");
	if (scan_string(j, name) < 0)
		return -1;
	skip_space(j);
	if (j->at >= j->end || *j->at != ':')
		return fail(j, j->at, "expected :");
	j->at++;
	return 1;
}

bool
json_member_is(struct json *j, const char *name)
{
	const char *p = j->at;

	if (j->why || (!j->first && (p == j->end || *p++ != ',')) || p == j->end ||
	    *p++ != '"')
		return false;
	for (; *name; name++)
		if (p == j->end || *p++ != *name)
			return false;
	if (j->end - p < 2 || p[0] != '"' || p[1] != ':')
		return false;
	j->at = p + 2;
	j->first = false;
	return true;
}

int
json_element(struct json *j)
{
	return step(j, ']');
}

/* A container as one span: a stack of its open brackets in place of recursion. */
static int
scan_container(struct json *j, struct json_value *v)
{
	const char *from = j->at;
	bool object[JSON_DEPTH];
	struct json_value inner;
	int depth = 0, more;

	v->type = *from == '{' ? JSON_OBJECT : JSON_ARRAY;
	v->escaped = false;
	object[depth++] = *from == '{';
	if (json_enter(j, *from) < 0)
		return -1;
	while (depth) {
		more = object[depth - 1] ? json_member(j, &inner) : json_element(j);
		if (more < 0)
			return -1;
		if (!more) {
			depth--;
			continue;
		}
		skip_space(j);
		if (j->at < j->end && (*j->at == '{' || *j->at == '[')) {
			if (depth == JSON_DEPTH)
				return fail(j, j->at, "nested too deeply");
			object[depth++] = *j->at == '{';
			json_enter(j, *j->at);
		} else if (scan_scalar(j, &inner) < 0)
			return -1;
	}
	v->raw = (struct span){ from, (size_t)(j->at - from) };
	return 0;
}

int
json_value(struct json *j, struct json_value *v)
{
	enum json_type type = json_peek(j);

	if (j->why)
		return -1;
	if (type == JSON_OBJECT || type == JSON_ARRAY)
		return scan_container(j, v);
	return scan_scalar(j, v);
}

int
json_finish(struct json *j)
{
	if (j->why)
		return -1;
	skip_space(j);
	return j->at == j->end ? 0 : fail(j, j->at, "more behind the value");
}
