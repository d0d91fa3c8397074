/* record - what a line says, and what of it is passed on. */
#include "record.h"

#include <string.h>

#include "check.h"

static bool
echo_is(const char *line, const char *expected)
{
	struct buf out = { 0 };
	struct record r;
	bool same;

	record_parse(&r, line, strlen(line));
	record_echo(&out, &r);
	same = !strcmp(out.data, expected);
	if (!same)
		printf("# %s\n", out.data);
	buf_release(&out);
	return same;
}

static bool
error_is(const char *line, const char *expected)
{
	struct buf out = { 0 };
	struct record r;
	bool same;

	record_parse(&r, line, strlen(line));
	record_error(&out, &r, "no %s", "luck");
	same = !strcmp(out.data, expected);
	if (!same)
		printf("# %s\n", out.data);
	buf_release(&out);
	return same;
}

static void
members_are_found(void)
{
	static const char line[] =
	    "{\"userId\": \"5\",\"x\":{\"userId\":1},"
	    "\"filterValues\":{\"G\":\"\\\"a\\\"\"},\"user\\u0049d\":\"6\"}";
	struct record r;

	CHECK(record_parse(&r, line, strlen(line)) == 0);
	/* The last of a repeated member counts, however its name is written. */
	CHECK(r.user_id.type == JSON_STRING && json_is(&r.user_id, "6"));
	CHECK(r.filter_values.type == JSON_OBJECT);
	CHECK(!r.item_id.type && !r.has_output && !r.has_error);
}

static void
output_records_are_known(void)
{
	static const char line[] =
	    "{\"input\":{\"userId\":\"5\"},\"output\":{\"recommendedItems\":"
	    "[\"a\"],\"scores\":[0.5]},\"error\":null}";
	static const char bad[] =
	    "{\"input\":\"x\",\"output\":null,\"error\":\"broken\"}";
	struct record r;

	CHECK(record_parse(&r, line, strlen(line)) == 0);
	CHECK(r.has_output && !r.has_error && json_is(&r.user_id, "5"));
	CHECK(r.items.type == JSON_ARRAY && r.scores.type == JSON_ARRAY);
	CHECK(record_parse(&r, bad, strlen(bad)) == 0);
	CHECK(!r.has_output && r.has_error);
}

static void
broken_lines_say_where(void)
{
	static const char *const broken[] = { "", "garbage", "[1]", "{\"userId\":\"1\"",
		"{\"userId\":\"1\"} x", "{\"userId\":\"\xff\"}", "{\"userId\":01}" };
	struct record r;

	for (size_t i = 0; i < LENGTH(broken); i++)
		CHECK(record_parse(&r, broken[i], strlen(broken[i])) < 0 && r.why &&
		      r.at <= strlen(broken[i]));
}

static void
echoes_keep_tokens_and_lose_space_and_filter(void)
{
	CHECK(echo_is("{\"userId\": \"4638\"}", "{\"userId\":\"4638\"}"));
	CHECK(echo_is(" { \"a b\" : 1.10 , \"c\":[ 12345678901234567890 ] }",
	    "{\"a b\":1.10,\"c\":[12345678901234567890]}"));
	CHECK(echo_is("{\"filter\":\"EXCLUDE x\",\"userId\":\"1\", \"t\": \"\\\" x\"}",
	    "{\"userId\":\"1\",\"t\":\"\\\" x\"}"));
	CHECK(echo_is(
	    "{\"userId\":\"1\",\"filter\":[\"a\",\"b\"]}", "{\"userId\":\"1\"}"));
	CHECK(echo_is("{\"filter\":\"a\"}", "{}"));
}

static void
errors_carry_the_input(void)
{
	CHECK(error_is("{\"userId\": 1}",
	    "{\"input\":{\"userId\":1},\"output\":null,\"error\":\"no luck\"}\n"));
	CHECK(error_is("garbage \"x\"",
	    "{\"input\":\"garbage "
	    "\\\"x\\\"\",\"output\":null,\"error\":\"no luck\"}\n"));
	CHECK(error_is(
	    "[ 1 ]", "{\"input\":[1],\"output\":null,\"error\":\"no luck\"}\n"));
	CHECK(error_is("{\"input\":{\"userId\":\"1\"},\"output\":{}}",
	    "{\"input\":{\"userId\":\"1\"},\"output\":null,\"error\":\"no luck\"}\n"));
}

int
main(void)
{
	members_are_found();
	output_records_are_known();
	broken_lines_say_where();
	echoes_keep_tokens_and_lose_space_and_filter();
	errors_carry_the_input();
	return check_end();
}
