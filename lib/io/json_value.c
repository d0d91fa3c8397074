/* json_value - what the values that a reader returned say. */
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "json_string.h"
#include "utf8.h"

bool
json_is_unescaped(const struct json_value *v, const char *text)
{
	struct buf scratch = { 0 };
	bool same;

	same = span_is(json_text(v, &scratch), text);
	buf_release(&scratch);
	return same;
}

/* Append the character that the escape at p stands for. Returns what is behind it. */
static const char *
add_escape(struct buf *b, const char *p, const char *end)
{
	static const char letters[] = "bfnrt", meant[] = "\b\f\n\r\t";
	const char *letter;
	size_t len;

	if (p[1] == 'u') {
		utf8_add(b, (unsigned long)json_unicode_escape(p + 2, end, &len));
		return p + 2 + len;
	}
	letter = strchr(letters, p[1]);
	buf_addc(b, letter ? meant[letter - letters] : p[1]);
	return p + 2;
}

struct span
json_text(const struct json_value *v, struct buf *scratch)
{
	const char *p = v->raw.data + 1, *end = v->raw.data + v->raw.len - 1;
	const char *backslash;

	if (!v->escaped)
		return (struct span){ p, (size_t)(end - p) };
	buf_clear(scratch);
	while ((backslash = memchr(p, '\\', (size_t)(end - p)))) {
		buf_add(scratch, p, (size_t)(backslash - p));
		p = add_escape(scratch, backslash, end);
	}
	buf_add(scratch, p, (size_t)(end - p));
	return (struct span){ scratch->data, scratch->len };
}

/*
 * [-]digits[.digits] of up to 15 digits: the digits and the power of ten are
 * both exact doubles, so their quotient is rounded just once, as strtod rounds.
 */
static bool
short_decimal(const char *p, size_t len, double *value)
{
	static const double power[] = { 1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9,
		1e10, 1e11, 1e12, 1e13, 1e14, 1e15 };
	const char *end = p + len, *point = NULL;
	bool negative = *p == '-';
	double digits;
	uint64_t n = 0;

	p += negative;
	if (end - p > 16)
		return false;
	for (; p < end; p++)
		if (*p == '.')
			point = p;
		else if (*p >= '0' && *p <= '9')
			n = n * 10 + (uint64_t)(*p - '0');
		else
			return false;
	if (n > 999999999999999)
		return false;
	digits = point ? (double)n / power[end - point - 1] : (double)n;
	*value = negative ? -digits : digits;
	return true;
}

double
json_number(const struct json_value *v)
{
	char copy[64], *heap;
	double value;

	if (short_decimal(v->raw.data, v->raw.len, &value))
		return value;
	/* The text may end where the number does, so strtod needs a copy. */
	if (v->raw.len < sizeof copy) {
		memcpy(copy, v->raw.data, v->raw.len);
		copy[v->raw.len] = '\0';
		return strtod(copy, NULL);
	}
	heap = xmemdup(v->raw.data, v->raw.len);
	value = strtod(heap, NULL);
	free(heap);
	return value;
}

bool
json_find(struct json_value in, const char *name, struct json_value *found)
{
	struct json_value key, v;
	struct json j;

	*found = (struct json_value){ 0 };
	if (in.type != JSON_OBJECT)
		return false;
	json_open(&j, in.raw.data, in.raw.len);
	json_enter(&j, '{');
	while (json_member(&j, &key) > 0 && json_value(&j, &v) == 0)
		if (json_is(&key, name))
			*found = v;
	return found->type != JSON_NONE;
}

char *
json_dup(const struct json_value *v)
{
	struct buf scratch = { 0 };
	struct span text;
	char *copy;

	if (v->type != JSON_STRING)
		return NULL;
	text = json_text(v, &scratch);
	copy = xmemdup(text.data, text.len);
	buf_release(&scratch);
	return copy;
}
