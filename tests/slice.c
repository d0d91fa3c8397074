/* slice - pieces are whole lines, and together they are the file. */
#include "slice.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "random.h"
#include "scratch.h"

static char path[] = "file";

static struct file
make_file(const char *text, size_t len)
{
	struct file f = { .path = path, .known = true, .size = len };
	struct stat st;

	scratch_write(path, text, len);
	stat(path, &st);
	f.time = st.st_mtime;
	return f;
}

static void
read_piece(struct buf *b, const struct file *f, uint64_t from, uint64_t to, bool packed)
{
	struct s3_error e = { 0 };
	struct slice *s = slice_open(f, from, to, packed, NULL, &e);
	const char *p;
	ssize_t n;

	while (s && (n = slice_read(s, &p, &e)) > 0)
		buf_add(b, p, (size_t)n);
	slice_close(s);
	s3_error_release(&e);
}

/* Whether the cuts are right for a text: where lines begin, and none too early. */
static bool
is_cut_well(const char *text, size_t len, uint64_t step)
{
	struct file f = make_file(text, len);
	struct s3_error e = { 0 };
	struct buf all = { 0 };
	uint64_t *cuts;
	bool packed, well;
	size_t n;

	if (slice_cut(&f, step, NULL, &cuts, &n, &packed, &e) < 0)
		return false;
	well = !packed && (n == 0) == (len == 0);
	for (size_t i = 0; well && i < n; i++) {
		uint64_t from = cuts[i], to = cuts[i + 1];

		well = from < to && (!from || text[from - 1] == '\n') &&
		       (to == len || to - from >= step) &&
		       (!from || memcmp(text + from, "\xef\xbb\xbf", 3) != 0);
		/* No line's end before: it could have been cut there. */
		for (uint64_t at = from + step; well && at < to; at++)
			well = text[at - 1] != '\n' ||
			       !memcmp(text + at, "\xef\xbb\xbf", 3);
		read_piece(&all, &f, from, to, false);
	}
	well = well && all.len == len && (!len || !memcmp(all.data, text, len));
	buf_release(&all);
	free(cuts);
	return well;
}

static void
pieces_of_any_size_are_the_file(void)
{
	char text[2100];
	size_t bad = 0;

	for (int i = 0; i < 300; i++) {
		size_t len = (size_t)random_below(2000);

		for (size_t k = 0; k < len; k++)
			text[k] = random_below(9) ? 'x' : '\n';
		if (len > 30 && i % 3 == 0)
			memcpy(text + len / 2, "\n\xef\xbb\xbf", 4);
		memset(text + len, 0, 4);
		bad += !is_cut_well(text, len, 1 + random_below(300));
	}
	CHECK(!bad);
}

static void
lines_longer_than_a_look_are_not_cut(void)
{
	size_t len = 300000;
	char *text = malloc(len + 4);

	memset(text, 'x', len + 4);
	text[200000] = '\n';
	CHECK(is_cut_well(text, len, 10));
	CHECK(is_cut_well(text, 200001, 10));
	text[65545] = text[131081] = '\n';
	CHECK(is_cut_well(text, len, 10));
	free(text);
}

static void
compressed_ones_are_one_piece(void)
{
	static const char gz[] =
	    "\x1f\x8b\x08\0\0\0\0\0\0\x03\x4b\xe4\x02\0\x07\xa1\xea\xdd"
	    "\x02\0\0\0";
	struct file f = make_file(gz, sizeof gz - 1);
	struct s3_error e = { 0 };
	struct buf b = { 0 };
	uint64_t *cuts;
	bool packed;
	size_t n;

	CHECK(slice_cut(&f, 1, NULL, &cuts, &n, &packed, &e) == 0);
	CHECK(packed && n == 1 && cuts[1] == f.size);
	read_piece(&b, &f, 0, f.size, true);
	CHECK(b.len == 2 && !memcmp(b.data, "a\n", 2));
	buf_release(&b);
	free(cuts);
}

static void
a_file_that_changed_is_refused(void)
{
	struct file f = make_file("a\nb\n", 4);
	struct s3_error e = { 0 };

	f.size = 5;
	CHECK(!slice_open(&f, 0, 5, false, NULL, &e));
	CHECK(e.text && strstr(e.text, "changed since the job was created"));
	s3_error_release(&e);
}

int
main(void)
{
	scratch_enter();
	pieces_of_any_size_are_the_file();
	lines_longer_than_a_look_are_not_cut();
	compressed_ones_are_one_piece();
	a_file_that_changed_is_refused();
	return check_end();
}
