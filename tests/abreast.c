/* abreast - files side by side are what paste would join. */
#include "abreast.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "lines.h"
#include "scratch.h"

static char a[] = "a", b[] = "b", none[] = "none";

static bool
is_line(const struct abreast_line *l, const char *text, size_t number)
{
	if (!text)
		return !l->text.data && l->number == number;
	return l->text.data && span_is(l->text, text) && l->number == number;
}

static void
lines_come_in_pairs_without_blanks(void)
{
	char *paths[] = { a, b };
	struct abreast in;

	scratch_write(a, "\n1\n  \n2\n", 8);
	scratch_write(b, "x\r\ny\n\nz", 7);
	abreast_open(&in, paths, 2);
	CHECK(abreast_next(&in) == 1);
	CHECK(is_line(&in.lines[0], "1", 2) && is_line(&in.lines[1], "x", 1));
	CHECK(abreast_next(&in) == 1);
	CHECK(is_line(&in.lines[0], "2", 4) && is_line(&in.lines[1], "y", 2));
	CHECK(abreast_next(&in) == 1);
	CHECK(is_line(&in.lines[0], NULL, 4) && is_line(&in.lines[1], "z", 4));
	CHECK(!strcmp(in.lines[0].path, "a") && !strcmp(in.lines[1].path, "b"));
	CHECK(abreast_next(&in) == 0 && abreast_next(&in) == 0);
	abreast_close(&in);
}

static void
joined_files_are_one(void)
{
	char *paths[] = { a, b };
	struct abreast in;

	abreast_open_joined(&in, paths, 2);
	CHECK(in.n == 1);
	CHECK(abreast_next(&in) == 1 && is_line(in.lines, "1", 2));
	CHECK(abreast_next(&in) == 1 && is_line(in.lines, "2", 4));
	CHECK(abreast_next(&in) == 1 && is_line(in.lines, "x", 1));
	abreast_close(&in);
}

static void
a_missing_file_is_named(void)
{
	char *paths[] = { a, none };
	struct abreast in;

	abreast_open(&in, paths, 2);
	CHECK(abreast_next(&in) == -1 && in.failed == 1);
	CHECK(in.files[1].why && !strcmp(in.files[1].path, "none"));
	abreast_close(&in);
}

int
main(void)
{
	scratch_enter();
	lines_come_in_pairs_without_blanks();
	joined_files_are_one();
	a_missing_file_is_named();
	return check_end();
}
