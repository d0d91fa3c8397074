/* infer - what columns of values become in a schema. */
#include "infer.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"

/* One column of texts in a dataset of items, "" for null: its field as a word. */
static const char *
becomes(const char *header, const char *const *values, size_t n)
{
	static const char *const types[] = { "string", "int", "long", "float", "double",
		"boolean" };
	static char text[200];
	struct infer *in = infer_new(ITEMS);
	struct schema *s;
	char *why;

	for (size_t i = 0; i < n; i++) {
		infer_text(in, infer_column(in, span_of("ITEM_ID")), span_of("x"));
		infer_text(in, infer_column(in, span_of(header)), span_of(values[i]));
		infer_row(in);
	}
	if ((s = infer_schema(in, &why))) {
		const struct field *f = &s->fields[1];

		snprintf(text, sizeof text, "%s %s%s%s%s", f->name, types[f->type],
		    f->nullable ? " null" : "", f->categorical ? " categorical" : "",
		    f->textual ? " textual" : "");
		schema_free(s);
	} else {
		snprintf(text, sizeof text, "%s", why);
		free(why);
	}
	infer_free(in);
	return text;
}

#define VALUES(...)                                                                    \
	(const char *const[]){ __VA_ARGS__ },                                          \
	    sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *)

static bool
same(const char *got, const char *expected)
{
	bool equal = !strcmp(got, expected);

	if (!equal)
		printf("# %s\n", got);
	return equal;
}

static void
types_are_what_all_values_could_be(void)
{
	CHECK(same(becomes("a", VALUES("1", "-2", "3.0")), "a long"));
	CHECK(same(becomes("a", VALUES("1", "", "3")), "a long null"));
	CHECK(same(becomes("a", VALUES("1", "2.5", "1e3")), "a double"));
	CHECK(same(becomes("a", VALUES("true", "FALSE", "")), "a boolean null"));
	CHECK(same(becomes("a", VALUES("1", "x", "2")), "a string"));
	CHECK(same(becomes("a", VALUES("true", "1")), "a string"));
	CHECK(same(becomes("zip", VALUES("01234", "56789")), "zip string"));
	CHECK(same(becomes("a", VALUES("9223372036854775808", "1")), "a double"));
	CHECK(same(becomes("a", VALUES("", "")), "a string null"));
}

static void
strings_are_categories_lists_or_prose(void)
{
	static const char one[] = "a long text about a book that one may like to read";
	static const char two[] = "another text, of many words, on quite another book";

	CHECK(same(
	    becomes("a", VALUES("red", "blue", "red", "red")), "a string categorical"));
	CHECK(same(becomes("a", VALUES("red", "blue", "green")), "a string"));
	CHECK(same(becomes("a", VALUES("red|blue", "green")), "a string categorical"));
	CHECK(same(becomes("a", VALUES(one, two)), "a string textual"));
	CHECK(same(becomes("a", VALUES(one, one)), "a string categorical"));
}

static void
names_become_field_names(void)
{
	CHECK(same(becomes("creationTimestamp", VALUES("1", "2.5")),
	    "CREATION_TIMESTAMP long"));
	CHECK(same(becomes("price (EUR)", VALUES("1", "2")), "price__EUR_ long"));
	CHECK(same(becomes("2nd", VALUES("1", "2")), "_2nd long"));
	CHECK(!strncmp(becomes("\xc3\xa9", VALUES("1", "2")), "no field name", 13));
	CHECK(!strncmp(becomes("", VALUES("1", "2")), "no field name", 13));
	CHECK(same(becomes("itemId", VALUES("1", "2")),
	    "items need at least one field beside the ID"));
}

/* The estimate of distinct values decides at half the rows: try well off it. */
static void
many_distinct_values_are_estimated(void)
{
	for (int share = 1; share <= 4; share += 3) {
		struct infer *in = infer_new(USERS);
		struct schema *s;
		char *why;

		for (int i = 0; i < 200000; i++) {
			char *value = xasprintf("v%d", i / share);

			infer_text(
			    in, infer_column(in, span_of("USER_ID")), span_of(value));
			infer_text(in, infer_column(in, span_of("a")), span_of(value));
			infer_row(in);
			free(value);
		}
		s = infer_schema(in, &why);
		CHECK(s && s->fields[1].categorical == (share == 4));
		CHECK(s && !s->fields[0].categorical);
		schema_free(s);
		infer_free(in);
	}
}

static void
json_strings_stay_strings_unless_text_like(void)
{
	struct json_value v = { JSON_STRING, { "\"12\"", 4 }, false };

	for (int like = 0; like < 2; like++) {
		struct infer *in = infer_new(USERS);
		struct schema *s;
		char *why;

		infer_text(in, infer_column(in, span_of("userId")), span_of("u"));
		infer_value(in, infer_column(in, span_of("a")), &v, like);
		infer_row(in);
		s = infer_schema(in, &why);
		CHECK(s && s->fields[1].type == (like ? FIELD_LONG : FIELD_STRING));
		schema_free(s);
		infer_free(in);
	}
}

static void
columns_tell_the_dataset(void)
{
	struct span names[] = { span_of("PRICE"), span_of("item_id"),
		span_of("userId") };

	CHECK(infer_dataset(names, 3) == INTERACTIONS);
	CHECK(infer_dataset(names, 2) == ITEMS);
	CHECK(infer_dataset(names, 1) == -1);
	CHECK(infer_dataset(names + 2, 1) == USERS);
}

int
main(void)
{
	types_are_what_all_values_could_be();
	strings_are_categories_lists_or_prose();
	names_become_field_names();
	many_distinct_values_are_estimated();
	json_strings_stay_strings_unless_text_like();
	columns_tell_the_dataset();
	return check_end();
}
