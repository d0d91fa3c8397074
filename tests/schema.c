/* schema - what is a schema, what is not and why, and print is the inverse of parse. */
#include "schema.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"

static char *why;

/* A schema of that name with these fields. */
static struct schema *
make(const char *name, const char *fields)
{
	char *json = xasprintf("{\"type\":\"record\",\"name\":\"%s\",\"namespace\":"
			       "\"com.amazonaws.personalize.schema\",\"fields\":[%s],"
			       "\"version\":\"1.0\"}",
	    name, fields);
	struct schema *s;

	free(why);
	why = NULL;
	s = schema_parse(json, strlen(json), -1, &why);
	free(json);
	return s;
}

static bool
is_good(const char *name, const char *fields)
{
	struct schema *s = make(name, fields);
	bool good = s != NULL;

	if (!good)
		printf("# %s\n", why);
	schema_free(s);
	return good;
}

static bool
is_bad(const char *name, const char *fields, const char *reason)
{
	struct schema *s = make(name, fields);
	bool as_expected = !s && strstr(why, reason);

	if (!as_expected)
		printf("# %s\n", s ? "no error" : why);
	schema_free(s);
	return as_expected;
}

static bool
text_is_bad(const char *json, int dataset, const char *reason)
{
	struct schema *s;
	bool as_expected;

	free(why);
	why = NULL;
	s = schema_parse(json, strlen(json), dataset, &why);
	as_expected = !s && strstr(why, reason);
	if (!as_expected)
		printf("# %s\n", s ? "no error" : why);
	schema_free(s);
	return as_expected;
}

#define F(name, type) "{\"name\":\"" name "\",\"type\":" type "}"
#define USER F("USER_ID", "\"string\"")
#define ITEM F("ITEM_ID", "\"string\"")
#define TIME F("TIMESTAMP", "\"long\"")
#define BASE USER "," ITEM "," TIME

static void
all_types_and_both_orders_of_null_are_taken(void)
{
	struct schema *s = make("Items", ITEM
	    "," F("A", "[\"null\",\"int\"]") "," F("B", "[\"long\",\"null\"]") "," F(
		"C", "\"float\"") "," F("D", "[\"double\"]") "," F("E",
		"\"boolean\"") ",{\"type\":[\"string\",\"null\"],\"categorical\":true,"
			       "\"name\":\"F\"}"
			       ",{\"name\":\"G\",\"textual\":true,\"type\":\"string\","
			       "\"doc\":[1]}");

	CHECK(s && s->dataset == ITEMS && s->n_fields == 8);
	CHECK(s->fields[1].type == FIELD_INT && s->fields[1].nullable);
	CHECK(s->fields[2].type == FIELD_LONG && s->fields[2].nullable);
	CHECK(s->fields[3].type == FIELD_FLOAT && !s->fields[3].nullable);
	CHECK(s->fields[4].type == FIELD_DOUBLE && s->fields[5].type == FIELD_BOOLEAN);
	CHECK(s->fields[6].categorical && s->fields[6].nullable);
	CHECK(s->fields[7].textual && !s->fields[7].categorical);
	CHECK(schema_field(s, span_of("G")) == 7 && schema_field(s, span_of("g")) < 0);
	CHECK(schema_field_alike(s, span_of("itemId")) == 0);
	schema_free(s);
}

static void
types_that_are_none_are_refused(void)
{
	CHECK(is_bad("Items", ITEM "," F("A", "\"bytes\""), "field A: type \"bytes\""));
	CHECK(is_bad("Items", ITEM "," F("A", "[\"null\"]"), "field A: type"));
	CHECK(is_bad("Items", ITEM "," F("A", "[\"int\",\"long\"]"), "field A: type"));
	CHECK(is_bad("Items", ITEM "," F("A", "[\"null\",\"null\",\"int\"]"), "type"));
	CHECK(
	    is_bad("Items", ITEM "," F("A", "{\"type\":\"array\"}"), "field A: type"));
	CHECK(is_bad("Items", ITEM ",{\"name\":\"A\"}", "field A: type missing"));
	CHECK(is_bad("Items", ITEM ",{\"type\":\"int\"}", "field 2 has no name"));
	CHECK(is_bad("Items", ITEM ",3", "expected an object"));
}

static void
required_and_reserved_fields_have_their_types(void)
{
	CHECK(is_good("Interactions", BASE));
	CHECK(is_bad(
	    "Interactions", USER "," ITEM, "need a field TIMESTAMP of type long"));
	CHECK(is_bad("Users", F("AGE", "\"int\""), "need a field USER_ID"));
	CHECK(is_bad("Users", USER, "at least one field beside the ID"));
	CHECK(is_bad("Interactions", USER "," ITEM "," F("TIMESTAMP", "\"string\""),
	    "TIMESTAMP must be long, not string"));
	CHECK(is_bad("Interactions", BASE "," F("EVENT_VALUE", "\"long\""),
	    "EVENT_VALUE must be float"));
	CHECK(is_good(
	    "Interactions", BASE "," F("EVENT_VALUE", "[\"null\",\"double\"]")));
	CHECK(is_bad("Interactions",
	    USER "," TIME "," F("ITEM_ID", "[\"null\",\"string\"]"),
	    "ITEM_ID is required and must not be null"));
	CHECK(
	    is_good("Items", ITEM "," F("CREATION_TIMESTAMP", "[\"long\",\"null\"]")));
}

static void
categorical_and_textual_are_for_strings(void)
{
	CHECK(is_bad("Items",
	    ITEM ",{\"name\":\"A\",\"type\":\"int\",\"categorical\":true}",
	    "only a string can be"));
	CHECK(is_bad("Items",
	    ITEM ",{\"name\":\"A\",\"type\":\"string\",\"categorical\":true,"
		 "\"textual\":true}",
	    "both categorical and textual"));
	CHECK(is_bad("Users",
	    USER ",{\"name\":\"A\",\"type\":\"string\",\"textual\":true}",
	    "only items"));
	CHECK(is_bad("Items",
	    ITEM ",{\"name\":\"A\",\"type\":\"string\",\"textual\":true}"
		 ",{\"name\":\"B\",\"type\":\"string\",\"textual\":true}",
	    "at most one"));
	CHECK(
	    is_bad("Items", ITEM ",{\"name\":\"A\",\"type\":\"string\",\"textual\":1}",
		"must be true or false"));
}

static void
names_differ_by_more_than_case_and_underscores(void)
{
	CHECK(is_bad("Items",
	    ITEM "," F("GENRES_FIELD_1", "\"int\"") "," F("GENRESFIELD1", "\"int\""),
	    "GENRES_FIELD_1 and GENRESFIELD1"));
	CHECK(is_bad("Items", ITEM "," F("item_id", "\"string\""), "are the same"));
	CHECK(
	    is_bad("Items", ITEM "," F("a-b", "\"int\""), "'a-b' is not a field name"));
	CHECK(is_bad("Items", ITEM "," F("1a", "\"int\""), "not a field name"));
}

static void
own_columns_are_limited(void)
{
	struct buf b = { 0 };

	buf_adds(&b, BASE);
	for (int i = 0; i < 5; i++)
		buf_addf(&b, "," F("A%d", "\"int\""), i);
	CHECK(is_good("Interactions", b.data));
	buf_adds(&b, "," F("B", "\"int\""));
	CHECK(is_bad("Interactions", b.data, "6 columns of their own; at most 5"));
	buf_release(&b);
}

static void
what_is_no_schema_is_told_where(void)
{
	char *long_text = xmalloc(30001);

	CHECK(text_is_bad("{\"type\":", -1, "byte 9"));
	CHECK(text_is_bad("[]", -1, "byte 1: expected an object"));
	CHECK(text_is_bad(
	    "{\"type\":\"record\",\"name\":\"Items\"}", -1, "no \"fields\""));
	CHECK(text_is_bad("{\"fields\":[]}", ITEMS, "\"type\" must be \"record\""));
	CHECK(text_is_bad("{\"type\":\"record\",\"fields\":[]}", -1, "no \"name\""));
	CHECK(is_bad("Actions", ITEM, "'Actions' is none of"));
	CHECK(text_is_bad("{\"type\":\"record\",\"name\":\"Users\",\"fields\":[]}",
	    ITEMS, "a schema of users; expected one of items"));
	CHECK(text_is_bad("{\"type\":\"record\",\"name\":\"Users\",\"fields\":[]} x",
	    -1, "more behind"));
	memset(long_text, ' ', 30000);
	long_text[30000] = '\0';
	CHECK(text_is_bad(long_text, -1, "longer than 20000"));
	free(long_text);
}

static void
print_is_the_inverse_of_parse(void)
{
	struct schema *s = make("Items",
	    ITEM "," F("A", "[\"null\",\"int\"]") "," F("C",
		"\"float\"") ",{\"name\":\"F\",\"type\":[\"string\",\"null\"],"
			     "\"categorical\":true}"
			     ",{\"name\":\"G\",\"textual\":true,\"type\":\"string\"}");
	struct schema *again, *other = make("Items", ITEM "," F("A", "\"int\""));
	struct buf b = { 0 };

	schema_print(s, &b);
	again = schema_parse(b.data, b.len, -1, &why);
	CHECK(again && schema_equal(s, again) && !schema_equal(s, other));
	buf_release(&b);
	schema_free(s);
	schema_free(again);
	schema_free(other);
}

/* Every prefix of a schema, and every change of one byte, is taken or told, no more. */
static void
any_bytes_are_survived(void)
{
	static const char good[] =
	    "{\"type\":\"record\",\"name\":\"Items\",\"fields\":[" ITEM
	    "," F("A", "[\"null\",\"int\"]") "]}";
	size_t refused = 0;

	srand(1);
	for (int i = 0; i < 5000; i++) {
		size_t len = (size_t)rand() % sizeof good;
		char *copy = malloc(len + 1), *reason = NULL;
		struct schema *s;

		memcpy(copy, good, len);
		copy[len] = '\0';
		if (len && i % 2)
			copy[(size_t)rand() % len] = (char)rand();
		s = schema_parse(copy, len, -1, &reason);
		refused += !s && reason;
		free(reason);
		schema_free(s);
		free(copy);
	}
	CHECK(refused > 4000);
}

int
main(void)
{
	all_types_and_both_orders_of_null_are_taken();
	types_that_are_none_are_refused();
	required_and_reserved_fields_have_their_types();
	categorical_and_textual_are_for_strings();
	names_differ_by_more_than_case_and_underscores();
	own_columns_are_limited();
	what_is_no_schema_is_told_where();
	print_is_the_inverse_of_parse();
	any_bytes_are_survived();
	free(why);
	return check_end();
}
