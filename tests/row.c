/* row - every value is printed as its column's type has it, or the reason is told. */
#include "row.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"

static struct schema *schema;
static struct row row;

static const char schema_text[] =
    "{\"type\":\"record\",\"name\":\"Items\",\"fields\":["
    "{\"name\":\"ITEM_ID\",\"type\":\"string\"},"
    "{\"name\":\"I\",\"type\":[\"null\",\"int\"]},"
    "{\"name\":\"L\",\"type\":[\"null\",\"long\"]},"
    "{\"name\":\"F\",\"type\":[\"null\",\"float\"]},"
    "{\"name\":\"D\",\"type\":[\"null\",\"double\"]},"
    "{\"name\":\"B\",\"type\":[\"null\",\"boolean\"]},"
    "{\"name\":\"S\",\"type\":[\"null\",\"string\"]},"
    "{\"name\":\"C\",\"type\":[\"null\",\"string\"],\"categorical\":true},"
    "{\"name\":\"CREATION_TIMESTAMP\",\"type\":[\"null\",\"long\"]}]}";

static bool
same(const char *got, const char *expected)
{
	bool equal = !strcmp(got, expected);

	if (!equal)
		printf("# %s\n", got);
	return equal;
}

/* The row's line without LF, or "column: why". To be freed. */
static char *
result(int status, struct buf *out)
{
	char *text;

	if (status < 0)
		text = xasprintf("%s%s%s",
		    row.field < 0 ? "" : schema->fields[row.field].name,
		    row.field < 0 ? "" : ": ", row.why);
	else
		text = xmemdup(out->data, out->len - 1);
	buf_release(out);
	return text;
}

/* A text in a column (with the ID "x") gives the value, or the error. */
static bool
text_gives(const char *column, const char *value, const char *expected)
{
	struct buf out = { 0 };
	char *got, *whole;
	bool equal;

	row_begin(&row);
	row_text(&row, 0, span_of("x"));
	row_text(&row, (size_t)schema_field(schema, span_of(column)), span_of(value));
	got = result(row_end(&row, &out), &out);
	whole = *got == '{'
		    ? xasprintf("{\"ITEM_ID\":\"x\",\"%s\":%s}", column, expected)
		    : xasprintf("%s: %s", column, expected);
	equal = same(got, whole);
	free(got);
	free(whole);
	return equal;
}

static bool
object_gives(const char *json, const char *expected)
{
	struct buf out = { 0 };
	char *copy = malloc(strlen(json) + 1), *got;
	bool equal;

	memcpy(copy, json, strlen(json));
	got = result(row_object(&row, (struct span){ copy, strlen(json) }, &out), &out);
	equal = same(got, expected);
	free(got);
	free(copy);
	return equal;
}

static void
whole_numbers_are_exact(void)
{
	CHECK(text_gives("I", "12", "12"));
	CHECK(text_gives("I", "-2147483648", "-2147483648"));
	CHECK(text_gives(
	    "I", "2147483648", "2147483648 is too large for an int (32 bits)"));
	CHECK(text_gives("L", "9223372036854775807", "9223372036854775807"));
	CHECK(text_gives("L", "-9223372036854775808", "-9223372036854775808"));
	CHECK(text_gives("L", "9223372036854775808",
	    "9223372036854775808 is too large for a long (64 bits)"));
	CHECK(text_gives("L", "007", "7"));
	CHECK(text_gives("L", "-0", "0"));
	CHECK(text_gives("L", "12.0", "12"));
	CHECK(text_gives("L", "12.", "12"));
	CHECK(text_gives("L", "12.5", "'12.5' is not a whole number"));
	CHECK(text_gives("L", "1e3", "'1e3' is not a whole number"));
	CHECK(text_gives("L", " 1", "' 1' is not a whole number"));
	CHECK(text_gives("CREATION_TIMESTAMP", "2020-01-01",
	    "'2020-01-01' is not a whole number; expected seconds since 1970"));
}

static void
numbers_are_json(void)
{
	CHECK(text_gives("D", "1.50", "1.50"));
	CHECK(text_gives("D", "-.5", "-0.5"));
	CHECK(text_gives("D", "+5.", "5"));
	CHECK(text_gives("D", "007.5", "7.5"));
	CHECK(text_gives("D", "1e3", "1000"));
	CHECK(text_gives("D", "0", "0"));
	CHECK(text_gives("D", "abc", "'abc' is not a number"));
	CHECK(text_gives("D", "nan", "'nan' is not a number"));
	CHECK(text_gives("D", "0x10", "'0x10' is not a number"));
	CHECK(text_gives("D", ".", "'.' is not a number"));
	CHECK(text_gives("D", "1e", "'1e' is not a number"));
	CHECK(text_gives("D", "1e999", "1e999 is too large for a double"));
	CHECK(text_gives("D", "1e39", "1e+39"));
	CHECK(text_gives("F", "1e39", "1e39 is too large for a float"));
}

static void
booleans_ignore_case(void)
{
	CHECK(text_gives("B", "True", "true"));
	CHECK(text_gives("B", "FALSE", "false"));
	CHECK(text_gives("B", "1", "'1' is neither true nor false"));
}

static void
strings_are_quoted_and_checked(void)
{
	char *text = xmalloc(1002), *expected;

	CHECK(text_gives("S", "say \"hi\", ok", "\"say \\\"hi\\\", ok\""));
	CHECK(text_gives("S", "caf\xc3\xa9\t", "\"caf\xc3\xa9\\t\""));
	CHECK(text_gives("S", "ab\xff", "byte 3 of the value: invalid UTF-8"));
	memset(text, 'x', 1001);
	text[1001] = '\0';
	CHECK(text_gives("C", text, "1001 characters long; at most 1000 are allowed"));
	expected = xasprintf("\"%s\"", text);
	CHECK(text_gives("S", text, expected));
	free(expected);
	text[1000] = '\0';
	expected = xasprintf("\"%s\"", text);
	CHECK(text_gives("C", text, expected));
	free(expected);
	free(text);
}

static void
limits_count_characters_not_bytes(void)
{
	struct buf out = { 0 }, id = { 0 };

	for (int i = 0; i < 256; i++)
		buf_adds(&id, "\xc3\xa9");
	row_begin(&row);
	row_text(&row, 0, (struct span){ id.data, id.len });
	CHECK(row_end(&row, &out) == 0);
	buf_addc(&id, 'x');
	row_text(&row, 0, (struct span){ id.data, id.len });
	CHECK(row_end(&row, &out) < 0 && row.field == 0 && strstr(row.why, "257 char"));
	buf_release(&id);
	buf_release(&out);
}

static void
empty_is_null(void)
{
	struct buf out = { 0 };

	CHECK(object_gives("{\"ITEM_ID\":\"x\",\"S\":\"\",\"L\":null,\"D\":\"\"}",
	    "{\"ITEM_ID\":\"x\"}"));
	CHECK(object_gives(
	    "{\"ITEM_ID\":\"\"}", "ITEM_ID: missing or empty, but required"));
	CHECK(object_gives("{}", "ITEM_ID: missing or empty, but required"));
	buf_adds(&out, "before");
	row_begin(&row);
	CHECK(row_end(&row, &out) < 0 && !strcmp(out.data, "before"));
	buf_release(&out);
}

static void
json_values_become_the_column_s_type(void)
{
	CHECK(
	    object_gives("{\"L\":\"12\",\"ITEM_ID\":42,\"D\":1.5,\"B\":true,\"I\":3.0}",
		"{\"ITEM_ID\":\"42\",\"I\":3,\"L\":12,\"D\":1.5,\"B\":true}"));
	CHECK(object_gives("{\"ITEM_ID\":12345678901234567890}",
	    "{\"ITEM_ID\":\"12345678901234567890\"}"));
	CHECK(object_gives("{\"ITEM_ID\":\"a\\u0062\\\"\\/\",\"B\":\"TRUE\"}",
	    "{\"ITEM_ID\":\"ab\\\"/\",\"B\":true}"));
	CHECK(object_gives("{\"itemId\":\"x\",\"creation_timestamp\":5}",
	    "{\"ITEM_ID\":\"x\",\"CREATION_TIMESTAMP\":5}"));
	CHECK(object_gives("{\"ITEM_ID\":1.5}", "ITEM_ID: expected a string, not 1.5"));
	CHECK(object_gives(
	    "{\"ITEM_ID\":\"x\",\"S\":true}", "S: expected a string, not true"));
	CHECK(object_gives("{\"ITEM_ID\":\"x\",\"S\":[\"a\"]}",
	    "S: expected a string, not [\"a\"] (several values are one string, joined "
	    "by |)"));
	CHECK(object_gives(
	    "{\"ITEM_ID\":\"x\",\"L\":{}}", "L: expected a whole number, not {}"));
	CHECK(object_gives(
	    "{\"ITEM_ID\":\"x\",\"B\":1}", "B: expected true or false, not 1"));
	CHECK(object_gives("{\"ITEM_ID\":\"x\\u0000\"}", "ITEM_ID: NUL in a string"));
}

static void
objects_hold_what_the_schema_knows(void)
{
	CHECK(object_gives("{\"ITEM_ID\":\"x\",\"Z\":null}", "{\"ITEM_ID\":\"x\"}"));
	CHECK(object_gives(
	    "{\"ITEM_ID\":\"x\",\"Z\":1}", "the schema has no column \"Z\""));
	CHECK(object_gives(
	    "{\"ITEM_ID\":\"x\",\"item_id\":\"y\"}", "ITEM_ID: there twice"));
	CHECK(
	    object_gives("{\"ITEM_ID\":\"x\"", "byte 15: unexpected end of the line"));
	CHECK(object_gives("[1]", "byte 1: expected an object"));
	CHECK(object_gives("{\"ITEM_ID\":\"x\"} 1", "byte 17: more behind the value"));
	CHECK(object_gives("", "byte 1: expected an object"));
}

static void
milliseconds_are_noticed(void)
{
	CHECK(!row.late);
	CHECK(
	    text_gives("CREATION_TIMESTAMP", "1600000000", "1600000000") && !row.late);
	CHECK(text_gives("L", "1600000000000", "1600000000000") && !row.late);
	CHECK(text_gives("CREATION_TIMESTAMP", "1600000000000", "1600000000000"));
	CHECK(row.late);
}

int
main(void)
{
	char *why;

	schema = schema_parse(schema_text, strlen(schema_text), -1, &why);
	row_init(&row, schema);
	whole_numbers_are_exact();
	numbers_are_json();
	booleans_ignore_case();
	strings_are_quoted_and_checked();
	limits_count_characters_not_bytes();
	empty_is_null();
	json_values_become_the_column_s_type();
	objects_hold_what_the_schema_knows();
	milliseconds_are_noticed();
	row_release(&row);
	schema_free(schema);
	return check_end();
}
