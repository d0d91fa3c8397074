/*
 * json - a strict pull reader of RFC 8259, without copies or allocation, and the
 * little that is needed to write JSON.
 *
 * The reader walks one text. Containers are entered and stepped through:
 *
 *	json_open(&j, text, len);
 *	if (json_enter(&j, '{') < 0)
 *		...
 *	while ((more = json_member(&j, &name)) > 0)
 *		if (json_value(&j, &value) < 0)
 *			...
 *	if (more < 0 || json_finish(&j) < 0)
 *		complain(j.why, j.at - j.text);
 *
 * Every member's value must be consumed by json_value or entered. Invalid
 * UTF-8, control characters and lone surrogates in strings are errors. After
 * an error the reader stays in error. Spans point into the text.
 */
#ifndef JSON_H
#define JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "util.h"

enum json_type {
	JSON_NONE, /* no value starts here; a member that is absent */
	JSON_NULL,
	JSON_FALSE,
	JSON_TRUE,
	JSON_NUMBER,
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT,
};

enum { JSON_DEPTH = 256 }; /* deeper nesting is an error */

struct json_value {
	enum json_type type;
	struct span raw; /* as written; strings with their quotes */
	bool escaped;    /* a string with a backslash in it */
};

struct json {
	const char *text;
	const char *at; /* where the next token starts; on error, where it failed */
	const char *end;
	const char *why; /* static text, NULL while all is well */
	bool first;      /* just entered: no comma is due */
};

void json_open(struct json *j, const char *text, size_t len);
int json_enter(struct json *j, char bracket); /* '{' or '['; -1 if it is not there */

/* The next member's name, the reader standing before its value. 1, 0 at '}', -1. */
int json_member(struct json *j, struct json_value *name);
/*
 * Take the next member's name if it is this one, which needs no escapes, with no space
 * before or behind; false: it may still be, by json_member.
 */
bool json_member_is(struct json *j, const char *name);
/* 1 standing before the next element, 0 past ']', -1. */
int json_element(struct json *j);

int json_value(struct json *j, struct json_value *v); /* a whole value; -1 */
enum json_type json_peek(struct json *j);             /* JSON_NONE at anything else */
int json_finish(struct json *j);                      /* -1 unless only space is left */

/* Strings. The value must be a JSON_STRING that a reader returned. */
bool json_is_unescaped(const struct json_value *v, const char *text);
/* Inline, so that a literal's length is known where records are read. */
static inline bool
json_is(const struct json_value *v, const char *text)
{
	size_t len = strlen(text);

	if (v->escaped)
		return json_is_unescaped(v, text);
	return v->raw.len == len + 2 && !memcmp(v->raw.data + 1, text, len);
}
/* The text without quotes and escapes: from v itself, or decoded into scratch. */
struct span json_text(const struct json_value *v, struct buf *scratch);

/* Of a JSON_NUMBER, as strtod rounds; infinite if it is beyond all doubles. */
double json_number(const struct json_value *v);

/* The last member of that name in an object; false and JSON_NONE if there is none. */
bool json_find(struct json_value in, const char *name, struct json_value *found);
char *json_dup(const struct json_value *v); /* the text of a JSON_STRING, else NULL */

/* Append text as a JSON string with quotes. Bytes that are not UTF-8 become U+FFFD. */
void json_quote(struct buf *b, const char *text, size_t len);
/* Append a valid JSON text without the whitespace between its tokens. */
void json_compact(struct buf *b, const char *text, size_t len);

#endif
