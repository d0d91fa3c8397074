/* cut - leaving bytes out is the same as slicing the lists. */
#include "cut.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "jqrun.h"

static const char *const spaces[] = { "", " ", "\t ", "" };

static void
add_space(struct buf *b)
{
	buf_adds(b, spaces[rand() % 4]);
}

static void
add_list(struct buf *b, int n)
{
	static const char *const entries[] = { "1", "\"a,]\"", "[1,[2]]", "{\"x\":[]}",
		"null", "0.25", "\"\\\"\"" };

	buf_addc(b, '[');
	add_space(b);
	for (int i = 0; i < n; i++) {
		if (i) {
			buf_addc(b, ',');
			add_space(b);
		}
		buf_adds(b, entries[rand() % (int)LENGTH(entries)]);
		add_space(b);
	}
	buf_addc(b, ']');
}

static void
add_record(struct buf *b)
{
	static const char *const lists[] = { "scores", "reason", "x", "y" };
	int n = rand() % 6;

	buf_adds(b, "{\"input\":{\"userId\":\"1\",\"list\":[1,2,3,4]},\"output\":{");
	buf_addf(b,
	    "\"theme\":\"t\",\"%s\":", rand() % 2 ? "recommendedItems" : "usersList");
	add_list(b, n);
	for (size_t i = 0; i < LENGTH(lists); i++) {
		buf_addf(b, ",\"%s\":", lists[i]);
		add_space(b);
		add_list(b, rand() % 2 ? n : rand() % 6);
	}
	buf_adds(b, "},\"error\":null}");
}

static void
apply(struct buf *out, const struct cut *c, struct span line)
{
	const char *at = line.data;

	for (size_t i = 0; i < c->n_lists; i++) {
		buf_add(out, at, (size_t)(c->lists[i].tail.data - at));
		at = c->lists[i].tail.data + c->lists[i].tail.len;
	}
	buf_add(out, at, (size_t)(line.data + line.len - at));
}

static bool
same_value(struct jqrun *plain, struct jqrun *slice, struct buf *cut, struct buf *whole)
{
	struct buf a = { 0 }, b = { 0 };
	bool same = jqrun_start(plain, cut->data, cut->len) == 0 &&
		    jqrun_next(plain, &a) == 1 &&
		    jqrun_start(slice, whole->data, whole->len) == 0 &&
		    jqrun_next(slice, &b) == 1 && !strcmp(a.data, b.data);

	if (!same)
		printf("# %s\n# %s\n", whole->data, cut->data);
	buf_release(&a);
	buf_release(&b);
	return same;
}

static void
cutting_is_slicing(void)
{
	struct buf record = { 0 }, shorter = { 0 };
	struct cut c = { 0 };
	char *why;

	for (int k = 1; k < 6; k++) {
		char *program = xasprintf(
		    "(.output | (.recommendedItems // .usersList) | length) as $n"
		    " | .output |= map_values(if type == \"array\" and length == $n"
		    " then .[:%d] else . end)",
		    k);
		struct jqrun *plain = jqrun_open(".", &why);
		struct jqrun *slice = jqrun_open(program, &why);
		bool same = true;

		for (int i = 0; same && i < 400; i++) {
			struct span line;

			buf_clear(&record);
			buf_clear(&shorter);
			add_record(&record);
			line = (struct span){ record.data, record.len };
			same = cut_find(&c, line, (size_t)k) == 0;
			apply(&shorter, &c, line);
			same = same && same_value(plain, slice, &shorter, &record);
		}
		CHECK(same);
		free(program);
		jqrun_close(plain);
		jqrun_close(slice);
	}
	buf_release(&record);
	buf_release(&shorter);
	cut_release(&c);
}

static void
records_are_told_apart(void)
{
	struct cut c = { 0 };

	CHECK(cut_find(&c, span_of("{\"a\":1}"), 1) == 0);
	CHECK(!c.has_output && !c.has_error && !c.has_lists);
	CHECK(cut_find(&c, span_of("{\"output\":{\"x\":[1,2]}}"), 1) == 0);
	CHECK(c.has_output && !c.has_lists && !c.n_lists);
	CHECK(cut_find(&c, span_of("{\"output\":null,\"error\":\"e\"}"), 1) == 0);
	CHECK(!c.has_output && c.has_error);
	CHECK(cut_find(&c, span_of("{\"output\":{\"usersList\":[1,2]},\"error\":1}"),
		  1) == 0);
	CHECK(c.has_error && !c.n_lists);
	CHECK(
	    cut_find(&c, span_of("{\"output\":{\"usersList\":[1,2]},\"output\":null}"),
		1) == 0);
	CHECK(!c.has_output && !c.has_lists && !c.n_lists);
	CHECK(cut_find(&c, span_of("{\"output\":{\"usersList\":[1,2]}"), 1) < 0);
	CHECK(cut_find(&c, span_of("[1]"), 1) < 0);
	cut_release(&c);
}

int
main(void)
{
	cutting_is_slicing();
	records_are_told_apart();
	return check_end();
}
