/* csv - what is printed reads back; the rules of quotes and escapes. */
#include "csv.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"

static struct csv csv;

static int
split(const char *line)
{
	/* A copy of its own size, for the sanitizer to guard. */
	static char *copy;
	size_t len = strlen(line);

	free(copy);
	copy = malloc(len ? len : 1);
	if (len)
		memcpy(copy, line, len);
	return csv_split(&csv, copy, len);
}

/* The fields joined by <>. */
static bool
gives(const char *line, const char *expected)
{
	struct buf b = { 0 };
	bool same;

	if (split(line) < 0)
		buf_addf(&b, "%zu: %s", csv.at, csv.why);
	else
		for (size_t i = 0; i < csv.n; i++) {
			buf_adds(&b, i ? "<>" : "");
			buf_add(&b, csv.fields[i].data, csv.fields[i].len);
		}
	buf_adds(&b, "");
	same = !strcmp(b.data, expected);
	if (!same)
		printf("# %s\n", b.data);
	buf_release(&b);
	return same;
}

static void
commas_separate_and_empty_fields_count(void)
{
	CHECK(gives("a,b,c", "a<>b<>c"));
	CHECK(gives("35,73,click,,Ohio", "35<>73<>click<><>Ohio"));
	CHECK(gives("", ""));
	CHECK(csv.n == 1);
	CHECK(gives(",", "<>"));
	CHECK(gives("a,", "a<>"));
	CHECK(gives("\"\",\"\"", "<>"));
}

static void
quotes_and_backslashes_follow_the_service(void)
{
	CHECK(gives("\"say \\\"hi\\\", ok\"", "say \"hi\", ok"));
	CHECK(gives("1,\"say \\\"hi\\\", ok\",2", "1<>say \"hi\", ok<>2"));
	CHECK(gives("\"a,b\",c", "a,b<>c"));
	CHECK(gives("\"C:\\\\new\"", "C:\\new"));
	CHECK(gives("C:\\new,x\\\\y", "C:\\new<>x\\y"));
	CHECK(gives("5\\\" disk,b", "5\" disk<>b"));
	CHECK(gives("\"a\\,b\"", "a\\,b"));
	CHECK(gives("a\\", "a\\"));
}

static void
doubled_quotes_are_taken_too(void)
{
	CHECK(gives("\"say \"\"hi\"\", ok\",x", "say \"hi\", ok<>x"));
	CHECK(gives("\"\"\"\"", "\""));
	CHECK(gives("\"a\"\"\"", "a\""));
}

static void
errors_say_where(void)
{
	CHECK(gives("a,\"b", "2: unfinished quote"));
	CHECK(gives("a,\"b\\\"", "2: unfinished quote"));
	CHECK(gives("\"\"\"", "0: unfinished quote"));
	CHECK(split("\"a\"b,c") < 0 && csv.at == 3 && strstr(csv.why, "closing quote"));
	CHECK(split("a,5\" disk") < 0 && csv.at == 3 && strstr(csv.why, "unquoted"));
}

/* A value of random bytes, those with a meaning more often than others. */
static struct span
random_value(char *bytes)
{
	static const char often[] = ",\"\\\"\\, a";
	size_t len = (size_t)rand() % 20;

	for (size_t i = 0; i < len; i++)
		bytes[i] = rand() % 2 ? often[(size_t)rand() % (sizeof often - 1)]
				      : (char)(rand() % 256);
	for (size_t i = 0; i < len; i++)
		if (bytes[i] == '\n')
			bytes[i] = '.';
	return (struct span){ bytes, len };
}

static void
what_is_printed_reads_back(void)
{
	char bytes[8][20];
	struct span values[8];
	struct buf line = { 0 };
	bool same = true;

	srand(1);
	for (int round = 0; same && round < 20000; round++) {
		size_t n = 1 + (size_t)rand() % 8;

		buf_clear(&line);
		for (size_t i = 0; i < n; i++) {
			values[i] = random_value(bytes[i]);
			buf_adds(&line, i ? "," : "");
			csv_quote(&line, values[i]);
		}
		same = !csv_split(&csv, line.data, line.len) && csv.n == n;
		for (size_t i = 0; same && i < n; i++)
			same = span_equal(values[i], csv.fields[i]);
	}
	CHECK(same);
	buf_release(&line);
}

/* Whatever the bytes, values lie in the line or in what is decoded of it. */
static void
any_bytes_are_survived(void)
{
	char bytes[20];
	struct span line;
	size_t total = 0;

	for (int round = 0; round < 20000; round++) {
		line = random_value(bytes);
		if (csv_split(&csv, line.data, line.len) < 0)
			continue;
		for (size_t i = 0; i < csv.n; i++)
			total += csv.fields[i].len;
	}
	CHECK(total > 0);
}

int
main(void)
{
	commas_separate_and_empty_fields_count();
	quotes_and_backslashes_follow_the_service();
	doubled_quotes_are_taken_too();
	errors_say_where();
	what_is_printed_reads_back();
	any_bytes_are_survived();
	split("");
	csv_release(&csv);
	return check_end();
}
