/* part_count - lines and records are counted as the commands take them. */
#include "part_count.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "lines.h"
#include "random.h"
#include "scratch.h"

static char path[] = "lines";

/* As who reads the part: records are lines that are not empty. */
static size_t
count_as_read(const char *text, size_t len)
{
	char *paths[] = { path };
	struct lines in;
	size_t n = 0;

	scratch_write(path, text, len);
	lines_open(&in, paths, 1);
	while (lines_next(&in) > 0)
		n += in.len != 0;
	lines_close(&in);
	return n;
}

static size_t
count_in_blocks(const char *text, size_t len)
{
	struct part_lines l = { 0 };

	for (size_t at = 0, n; at < len; at += n) {
		n = 1 + random_below(7);
		n = MIN(n, len - at);
		part_lines_add(&l, text + at, n);
	}
	part_lines_end(&l);
	return l.n;
}

static void
lines_are_counted_as_they_are_read(void)
{
	static const char *const pieces[] = { "\n", "\r\n", "\r", "\xef\xbb\xbf", "a",
		"longer than a head", " " };
	size_t bad = 0;

	for (int i = 0; i < 500; i++) {
		struct buf b = { 0 };

		buf_adds(&b, one_in(3) ? "\xef\xbb\xbf" : "");
		for (size_t k = random_below(12); k; k--)
			buf_adds(&b, pieces[random_below(LENGTH(pieces))]);
		bad += count_as_read(b.data, b.len) != count_in_blocks(b.data, b.len);
		buf_release(&b);
	}
	CHECK(!bad);
}

static void
records_that_carry_an_error_are_kept_with_their_numbers(void)
{
	static const char text[] = "{\"input\":{},\"output\":{},\"error\":null}\n"
				   "{\"input\":1,\"output\":null,\"error\":\"one\"}\n"
				   "{\"input\": {}, \"output\": {}, \"error\": null}\n"
				   "{\"error\" : null, \"output\":{}}\n"
				   "{\"output\":{}}\n"
				   "{\"error\":{\"error\":null}}\n"
				   "no JSON\n"
				   "half";
	struct part_records r = { 0 };

	for (const char *p = text; *p; p++)
		part_records_add(&r, p, 1);
	CHECK(r.n == 7 && r.errors == 3);
	CHECK(r.rest.len == 4);
	CHECK(!strcmp(r.bad.data, "2\t{\"input\":1,\"output\":null,\"error\":\"one\"}\n"
				  "6\t{\"error\":{\"error\":null}}\n"
				  "7\tno JSON\n"));
	part_records_release(&r);
}

int
main(void)
{
	scratch_enter();
	lines_are_counted_as_they_are_read();
	records_that_carry_an_error_are_kept_with_their_numbers();
	return check_end();
}
