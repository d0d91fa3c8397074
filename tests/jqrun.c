/* jqrun - libjq behind a clear interface: results, errors, odd programs. */
#include "jqrun.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"

/* All results of a program for a text, one a line; the error behind "error: ". */
static char *
run_with(struct jqrun *q, const char *text)
{
	struct buf out = { 0 };
	int more = -1;

	buf_reserve(&out, 0);
	if (jqrun_start(q, text, strlen(text)) == 0)
		while ((more = jqrun_next(q, &out)) > 0)
			buf_addc(&out, '\n');
	if (more < 0)
		buf_addf(&out, "error: %s", jqrun_why(q));
	else
		buf_adds(&out, "");
	return out.data;
}

static bool
gives(const char *program, const char *text, const char *expected)
{
	char *why, *got;
	struct jqrun *q = jqrun_open(program, &why);
	bool same;

	if (!q) {
		printf("# %s\n", why);
		free(why);
		return false;
	}
	got = run_with(q, text);
	same = !strcmp(got, expected);
	if (!same)
		printf("# %s: got %s, expected %s\n", program, got, expected);
	free(got);
	jqrun_close(q);
	return same;
}

static bool
fails_to_compile(const char *program, const char *part)
{
	char *why = NULL;
	struct jqrun *q = jqrun_open(program, &why);
	bool right = !q && why && strstr(why, part) && !strchr(why, '\n');

	if (!right)
		printf("# %s: %s\n", program, why ? why : "compiled");
	free(why);
	jqrun_close(q);
	return right;
}

static void
results_come_one_by_one(void)
{
	CHECK(gives(".a", "{\"a\":[1, 2.5,\"x\"]}", "[1,2.5,\"x\"]\n"));
	CHECK(gives(".[]", "[1,null,{\"b\":true}]", "1\nnull\n{\"b\":true}\n"));
	CHECK(gives("empty", "1", ""));
	CHECK(gives("", "{}", "{}\n"));
}

static void
a_program_that_is_wrong_is_one_line(void)
{
	CHECK(fails_to_compile(".a[", "syntax error"));
	CHECK(fails_to_compile("foo(1)|bar", "foo/1 is not defined"));
	CHECK(fails_to_compile("$x", "$x is not defined"));
	CHECK(fails_to_compile("import \"a\" as a; .", "module not found"));
	CHECK(fails_to_compile(".a\xff", "UTF-8"));
	CHECK(fails_to_compile("stderr | nope", "nope/0 is not defined"));
}

static void
an_error_belongs_to_its_text_alone(void)
{
	char *why, *got;
	struct jqrun *q = jqrun_open(".a + 1", &why);

	got = run_with(q, "{\"a\":\"x\"}");
	CHECK(!strncmp(got, "error: string (\"x\") and number (1)", 34));
	free(got);
	got = run_with(q, "{\"a\":");
	CHECK(!strcmp(got, "error: unexpected end of the line at byte 6"));
	free(got);
	got = run_with(q, "{\"a\":1}");
	CHECK(!strcmp(got, "2\n"));
	free(got);
	jqrun_close(q);
	CHECK(gives("1, ({a:1} | error), 2", "0", "1\nerror: {\"a\":1}"));
	CHECK(gives("1, error(\"one\\ntwo\")", "0", "1\nerror: one two"));
}

static void
only_strict_json_is_read(void)
{
	CHECK(gives(".", "nan", "error: not a JSON value at byte 1"));
	CHECK(gives(".", "01", "error: bad number at byte 1"));
	CHECK(gives(".", "1 2", "error: more behind the value at byte 3"));
	CHECK(gives(".", "", "error: unexpected end of the line at byte 1"));
	CHECK(gives(".", "\"\xff\"", "error: invalid UTF-8 at byte 2"));
}

static void
programs_see_no_other_input_and_print_nothing(void)
{
	CHECK(gives("input", "1", "error: No more inputs"));
	CHECK(gives("[inputs]", "1", "[]\n"));
	CHECK(gives("debug | stderr", "1", "1\n"));
	CHECK(gives("input_filename", "1", "null\n"));
}

static void
halt_ends_one_text(void)
{
	char *why, *got;
	struct jqrun *q = jqrun_open("if . > 1 then halt else 1, 2 end", &why);

	got = run_with(q, "5");
	CHECK(!strcmp(got, ""));
	free(got);
	got = run_with(q, "0");
	CHECK(!strcmp(got, "1\n2\n"));
	free(got);
	jqrun_close(q);
	CHECK(gives("\"bye\\n\" | halt_error", "1", "error: bye"));
}

static void
unfinished_results_are_dropped(void)
{
	char *why;
	struct jqrun *q = jqrun_open("repeat(.)", &why);
	struct buf out = { 0 };

	CHECK(jqrun_start(q, "1", 1) == 0 && jqrun_next(q, &out) == 1);
	CHECK(jqrun_start(q, "2", 1) == 0 && jqrun_next(q, &out) == 1);
	CHECK(!strcmp(out.data, "12"));
	buf_release(&out);
	jqrun_close(q);
}

static void
depth_is_bounded_both_ways(void)
{
	char text[2 * 257 + 1] = { 0 };

	memset(text, '[', 257);
	memset(text + 257, ']', 257);
	CHECK(gives(".", text, "error: nested too deeply at byte 257"));
	CHECK(gives("reduce range(300) as $i (0; [.]) | 1, .", "0",
	    "1\nerror: the result is nested too deeply"));
}

int
main(void)
{
	results_come_one_by_one();
	a_program_that_is_wrong_is_one_line();
	an_error_belongs_to_its_text_alone();
	only_strict_json_is_read();
	programs_see_no_other_input_and_print_nothing();
	halt_ends_one_text();
	unfinished_results_are_dropped();
	depth_is_bounded_both_ways();
	return check_end();
}
