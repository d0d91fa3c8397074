/* lines - the lines of any files in any packing are those of a plain splitter. */
#include "lines.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "pack.h"
#include "random.h"
#include "scratch.h"

enum { FILES = 4 };

static char names[FILES][8] = { "0", "1", "2", "3" };
static char *paths[FILES] = { names[0], names[1], names[2], names[3] };

/* What lines hands out, told once more: path:number:length:text, NUL behind. */
static void
add_line(struct buf *out, const char *path, size_t number, const char *text, size_t len)
{
	buf_addf(out, "%s:%zu:%zu:", path, number, len);
	buf_add(out, text, len);
	buf_addc(out, '\n');
}

static void
reference(struct buf *out, const char *path, const struct buf *data)
{
	const char *p = data->data, *end = p + data->len, *lf;

	for (size_t number = 1; p < end; number++, p = lf + 1) {
		size_t len;

		lf = memchr(p, '\n', (size_t)(end - p));
		if (!lf)
			lf = end;
		len = (size_t)(lf - p);
		if (len && p[len - 1] == '\r')
			len--;
		if (number == 1 && len >= 3 && !memcmp(p, "\xef\xbb\xbf", 3)) {
			p += 3;
			len -= 3;
		}
		add_line(out, path, number, p, len);
	}
}

/* Everything that is read, and whether it ended well. */
static int
read_lines(struct buf *out, char *const *files, size_t n, struct lines *l)
{
	int more;

	buf_clear(out);
	lines_open(l, files, n);
	while ((more = lines_next(l)) > 0) {
		if (l->text[l->len] != '\0')
			abort();
		add_line(out, l->path, l->number, l->text, l->len);
	}
	if (lines_next(l) != more)
		abort();
	return more;
}

static void
add_content(struct buf *b)
{
	static const char *const parts[] = { "\n", "\r\n", "\r", "\n\n", "{\"a\":1}",
		"\xef\xbb\xbf", "\xff", "text", "" };

	buf_reserve(b, 0);
	b->data[b->len] = '\0';
	if (one_in(3))
		buf_adds(b, "\xef\xbb\xbf");
	for (uint64_t n = random_below(12); n; n--)
		if (one_in(8))
			buf_addc(b, '\0');
		else if (one_in(60))
			for (uint64_t k = random_below(one_in(20) ? 900000 : 9000); k;
			     k--)
				buf_addc(b, 'x');
		else
			buf_adds(b, parts[random_below(LENGTH(parts))]);
}

static void
write_packed(const char *path, const struct buf *data, enum pack as)
{
	struct buf file = { 0 };
	size_t cut = random_below(data->len + 1);

	pack(&file, as, data->data, cut);
	pack(&file, as, data->data + cut, data->len - cut);
	scratch_write(path, file.data, file.len);
	buf_release(&file);
}

static void
lines_of_any_files_are_those_of_a_splitter(void)
{
	struct buf expected = { 0 }, found = { 0 }, data = { 0 };
	struct lines l;
	size_t wrong = 0;

	for (int i = 0; i < 1000; i++) {
		size_t n = 1 + random_below(FILES);

		buf_clear(&expected);
		buf_reserve(&expected, 0);
		for (size_t k = 0; k < n; k++) {
			buf_clear(&data);
			add_content(&data);
			reference(&expected, names[k], &data);
			write_packed(names[k], &data, (enum pack)random_below(3));
		}
		wrong += read_lines(&found, paths, n, &l) != 0;
		wrong += lines_consumed(&l) != lines_total(&l);
		wrong += found.len != expected.len ||
			 memcmp(found.data, expected.data, found.len) != 0;
		lines_close(&l);
	}
	CHECK(!wrong);
	buf_release(&expected);
	buf_release(&found);
	buf_release(&data);
}

/* Run with stdin on the other end of a pipe that a child fills in small pieces. */
static int
read_pipe(struct buf *found, const struct buf *data, size_t piece, struct lines *l)
{
	int ends[2], status, saved = dup(0);
	pid_t child;

	if (pipe(ends))
		err(1, "pipe");
	if (!(child = fork())) {
		for (size_t at = 0; at < data->len; at += piece)
			if (write(ends[1], data->data + at,
				MIN(piece, data->len - at)) < 0)
				_exit(1);
		_exit(0);
	}
	dup2(ends[0], 0);
	close(ends[0]);
	close(ends[1]);
	status = read_lines(found, NULL, 0, l);
	waitpid(child, NULL, 0);
	dup2(saved, 0);
	close(saved);
	return status;
}

static void
stdin_in_small_pieces_is_the_same(void)
{
	struct buf expected = { 0 }, found = { 0 }, data = { 0 };
	size_t wrong = 0;
	struct lines l;

	for (int i = 0; i < 60; i++) {
		buf_clear(&data);
		buf_clear(&expected);
		buf_reserve(&expected, 0);
		add_content(&data);
		reference(&expected, "<stdin>", &data);
		wrong += read_pipe(&found, &data, data.len > 5000 ? 777 : 1, &l) != 0;
		wrong += lines_total(&l) != 0 || lines_consumed(&l) != data.len;
		wrong += found.len != expected.len ||
			 memcmp(found.data, expected.data, found.len) != 0;
		lines_close(&l);
	}
	CHECK(!wrong);
	buf_release(&expected);
	buf_release(&found);
	buf_release(&data);
}

static void
a_line_may_be_very_long(void)
{
	struct buf data = { 0 };
	struct lines l;

	buf_adds(&data, "short\n");
	for (int i = 0; i < 10 << 20; i++)
		buf_addc(&data, (char)('a' + i % 26));
	buf_adds(&data, "\r\nlast");
	for (enum pack as = PACK_PLAIN; as <= PACK_GZIP; as++) {
		write_packed("0", &data, as);
		lines_open(&l, paths, 1);
		CHECK(lines_next(&l) == 1 && l.len == 5);
		CHECK(lines_next(&l) == 1 && l.len == 10 << 20);
		CHECK(!memcmp(l.text, data.data + 6, l.len));
		CHECK(lines_next(&l) == 1 && !strcmp(l.text, "last"));
		CHECK(lines_next(&l) == 0);
		lines_close(&l);
	}
	buf_release(&data);
}

/* A line that the damage cut is not handed out, the whole ones before it may be. */
static void
a_cut_file_is_an_error_and_no_half_line(void)
{
	static const char text[] = "{\"a\":1}\n{\"b\":2}\n{\"c\":3}\n";
	struct buf file = { 0 };
	size_t wrong = 0;
	struct lines l;
	int more;

	for (enum pack as = PACK_ZSTD; as <= PACK_GZIP; as++) {
		buf_clear(&file);
		pack(&file, as, text, strlen(text));
		for (size_t len = 2; len < file.len; len++) {
			scratch_write("0", file.data, len);
			lines_open(&l, paths, 1);
			while ((more = lines_next(&l)) > 0)
				wrong += l.len != 7;
			wrong += more != -1 || !l.why || strcmp(l.path, "0") != 0;
			wrong += lines_next(&l) != -1;
			lines_close(&l);
		}
	}
	CHECK(!wrong);
	buf_release(&file);
}

static void
what_cannot_be_read_is_named(void)
{
	char folder[] = ".", missing[] = "missing", fine[] = "fine";
	char *const files[] = { fine, missing, fine };
	char *const folders[] = { folder };
	struct lines l;

	scratch_write(fine, "a\n", 2);
	lines_open(&l, files, 3);
	CHECK(lines_total(&l) == 0);
	CHECK(lines_next(&l) == 1 && !strcmp(l.path, "fine") && l.number == 1);
	CHECK(lines_next(&l) == -1 && !strcmp(l.path, "missing"));
	CHECK(!strcmp(l.why, "No such file or directory"));
	CHECK(lines_next(&l) == -1);
	lines_close(&l);

	lines_open(&l, folders, 1);
	CHECK(lines_next(&l) == -1 && !strcmp(l.why, "Is a directory"));
	lines_close(&l);
}

static void
closed_stdin_is_an_error(void)
{
	int saved = dup(0);
	struct lines l;

	close(0);
	lines_open(&l, NULL, 0);
	CHECK(lines_next(&l) == -1);
	CHECK(!strcmp(l.path, "<stdin>") && !strcmp(l.why, "Bad file descriptor"));
	lines_close(&l);
	dup2(saved, 0);
	close(saved);
}

static void
nothing_is_read_before_the_first_line_is_asked_for(void)
{
	char missing[] = "missing";
	char *const files[] = { missing };
	struct lines l;

	lines_open(&l, files, 1);
	lines_close(&l);
	CHECK(!l.state);
}

static void
empty_files_have_no_lines(void)
{
	struct buf file = { 0 };
	struct lines l;

	for (enum pack as = PACK_PLAIN; as <= PACK_GZIP; as++) {
		buf_clear(&file);
		buf_reserve(&file, 0);
		pack(&file, as, "", 0);
		pack(&file, as, "", 0);
		scratch_write("0", file.data, file.len);
		scratch_write("1", "", 0);
		lines_open(&l, paths, 2);
		CHECK(lines_next(&l) == 0);
		CHECK(lines_next(&l) == 0);
		lines_close(&l);
	}
	buf_release(&file);
}

int
main(void)
{
	scratch_enter();
	lines_of_any_files_are_those_of_a_splitter();
	stdin_in_small_pieces_is_the_same();
	a_line_may_be_very_long();
	a_cut_file_is_an_error_and_no_half_line();
	what_cannot_be_read_is_named();
	closed_stdin_is_an_error();
	nothing_is_read_before_the_first_line_is_asked_for();
	empty_files_have_no_lines();
	return check_end();
}
