/* truth - lines of what should have been recommended. */
#include "truth.h"

#include <string.h>

#include "check.h"
#include "scratch.h"

static char *why;

static int
read_text(struct truth *t, const char *text)
{
	free(why);
	why = NULL;
	scratch_write("truth", text, strlen(text));
	return truth_read(t, "truth", &why);
}

static bool
refused(const char *text, const char *expected)
{
	struct truth t;
	bool right = read_text(&t, text) < 0 && !strcmp(why, expected);

	if (!right)
		printf("# %s\n", why ? why : "(accepted)");
	truth_release(&t);
	return right;
}

static uint32_t
times(const struct truth *t, size_t input, const char *id)
{
	for (uint64_t i = t->start[input]; i < t->start[input + 1]; i++)
		if (span_is(idmap_get(t->ids, t->id[i]), id))
			return t->times[i];
	return 0;
}

static void
repeats_are_counted_and_lines_of_an_input_joined(void)
{
	struct truth t;

	CHECK(read_text(&t,
		  "{\"input\":{\"userId\":\"u\"},\"items\":[\"a\",\"b\",\"a\"]}\n\n"
		  "{\"input\":{\"userId\":\"v\"},\"items\":[\"c\"]}\n"
		  "{\"input\":{\"x\":1, \"userId\":\"\\u0075\"},\"items\":[\"a\"]}") ==
	      0);
	CHECK(t.n == 2 && t.n_empty == 0 && !t.of_users);
	CHECK(t.start[1] == 2 && t.start[2] == 3);
	CHECK(times(&t, 0, "a") == 3 && times(&t, 0, "b") == 1);
	CHECK(times(&t, 1, "c") == 1 && times(&t, 1, "a") == 0);
	CHECK(!memcmp(t.texts.data + t.input[1], "{\"userId\":\"v\"}", 14));
	truth_release(&t);
}

static void
an_input_is_its_ids(void)
{
	struct truth t;

	CHECK(read_text(&t,
		  "{\"input\":{\"itemId\":\"1\"},\"users\":[\"a\"]}\n"
		  "{\"input\":{\"itemAttributes\":\"1\"},\"users\":[\"a\"]}\n"
		  "{\"input\":{\"userId\":\"1\",\"itemId\":\"1\"},\"users\":[\"a\"]}\n"
		  "{\"input\":{\"itemId\":\"1\",\"userId\":\"1\"},\"users\":[\"b\"]}"
		  "\n") == 0);
	CHECK(t.n == 3 && t.of_users);
	truth_release(&t);
}

static void
empty_lists_cannot_be_measured(void)
{
	struct truth t;

	CHECK(read_text(&t, "{\"input\":{\"userId\":\"u\"},\"items\":[]}\n"
			    "{\"input\":{\"userId\":\"v\"},\"items\":[\"c\"]}\n") == 0);
	CHECK(t.n == 1 && t.n_empty == 1);
	truth_release(&t);
	CHECK(read_text(&t, "") == 0 && t.n == 0);
	truth_release(&t);
}

static void
wrong_lines_are_told(void)
{
	CHECK(refused("{\"items\":[]}",
	    "truth:1: expected a member input with userId, itemId or itemAttributes"));
	CHECK(refused("{\"input\":{\"userId\":7},\"items\":[]}",
	    "truth:1: expected a member input with userId, itemId or itemAttributes"));
	CHECK(refused("\n{\"input\":{\"userId\":\"u\"}}",
	    "truth:2: expected a list, items or users"));
	CHECK(refused("{\"input\":{\"userId\":\"u\"},\"items\":[1]}",
	    "truth:1: expected strings in the list"));
	CHECK(refused("{\"input\":{\"userId\":\"u\"},\"items\":[]}\n"
		      "{\"input\":{\"itemId\":\"u\"},\"users\":[]}",
	    "truth:2: items and users in one file"));
	CHECK(refused("[1]",
	    "truth:1: expected a member input with userId, itemId or itemAttributes"));
	free(why);
	why = NULL;
}

static void
broken_json_and_missing_files_are_told(void)
{
	struct truth t;

	CHECK(read_text(&t, "{\"input\":") < 0 && !strncmp(why, "truth:1: ", 9));
	truth_release(&t);
	free(why);
	CHECK(truth_read(&t, "nowhere", &why) < 0 && strstr(why, "nowhere: "));
	truth_release(&t);
	free(why);
}

int
main(void)
{
	scratch_enter();
	repeats_are_counted_and_lines_of_an_input_joined();
	an_input_is_its_ids();
	empty_lists_cannot_be_measured();
	wrong_lines_are_told();
	broken_json_and_missing_files_are_told();
	return check_end();
}
