/* json - a strict pull reader of RFC 8259, without copies or allocation. */
#include "json.h"

#include <stdlib.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

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

/* Bytes of the UTF-8 character at p, 0 if none is valid. Unicode 15, table 3-7. */
static inline size_t
utf8_length(const unsigned char *p, size_t len)
{
	unsigned char low = 0x80, high = 0xbf;
	size_t need = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;

	if (p[0] < 0x80)
		return 1;
	if (p[0] < 0xc2 || p[0] > 0xf4 || need > len)
		return 0;
	/* The second byte excludes longer forms, surrogates, and all past U+10FFFF. */
	if (p[0] == 0xe0)
		low = 0xa0;
	else if (p[0] == 0xed)
		high = 0x9f;
	else if (p[0] == 0xf0)
		low = 0x90;
	else if (p[0] == 0xf4)
		high = 0x8f;
	if (p[1] < low || p[1] > high)
		return 0;
	for (size_t i = 2; i < need; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	return need;
}

/* The first byte from p on that is ASCII or invalid, or end. */
static const char *
skip_utf8(const char *p, const char *end)
{
	size_t n;

	while (p < end && (unsigned char)*p >= 0x80) {
		n = utf8_length((const unsigned char *)p, (size_t)(end - p));
		if (!n)
			break;
		p += n;
	}
	return p;
}

size_t
utf8_valid(const char *text, size_t len)
{
	const char *p = text, *end = text + len, *from;

	do {
		while (p < end && (unsigned char)*p < 0x80)
			p++;
		from = p;
		p = skip_utf8(p, end);
	} while (p > from);
	return (size_t)(p - text);
}

void
json_open(struct json *j, const char *text, size_t len)
{
	*j = (struct json){ .text = text, .at = text, .end = text + len };
}

static int
hex4(const char *p, const char *end)
{
	int value = 0;

	if (end - p < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		char c = p[i];
		int digit = c >= '0' && c <= '9'   ? c - '0'
			    : c >= 'a' && c <= 'f' ? c - 'a' + 10
			    : c >= 'A' && c <= 'F' ? c - 'A' + 10
						   : -1;

		if (digit < 0)
			return -1;
		value = value * 16 + digit;
	}
	return value;
}

/* p stands behind "\u". The code point, and how many bytes it took; -1. */
static long
unicode_escape(const char *p, const char *end, size_t *len)
{
	long high = hex4(p, end), low;

	*len = 4;
	if (high < 0xd800 || high > 0xdfff)
		return high;
	if (high > 0xdbff || end - p < 10 || p[4] != '\\' || p[5] != 'u')
		return -1;
	low = hex4(p + 6, end);
	if (low < 0xdc00 || low > 0xdfff)
		return -1;
	*len = 10;
	return 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
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
	if (unicode_escape(p + 2, j->end, &len) < 0)
		return fail(j, p, "bad \\u escape in a string"), NULL;
	return p + 2 + len;
}

/* Bytes of a string that need no look: not quote, backslash, control, or 8-bit. */
static const bool plain[256] = {
#define ROW(x) x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x
	ROW(0),
	ROW(0),
	1,
	1,
	0,
	1,
	1,
	1,
	1,
	1,
	1,
	1,
	1,
	1,
	1,
	1,
	1,
	1,
	ROW(1),
	ROW(1),
	1,
	1,
	1,
	1,
	1,
	1,
	1,
	1,
	1,
	1,
	1,
	1,
	0,
	1,
	1,
	1,
	ROW(1),
	ROW(1),
#undef ROW
};

/* The first byte from p on that is not plain, or end. */
static inline const char *
skip_plain(const char *p, const char *end)
{
#ifdef __SSE2__
	/* As signed bytes, controls and 8-bit ones are all below the space. */
	const __m128i quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\');
	const __m128i space = _mm_set1_epi8(' ');

	for (; end - p >= 16; p += 16) {
		__m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
		__m128i stop = _mm_or_si128(
		    _mm_cmplt_epi8(x, space), _mm_or_si128(_mm_cmpeq_epi8(x, quote),
						  _mm_cmpeq_epi8(x, backslash)));
		int mask = _mm_movemask_epi8(stop);

		if (mask)
			return p + __builtin_ctz((unsigned)mask);
	}
#endif
	while (p < end && plain[(unsigned char)*p])
		p++;
	return p;
}

static int
scan_string(struct json *j, struct json_value *v)
{
	const char *p = j->at + 1, *from;

	v->type = JSON_STRING;
	v->escaped = false;
	for (;;) {
		p = skip_plain(p, j->end);
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
		if ((p = skip_utf8(p, j->end)) == from)
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

bool
json_is(const struct json_value *v, const char *text)
{
	struct buf scratch = { 0 };
	bool same;

	if (!v->escaped)
		return v->raw.len == strlen(text) + 2 &&
		       !memcmp(v->raw.data + 1, text, v->raw.len - 2);
	same = span_is(json_text(v, &scratch), text);
	buf_release(&scratch);
	return same;
}

static void
add_utf8(struct buf *b, unsigned long c)
{
	if (c < 0x80)
		buf_addc(b, (char)c);
	else if (c < 0x800) {
		buf_addc(b, (char)(0xc0 | c >> 6));
		buf_addc(b, (char)(0x80 | (c & 0x3f)));
	} else if (c < 0x10000) {
		buf_addc(b, (char)(0xe0 | c >> 12));
		buf_addc(b, (char)(0x80 | (c >> 6 & 0x3f)));
		buf_addc(b, (char)(0x80 | (c & 0x3f)));
	} else {
		buf_addc(b, (char)(0xf0 | c >> 18));
		buf_addc(b, (char)(0x80 | (c >> 12 & 0x3f)));
		buf_addc(b, (char)(0x80 | (c >> 6 & 0x3f)));
		buf_addc(b, (char)(0x80 | (c & 0x3f)));
	}
}

/* Append the character that the escape at p stands for. Returns what is behind it. */
static const char *
add_escape(struct buf *b, const char *p, const char *end)
{
	static const char letters[] = "bfnrt", meant[] = "\b\f\n\r\t";
	const char *letter;
	size_t len;

	if (p[1] == 'u') {
		add_utf8(b, (unsigned long)unicode_escape(p + 2, end, &len));
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

static void
quote_byte(struct buf *b, unsigned char c)
{
	static const char special[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
	const char *found = c ? strchr(special, c) : NULL;

	if (found) {
		buf_addc(b, '\\');
		buf_addc(b, letters[found - special]);
	} else
		buf_addf(b, "\\u%04x", c);
}

void
json_quote(struct buf *b, const char *text, size_t len)
{
	const char *p = text, *end = text + len, *from = p;

	buf_addc(b, '"');
	while ((p = skip_utf8(skip_plain(p, end), end)) < end) {
		if (plain[(unsigned char)*p])
			continue;
		buf_add(b, from, (size_t)(p - from));
		if ((unsigned char)*p < 0x80)
			quote_byte(b, (unsigned char)*p);
		else
			buf_adds(b, "\xef\xbf\xbd");
		from = ++p;
	}
	buf_add(b, from, (size_t)(p - from));
	buf_addc(b, '"');
}

void
json_compact(struct buf *b, const char *text, size_t len)
{
	const char *p = text, *end = text + len, *from;

	buf_reserve(b, len);
	while (p < end) {
		from = p;
		if (*p == '"') {
			for (p++; p < end && *p != '"'; p++)
				p += *p == '\\';
			p++;
		} else
			while (p < end && *p != '"' && (unsigned char)*p > ' ')
				p++;
		buf_add(b, from, (size_t)(MIN(p, end) - from));
		while (p < end && (unsigned char)*p <= ' ')
			p++;
	}
}
