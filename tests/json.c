/*
 * json - the strict reader against RFC 8259 and against libjq.
 *
 * libjq 1.6 accepts more than JSON: nan, numbers like 01, .5 and 1., a byte order
 * mark, and invalid UTF-8 and lone low surrogates, both of which it reads as
 * U+FFFD. So what the reader accepts, libjq must accept with an equal value; where
 * only libjq accepts is a table.
 */
#include "json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jq.h>

#include "check.h"
#include "random.h"
#include "utf8.h"

/* The text in a block of its own that ends where it ends: ASan sees any overrun. */
static char *
block(const char *text, size_t len)
{
	char *copy = malloc(len ? len : 1);

	memcpy(copy, text, len);
	return copy;
}

static bool
valid(const char *text, size_t len)
{
	char *copy = block(text, len);
	struct json_value v;
	struct json j;
	bool ok;

	json_open(&j, copy, len);
	ok = json_value(&j, &v) == 0 && json_finish(&j) == 0;
	if (ok == (j.why != NULL) || j.at < j.text || j.at > j.end) {
		printf("# inconsistent reader for %.*s\n", (int)len, text);
		abort();
	}
	free(copy);
	return ok;
}

/* The value as libjq's, read by entering every container. Invalid on error. */
static jv
walk(struct json *j)
{
	enum json_type type = json_peek(j);
	struct json_value v, name;
	struct buf scratch = { 0 };
	struct span text;
	jv result, key, inner;
	int more;

	if (type == JSON_OBJECT || type == JSON_ARRAY) {
		bool object = type == JSON_OBJECT;

		result = object ? jv_object() : jv_array();
		json_enter(j, object ? '{' : '[');
		while ((more = object ? json_member(j, &name) : json_element(j)) > 0) {
			inner = walk(j);
			if (!jv_is_valid(inner)) {
				jv_free(result);
				return inner;
			}
			if (!object) {
				result = jv_array_append(result, inner);
				continue;
			}
			text = json_text(&name, &scratch);
			key = jv_string_sized(text.data, (int)text.len);
			result = jv_object_set(result, key, inner);
			buf_release(&scratch);
		}
		if (more == 0)
			return result;
		jv_free(result);
		return jv_invalid();
	}
	if (json_value(j, &v) < 0)
		return jv_invalid();
	switch (v.type) {
	case JSON_NULL:
		return jv_null();
	case JSON_FALSE:
		return jv_false();
	case JSON_TRUE:
		return jv_true();
	case JSON_NUMBER:
		return jv_number(json_number(&v));
	default:
		text = json_text(&v, &scratch);
		result = jv_string_sized(text.data, (int)text.len);
		buf_release(&scratch);
		return result;
	}
}

/* Both ways through the reader and libjq. Whether they agree; *ok: it is JSON. */
static bool
agrees_with_libjq(const char *text, size_t len, bool *ok)
{
	char *copy = block(text, len);
	struct json j;
	jv ours, theirs;
	bool agrees = true;

	json_open(&j, copy, len);
	ours = walk(&j);
	*ok = jv_is_valid(ours) && json_finish(&j) == 0;
	if (*ok != valid(text, len))
		agrees = false;
	if (*ok) {
		theirs = jv_parse_sized(copy, (int)len);
		agrees = agrees && jv_is_valid(theirs) &&
			 jv_equal(jv_copy(ours), jv_copy(theirs));
		jv_free(theirs);
	}
	if (!agrees)
		printf("# differs: %.*s\n", (int)len, text);
	jv_free(ours);
	free(copy);
	return agrees;
}

static const char *const accepted[] = {
	"{}",
	"[]",
	"\"\"",
	"0",
	"-0",
	"null",
	"true",
	"false",
	" \t\r\n[ \t\r\n] \t\r\n",
	"{\"a\":1}",
	" { \"a\" : 1 , \"b\" : [ 2 , { } ] } ",
	"{\"a\":1,\"a\":2}",
	"{\"\":0}",
	"[1,-1,1.5,-0.0,1e5,1E5,1e+5,1e-5,0e0,0.00e-00,123456789012345678901234567890]",
	"1e999",
	"-1e-999",
	"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u00e9\\uABCD\\uabcd\"",
	"\"\\ud83d\\ude00\"",
	"\"\\uD834\\uDD1E\"",
	"\"\\u0000\"",
	"\"\x7f\"",
	"\"\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf\"",
	"\"\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\"",
	"\"\xe2\x80\xa8\xe2\x80\xa9\xef\xbb\xbf\"",
	"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
	"[null,true,false,\"a\",{\"b\":null}]",
};

static const char *const rejected[] = {
	"",
	" ",
	"\n",
	"{",
	"}",
	"[",
	"]",
	"[}",
	"{]",
	"[1",
	"[1,",
	"[1,]",
	"[,1]",
	"[,]",
	"[1,,2]",
	"[1 2]",
	"[1:2]",
	"[\"a\":1]",
	"{\"a\"",
	"{\"a\":",
	"{\"a\":1",
	"{\"a\":1,",
	"{\"a\":1,}",
	"{,\"a\":1}",
	"{\"a\" 1}",
	"{\"a\",1}",
	"{\"a\":}",
	"{\"a\":1 \"b\":2}",
	"{\"a\":1:2}",
	"{\"a\":1,,\"b\":2}",
	"{a:1}",
	"{'a':1}",
	"{1:1}",
	"{null:1}",
	"{\"a\":1}}",
	"{}{}",
	"[][]",
	"1 2",
	"1,",
	"nul",
	"nulll",
	"tru",
	"truee",
	"falsey",
	"True",
	"NULL",
	"nan",
	"NaN",
	"Infinity",
	"-Infinity",
	"undefined",
	"-",
	"+1",
	"--1",
	"01",
	"-01",
	"00",
	"0x10",
	"1.",
	".5",
	"-.5",
	"1.e5",
	"1e",
	"1e+",
	"1e-",
	"1e5.5",
	"1e0x1",
	"1_000",
	"1a",
	"1.5.5",
	"\"",
	"\"a",
	"\"\\",
	"\"\\\"",
	"\"\\x41\"",
	"\"\\a\"",
	"\"\\'\"",
	"\"\\U0041\"",
	"\"\\u\"",
	"\"\\u004\"",
	"\"\\u004g\"",
	"\"\\u 041\"",
	"\"\\ud800\"",
	"\"\\udc00\"",
	"\"\\ud800\\ud800\"",
	"\"\\ud800\\u0041\"",
	"\"\\ud800x\"",
	"\"\\ud800\\\"",
	"\"\\ud83d\\ude0\"",
	"\"\\udc00\\ud800\"",
	"\"a\nb\"",
	"\"a\tb\"",
	"\"\x01\"",
	"\"\x1f\"",
	"'a'",
	"\"a\"\"b\"",
	"\"\x80\"",
	"\"\xbf\"",
	"\"\xc0\x80\"",
	"\"\xc1\xbf\"",
	"\"\xc2\"",
	"\"\xc2\x41\"",
	"\"\xe0\x80\x80\"",
	"\"\xe0\x9f\xbf\"",
	"\"\xe2\x82\"",
	"\"\xed\xa0\x80\"",
	"\"\xed\xbf\xbf\"",
	"\"\xf0\x80\x80\x80\"",
	"\"\xf0\x8f\xbf\xbf\"",
	"\"\xf4\x90\x80\x80\"",
	"\"\xf5\x80\x80\x80\"",
	"\"\xff\"",
	"\xef\xbb\xbf{}",
	"\xef\xbb\xbf",
	"\xc2\xa0[]",
	"[]\x0c",
	"\x0b[]",
	"// a\n1",
	"/* a */1",
	"[1]#",
	"{\"a\":/**/1}",
	"(1)",
	"=1",
	";",
};

static void
what_rfc_8259_allows_is_accepted(void)
{
	size_t wrong = 0;
	bool ok;

	for (size_t i = 0; i < LENGTH(accepted); i++) {
		wrong += !agrees_with_libjq(accepted[i], strlen(accepted[i]), &ok);
		wrong += !ok;
		if (!ok)
			printf("# rejected: %s\n", accepted[i]);
	}
	CHECK(!wrong);
}

static void
what_rfc_8259_forbids_is_rejected(void)
{
	size_t wrong = 0;
	bool ok;

	for (size_t i = 0; i < LENGTH(rejected); i++) {
		wrong += !agrees_with_libjq(rejected[i], strlen(rejected[i]), &ok);
		wrong += ok;
		if (ok)
			printf("# accepted: %s\n", rejected[i]);
	}
	CHECK(!wrong);
}

static void
nul_bytes_are_rejected_everywhere(void)
{
	CHECK(!valid("\0", 1));
	CHECK(!valid("1\0", 2));
	CHECK(!valid("\0001", 2));
	CHECK(!valid("\"a\0b\"", 5));
	CHECK(!valid("\"a\\\0\"", 5));
	CHECK(!valid("\"\\u00\0"
		     "0\"",
	    8));
	CHECK(!valid("[1,\0"
		     "2]",
	    6));
	CHECK(!valid("{}\0", 3));
	CHECK(!valid("nul\0", 4));
}

/* Other versions of libjq may be stricter: that is said, and no failure. */
static void
libjq_is_laxer_in_known_ways(void)
{
	static const char *const lax[] = { "nan", "01", "1.", ".5", "\"\xff\"",
		"\"\\udc00\"", "\xef\xbb\xbf{}" };

	for (size_t i = 0; i < LENGTH(lax); i++) {
		jv theirs = jv_parse_sized(lax[i], (int)strlen(lax[i]));

		if (!jv_is_valid(theirs))
			printf("# libjq rejects: %s\n", lax[i]);
		jv_free(theirs);
		CHECK(!valid(lax[i], strlen(lax[i])));
	}
}

static void
add_space(struct buf *b)
{
	while (one_in(6))
		buf_addc(b, " \t\r\n"[random_below(4)]);
}

static void
add_string(struct buf *b)
{
	static const char *const parts[] = { "\\\"", "\\\\", "\\/", "\\b", "\\f", "\\n",
		"\\r", "\\t", "\\u0000", "\\u001f", "\\u00e9", "\\u20AC", "\\uffff",
		"\\ud83d\\ude00", "\\uDBFF\\uDFFF", "\xc3\xa9", "\xe2\x82\xac",
		"\xf0\x9f\x98\x80", "\x7f", "a long plain piece of text ", "/", "{",
		"]" };

	buf_addc(b, '"');
	while (!one_in(5))
		if (one_in(3))
			buf_adds(b, parts[random_below(LENGTH(parts))]);
		else
			buf_addc(b, (char)('a' + random_below(26)));
	buf_addc(b, '"');
}

static void
add_number(struct buf *b)
{
	if (one_in(3))
		buf_addc(b, '-');
	if (one_in(4))
		buf_addc(b, '0');
	else
		buf_addf(
		    b, "%llu", (unsigned long long)(random_bits() >> random_below(64)));
	if (one_in(2))
		buf_addf(b, ".%0*llu", 1 + (int)random_below(9),
		    (unsigned long long)random_below(1000000));
	if (one_in(4))
		buf_addf(b, "%c%s%u", "eE"[random_below(2)],
		    ((const char *const[]){ "", "+", "-" })[random_below(3)],
		    (unsigned)random_below(one_in(9) ? 400 : 30));
}

static void
add_document(struct buf *b, int depth)
{
	static const char *const words[] = { "null", "true", "false" };
	uint64_t kind = random_below(depth ? 8 : 4);
	bool object = kind > 5;

	add_space(b);
	if (kind == 0)
		buf_adds(b, words[random_below(3)]);
	else if (kind == 1)
		add_number(b);
	else if (kind < 4)
		add_string(b);
	else {
		buf_addc(b, object ? '{' : '[');
		add_space(b);
		for (uint64_t n = random_below(5), i = 0; i < n; i++) {
			if (i)
				buf_addc(b, ',');
			if (object) {
				add_space(b);
				add_string(b);
				add_space(b);
				buf_addc(b, ':');
			}
			add_document(b, depth - 1);
		}
		buf_addc(b, object ? '}' : ']');
	}
	add_space(b);
}

static void
mutate(struct buf *b)
{
	static const char bytes[] =
	    "{}[]\",:\\u0123d8eE+-.ntf /*\n\0\x80\xc2\xed\xa0\xff";
	size_t at;

	do {
		if (!b->len)
			return;
		at = random_below(b->len);
		switch (random_below(5)) {
		case 0:
			b->data[at] = (char)random_bits();
			break;
		case 1:
			b->data[at] = bytes[random_below(sizeof bytes)];
			break;
		case 2:
			memmove(b->data + at, b->data + at + 1, --b->len - at);
			break;
		case 3:
			buf_addc(b, 0);
			memmove(b->data + at + 1, b->data + at, b->len - at - 1);
			b->data[at] = bytes[random_below(sizeof bytes)];
			break;
		default:
			b->len = at;
		}
	} while (one_in(2));
}

static void
random_documents_are_what_libjq_reads(void)
{
	struct buf b = { 0 };
	size_t wrong = 0;
	bool ok;

	for (int i = 0; i < 20000; i++) {
		buf_clear(&b);
		add_document(&b, 5);
		wrong += !agrees_with_libjq(b.data, b.len, &ok) || !ok;
	}
	CHECK(!wrong);
	buf_release(&b);
}

static void
mutated_documents_never_pass_where_libjq_objects(void)
{
	size_t wrong = 0, still_json = 0;
	struct buf b = { 0 };
	bool ok;

	for (int i = 0; i < 100000; i++) {
		buf_clear(&b);
		add_document(&b, 3);
		mutate(&b);
		wrong += !agrees_with_libjq(b.data, b.len, &ok);
		still_json += ok;
	}
	CHECK(!wrong);
	CHECK(still_json > 10000 && still_json < 90000);
	buf_release(&b);
}

static void
a_container_cut_anywhere_is_rejected(void)
{
	struct buf b = { 0 };
	size_t wrong = 0;

	for (int i = 0; i < 300; i++) {
		buf_clear(&b);
		buf_addc(&b, '[');
		add_document(&b, 4);
		buf_addc(&b, ']');
		for (size_t len = 0; len < b.len; len++)
			wrong += valid(b.data, len);
	}
	CHECK(!wrong);
	buf_release(&b);
}

static bool
nested(int depth, const char *open, const char *inner, char close)
{
	struct buf b = { 0 };
	bool ok;

	for (int i = 0; i < depth; i++)
		buf_adds(&b, open);
	buf_adds(&b, inner);
	for (int i = 0; i < depth; i++)
		buf_addc(&b, close);
	ok = valid(b.data, b.len);
	buf_release(&b);
	return ok;
}

static void
nesting_is_limited(void)
{
	CHECK(nested(JSON_DEPTH, "[", "", ']'));
	CHECK(!nested(JSON_DEPTH + 1, "[", "", ']'));
	CHECK(nested(JSON_DEPTH, "{\"a\":", "1", '}'));
	CHECK(!nested(JSON_DEPTH + 1, "{\"a\":", "1", '}'));
	CHECK(!nested(1000000, "[", "", ']'));
}

static void
the_first_error_stays(void)
{
	static const char text[] = "{\"a\":1,\"b\":tru,\"c\":3}";
	struct json_value name, v;
	const char *at, *why;
	struct json j;

	json_open(&j, text, strlen(text));
	CHECK(json_enter(&j, '{') == 0);
	CHECK(json_member(&j, &name) == 1 && json_is(&name, "a"));
	CHECK(json_value(&j, &v) == 0 && span_is(v.raw, "1"));
	CHECK(json_member(&j, &name) == 1 && json_is(&name, "b"));
	CHECK(json_value(&j, &v) == -1);
	at = j.at;
	why = j.why;
	CHECK(why && at == strstr(text, "tru"));
	CHECK(json_value(&j, &v) == -1 && json_member(&j, &name) == -1);
	CHECK(json_element(&j) == -1 && json_enter(&j, '[') == -1);
	CHECK(json_finish(&j) == -1 && json_peek(&j) == 0);
	CHECK(j.at == at && j.why == why);
}

/* If it takes a name, that is the name and what json_member would stand behind. */
static void
names_are_taken_if_they_are_next(void)
{
	static const char *const texts[] = { "{\"a\":1,\"ab\":2}", "{\"ab\":2,\"a\":1}",
		"{ \"a\":1, \"ab\":2}", "{\"a\" :1,\"ab\":2}", "{\"\\u0061\":1}", "{}",
		"{\"a\":1 ,\"ab\":2", "{\"a\"1}", "{\"a", "{\"a\"", "{\"", "{",
		"{,\"a\":1}", "{\"a\":1\"ab\":2}", "{\"a\":1,,\"ab\":2}" };
	static const char *const names[] = { "a", "ab", "abc", "b", "" };
	size_t taken = 0, wrong = 0;

	for (size_t t = 0; t < LENGTH(texts); t++)
		for (size_t n = 0; n < LENGTH(names); n++) {
			struct json_value name, v;
			struct json j, k, before;
			int more;

			json_open(&j, texts[t], strlen(texts[t]));
			json_enter(&j, '{');
			do {
				before = k = j;
				more = json_member(&j, &name);
				if (json_member_is(&k, names[n])) {
					taken++;
					wrong += more != 1 ||
						 !json_is(&name, names[n]) ||
						 k.at != j.at || k.first != j.first;
				} else
					wrong += k.at != before.at ||
						 k.first != before.first || k.why;
			} while (more > 0 && json_value(&j, &v) == 0);
		}
	CHECK(taken == 8);
	CHECK(!wrong);
}

static void
errors_say_where_and_what(void)
{
	static const struct {
		const char *text;
		size_t at;
		const char *why;
	} cases[] = {
		{ "", 0, "unexpected end of the line" },
		{ "[1 2]", 3, "expected , or ]" },
		{ "{\"a\":1 2}", 7, "expected , or }" },
		{ "{\"a\" 1}", 5, "expected :" },
		{ "{1:1}", 1, "expected a member name in quotes" },
		{ "[1,]", 3, "not a JSON value" },
		{ "[1]]", 3, "more behind the value" },
		{ "[\"a\xff\"]", 3, "invalid UTF-8" },
		{ "[\"a\tb\"]", 3, "control character in a string" },
		{ "[\"a\\x\"]", 3, "unknown escape in a string" },
		{ "[\"a\\ud800\"]", 3, "bad \\u escape in a string" },
		{ "[\"abc", 1, "unfinished string" },
		{ "[01]", 1, "bad number" },
	};
	struct json_value v;
	struct json j;

	for (size_t i = 0; i < LENGTH(cases); i++) {
		json_open(&j, cases[i].text, strlen(cases[i].text));
		CHECK(json_value(&j, &v) < 0 || json_finish(&j) < 0);
		if (strcmp(j.why, cases[i].why) != 0)
			printf("# %s: %s\n", cases[i].text, j.why);
		CHECK(!strcmp(j.why, cases[i].why));
		CHECK((size_t)(j.at - j.text) == cases[i].at);
	}
}

static void
a_member_left_standing_is_an_error(void)
{
	static const char text[] = "{\"a\":1,\"b\":2}";
	struct json_value name;
	struct json j;

	json_open(&j, text, strlen(text));
	json_enter(&j, '{');
	CHECK(json_member(&j, &name) == 1);
	CHECK(json_member(&j, &name) == -1);
}

static void
names_compare_without_escapes(void)
{
	static const char text[] =
	    "[\"userId\",\"\\u0075serId\",\"userId\\u0000\",\"\"]";
	struct json_value v[4];
	struct json j;

	json_open(&j, text, strlen(text));
	json_enter(&j, '[');
	for (int i = 0; i < 4; i++)
		if (json_element(&j) != 1 || json_value(&j, &v[i]) < 0)
			abort();
	CHECK(json_is(&v[0], "userId") && !json_is(&v[0], "user"));
	CHECK(!json_is(&v[0], "userIds") && !json_is(&v[0], ""));
	CHECK(json_is(&v[1], "userId") && !json_is(&v[1], "userID"));
	CHECK(!json_is(&v[2], "userId"));
	CHECK(json_is(&v[3], "") && !json_is(&v[3], "a"));
}

/* Every character there is, escaped and plain, decodes to its UTF-8. */
static void
every_character_decodes(void)
{
	struct buf text = { 0 }, expected = { 0 }, scratch = { 0 };
	struct json_value v;
	size_t wrong = 0;
	struct json j;

	for (unsigned c = 0; c <= 0x10ffff; c += c < 0x3000 ? 1 : 61) {
		jv utf8;

		if (c >= 0xd800 && c < 0xe000)
			continue;
		utf8 = jv_string_append_codepoint(jv_string(""), c);
		buf_clear(&expected);
		buf_add(&expected, jv_string_value(utf8),
		    (size_t)jv_string_length_bytes(jv_copy(utf8)));
		jv_free(utf8);
		buf_clear(&text);
		if (c < 0x10000)
			buf_addf(&text, "\"\\u%04x\"", c);
		else
			buf_addf(&text, "\"\\u%04X\\u%04x\"",
			    0xd800 + ((c - 0x10000) >> 10), 0xdc00 + (c & 0x3ff));
		json_open(&j, text.data, text.len);
		wrong += json_value(&j, &v) < 0 || json_finish(&j) < 0 ||
			 !span_equal(json_text(&v, &scratch),
			     (struct span){ expected.data, expected.len });
		wrong += utf8_valid(expected.data, expected.len) != expected.len;
	}
	CHECK(!wrong);
	buf_release(&text);
	buf_release(&expected);
	buf_release(&scratch);
}

/* Bytes of the character at p by decoding it, 0 if it is none. */
static size_t
utf8_reference(const unsigned char *p)
{
	static const unsigned least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n = p[0] < 0x80 ? 1 : p[0] >> 5 == 6 ? 2 : p[0] >> 4 == 14 ? 3 : 4;
	unsigned c = p[0];

	if (n == 1)
		return 1;
	if (n == 4 && p[0] >> 3 != 30)
		return 0;
	c &= 0x7fu >> n;
	for (size_t i = 1; i < n; i++) {
		if (p[i] >> 6 != 2)
			return 0;
		c = c << 6 | (p[i] & 0x3f);
	}
	return c < least[n] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000) ? 0 : n;
}

static void
utf8_is_checked_as_a_decoder_would(void)
{
	static const unsigned char last[] = { 0x00, 0x41, 0x7f, 0x80, 0xbf, 0xc0,
		0xff };
	unsigned char p[5] = { 0 };
	size_t wrong = 0, n;

	for (int lead = 0; lead < 256; lead++)
		for (int second = 0; second < 256; second++)
			for (size_t k = 0; k < LENGTH(last) * LENGTH(last); k++) {
				p[0] = (unsigned char)lead;
				p[1] = (unsigned char)second;
				p[2] = last[k / LENGTH(last)];
				p[3] = last[k % LENGTH(last)];
				n = utf8_reference(p);
				wrong += utf8_valid((char *)p, n ? n : 4) != n;
				if (n > 1)
					wrong += utf8_valid((char *)p, n - 1) != 0;
			}
	CHECK(!wrong);
	CHECK(utf8_valid("", 0) == 0);
	CHECK(utf8_valid("abc\xc3\xa9"
			 "de\xff",
		  8) == 7);
}

static void
quoted_text_reads_back(void)
{
	struct buf text = { 0 }, quoted = { 0 }, scratch = { 0 };
	size_t wrong = 0, valid_texts = 0;
	struct json_value v;
	struct json j;

	for (int i = 0; i < 100000; i++) {
		size_t n = random_below(one_in(9) ? 100 : 12);
		struct span back;

		buf_clear(&text);
		buf_reserve(&text, 0);
		while (text.len < n)
			if (one_in(3))
				buf_addc(&text, (char)random_below(128));
			else if (one_in(3))
				buf_adds(&text, "\xe2\x82\xac");
			else if (one_in(9))
				buf_addc(&text, (char)random_bits());
			else
				buf_addc(&text, "\"\\\b\f\n\r\t/"[random_below(8)]);
		buf_clear(&quoted);
		json_quote(&quoted, text.data, text.len);
		json_open(&j, quoted.data, quoted.len);
		if (json_value(&j, &v) < 0 || json_finish(&j) < 0) {
			wrong++;
			continue;
		}
		back = json_text(&v, &scratch);
		if (utf8_valid(text.data, text.len) == text.len) {
			valid_texts++;
			wrong +=
			    !span_equal(back, (struct span){ text.data, text.len });
		} else
			wrong += !memmem(back.data, back.len, "\xef\xbf\xbd", 3);
	}
	CHECK(!wrong);
	CHECK(valid_texts > 10000);
	buf_release(&text);
	buf_release(&quoted);
	buf_release(&scratch);
}

static bool
quotes_as(const char *text, size_t len, const char *expected)
{
	char *copy = block(text, len);
	struct buf b = { 0 };
	bool same;

	json_quote(&b, copy, len);
	same = !strcmp(b.data, expected);
	if (!same)
		printf("# %s\n", b.data);
	buf_release(&b);
	free(copy);
	return same;
}

static void
quoting_escapes_no_more_than_it_must(void)
{
	CHECK(quotes_as("", 0, "\"\""));
	CHECK(quotes_as("a/b\x7f\xc3\xa9", 6, "\"a/b\x7f\xc3\xa9\""));
	CHECK(quotes_as("\"\\\b\f\n\r\t", 7, "\"\\\"\\\\\\b\\f\\n\\r\\t\""));
	CHECK(quotes_as("\0\x1f", 2, "\"\\u0000\\u001f\""));
	CHECK(quotes_as("a\xffz", 3, "\"a\xef\xbf\xbdz\""));
	CHECK(quotes_as("\xe2\x82", 2, "\"\xef\xbf\xbd\xef\xbf\xbd\""));
	CHECK(quotes_as("\xed\xa0\x80", 3, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""));
}

/* The tokens one after the other, by the reader. */
static void
add_tokens(struct buf *out, struct json *j)
{
	enum json_type type = json_peek(j);
	struct json_value v;
	bool object = type == JSON_OBJECT, first = true;

	if (type != JSON_OBJECT && type != JSON_ARRAY) {
		if (json_value(j, &v) < 0)
			abort();
		buf_add(out, v.raw.data, v.raw.len);
		return;
	}
	json_enter(j, object ? '{' : '[');
	buf_addc(out, object ? '{' : '[');
	while ((object ? json_member(j, &v) : json_element(j)) > 0) {
		if (!first)
			buf_addc(out, ',');
		first = false;
		if (object) {
			buf_add(out, v.raw.data, v.raw.len);
			buf_addc(out, ':');
		}
		add_tokens(out, j);
	}
	buf_addc(out, object ? '}' : ']');
}

static void
compacting_keeps_every_token(void)
{
	struct buf text = { 0 }, compact = { 0 }, tokens = { 0 };
	size_t wrong = 0;
	struct json j;

	for (int i = 0; i < 20000; i++) {
		char *copy;

		buf_clear(&text);
		buf_clear(&compact);
		buf_clear(&tokens);
		add_document(&text, 4);
		copy = block(text.data, text.len);
		json_compact(&compact, copy, text.len);
		json_open(&j, copy, text.len);
		add_tokens(&tokens, &j);
		wrong += json_finish(&j) < 0 || compact.len != tokens.len ||
			 memcmp(compact.data, tokens.data, tokens.len) != 0;
		free(copy);
	}
	CHECK(!wrong);
	buf_release(&text);
	buf_release(&compact);
	buf_release(&tokens);
}

static double
number(const char *text)
{
	char *copy = block(text, strlen(text));
	struct json_value v;
	struct json j;
	double value;

	json_open(&j, copy, strlen(text));
	if (json_value(&j, &v) < 0 || v.type != JSON_NUMBER)
		abort();
	value = json_number(&v);
	free(copy);
	return value;
}

static void
numbers_are_what_strtod_reads(void)
{
	struct buf b = { 0 };
	size_t wrong = 0;

	for (int i = 0; i < 300000; i++) {
		buf_clear(&b);
		add_number(&b);
		wrong += number(b.data) != strtod(b.data, NULL);
	}
	CHECK(!wrong);
	CHECK(number("0.8449224") == 0.8449224 && number("7.17E-5") == 7.17e-5);
	CHECK(number("123456789012345") == 123456789012345.0);
	CHECK(number("9007199254740993") == 9007199254740992.0);
	CHECK(number("0.00000000000001") == 1e-14);
	CHECK(signbit(number("-0")) && signbit(number("-0.0")));
	CHECK(isinf(number("1e999")) && number("1e-999") == 0);
	buf_clear(&b);
	for (int i = 0; i < 200; i++)
		buf_addc(&b, '9');
	CHECK(number(b.data) == 1e200);
	buf_release(&b);
}

int
main(void)
{
	what_rfc_8259_allows_is_accepted();
	what_rfc_8259_forbids_is_rejected();
	nul_bytes_are_rejected_everywhere();
	libjq_is_laxer_in_known_ways();
	random_documents_are_what_libjq_reads();
	mutated_documents_never_pass_where_libjq_objects();
	a_container_cut_anywhere_is_rejected();
	nesting_is_limited();
	the_first_error_stays();
	names_are_taken_if_they_are_next();
	errors_say_where_and_what();
	a_member_left_standing_is_an_error();
	names_compare_without_escapes();
	every_character_decodes();
	utf8_is_checked_as_a_decoder_would();
	quoted_text_reads_back();
	quoting_escapes_no_more_than_it_must();
	compacting_keeps_every_token();
	numbers_are_what_strtod_reads();
	return check_end();
}
