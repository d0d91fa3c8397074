/* stream - plain, zstd and gzip files give back what went in, or an error. */
#include "stream.h"

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

/* All that the stream gives, in reads of up to most bytes. NULL or what went wrong. */
static const char *
read_all(struct stream *s, struct buf *out, size_t most)
{
	const char *why;
	ssize_t n;

	buf_clear(out);
	do {
		size_t size = 1 + random_below(most);

		buf_reserve(out, size);
		n = stream_read(s, out->data + out->len, size);
		if (n > (ssize_t)size)
			abort();
		out->len += n > 0 ? (size_t)n : 0;
	} while (n > 0);
	why = stream_why(s);
	if ((n < 0) != (why != NULL) || stream_read(s, &(char){ 0 }, 1) != n)
		abort();
	return why;
}

static const char *
read_file(const char *path, struct buf *out, size_t most)
{
	struct stream *s = stream_open(path);
	const char *why;

	if (!s)
		err(1, "%s", path);
	why = read_all(s, out, most);
	stream_close(s);
	return why;
}

static bool
same(const struct buf *a, const struct buf *b)
{
	return a->len == b->len && !memcmp(a->data, b->data, a->len);
}

static void
add_random(struct buf *b, size_t len)
{
	bool text = one_in(2);

	buf_reserve(b, len);
	for (size_t i = 0; i < len; i++)
		b->data[b->len++] =
		    text ? "abc\n"[random_below(4)] : (char)random_bits();
	b->data[b->len] = '\0';
}

static void
add_skippable(struct buf *file)
{
	static const char magic[] = "\x50\x2a\x4d\x18\x05\x00\x00\x00hello";

	buf_add(file, magic, sizeof magic - 1);
}

static void
several_frames_read_as_one(void)
{
	struct buf data = { 0 }, file = { 0 }, back = { 0 };
	size_t wrong = 0;

	for (int i = 0; i < 300; i++) {
		enum pack as = (enum pack)random_below(3);

		buf_clear(&data);
		buf_clear(&file);
		buf_reserve(&data, 0);
		buf_reserve(&file, 0);
		for (uint64_t k = random_below(5); k; k--) {
			size_t from = data.len;

			add_random(&data, random_below(one_in(9) ? 600000 : 300));
			if (one_in(4))
				data.len = from; /* an empty frame */
			pack(&file, as, data.data + from, data.len - from);
			if (as == PACK_ZSTD && one_in(3))
				add_skippable(&file);
		}
		scratch_write("frames", file.data, file.len);
		wrong += read_file("frames", &back, one_in(3) ? 3000 : 1000000) != NULL;
		wrong += !same(&data, &back);
	}
	CHECK(!wrong);
	buf_release(&data);
	buf_release(&file);
	buf_release(&back);
}

static void
cut(enum pack as)
{
	struct buf data = { 0 }, file = { 0 }, back = { 0 };
	size_t middle, frame, wrong = 0;
	const char *why;

	add_random(&data, 150);
	middle = data.len;
	pack(&file, as, data.data, middle);
	frame = file.len;
	add_random(&data, 100);
	pack(&file, as, data.data + middle, data.len - middle);
	for (size_t len = 0; len <= file.len; len++) {
		scratch_write("cut", file.data, len);
		why = read_file("cut", &back, 1000);
		if (len == 0)
			wrong += why || back.len;
		else if (len == frame)
			wrong += why || back.len != middle;
		else if (len == file.len)
			wrong += why || !same(&back, &data);
		else if (as == PACK_ZSTD && len == 1)
			wrong += why || back.len != 1; /* "(" is text */
		else
			wrong += !why || back.len > data.len ||
				 memcmp(back.data, data.data, back.len) != 0;
	}
	CHECK(!wrong);
	buf_release(&data);
	buf_release(&file);
	buf_release(&back);
}

static void
a_compressed_file_cut_anywhere_is_an_error(void)
{
	cut(PACK_ZSTD);
	cut(PACK_GZIP);
}

/* Damage behind the magic number is an error or harmless (gzip's time and flags). */
static void
damage_is_never_silent(void)
{
	struct buf data = { 0 }, file = { 0 }, back = { 0 };
	size_t wrong = 0;

	for (enum pack as = PACK_ZSTD; as <= PACK_GZIP; as++) {
		buf_clear(&data);
		buf_clear(&file);
		add_random(&data, 120);
		pack(&file, as, data.data, 50);
		pack(&file, as, data.data + 50, 70);
		for (size_t at = 4; at < file.len; at++)
			for (int bit = 0; bit < 8; bit++) {
				file.data[at] ^= (char)(1 << bit);
				scratch_write("damaged", file.data, file.len);
				file.data[at] ^= (char)(1 << bit);
				wrong += !read_file("damaged", &back, 1000) &&
					 !same(&back, &data);
			}
	}
	CHECK(!wrong);
	buf_release(&data);
	buf_release(&file);
	buf_release(&back);
}

static void
garbage_behind_a_frame_is_an_error(void)
{
	static const char *const garbage[] = { "x", "{}\n", "\x1f\x8b\x08 no", "\n" };
	struct buf file = { 0 }, back = { 0 };

	for (enum pack as = PACK_ZSTD; as <= PACK_GZIP; as++)
		for (size_t i = 0; i < LENGTH(garbage); i++) {
			buf_clear(&file);
			pack(&file, as, "{}\n", 3);
			buf_adds(&file, garbage[i]);
			scratch_write("garbage", file.data, file.len);
			CHECK(read_file("garbage", &back, 1000));
		}
	buf_release(&file);
	buf_release(&back);
}

static void
short_files_that_are_no_archives_are_text(void)
{
	static const char *const texts[] = { "", "(", "\n", "ab", "P*M", "\x1f?",
		"(\xc2" };
	struct buf back = { 0 };

	for (size_t i = 0; i < LENGTH(texts); i++) {
		scratch_write("short", texts[i], strlen(texts[i]));
		CHECK(!read_file("short", &back, 10));
		CHECK(back.len == strlen(texts[i]) &&
		      !memcmp(back.data, texts[i], back.len));
	}
	buf_release(&back);
}

/* A window of 2^27 bytes and more is beyond the default limit of decoders. */
static void
long_windows_are_read(void)
{
	ZSTD_CCtx *c = ZSTD_createCCtx();
	struct buf file = { 0 }, back = { 0 };
	char text[] = "{\"a\":1}\n";
	ZSTD_inBuffer in = { text, strlen(text), 0 };
	ZSTD_outBuffer out;

	buf_reserve(&file, 4096);
	out = (ZSTD_outBuffer){ file.data, 4096, 0 };
	ZSTD_CCtx_setParameter(c, ZSTD_c_windowLog, 29);
	ZSTD_CCtx_setParameter(c, ZSTD_c_contentSizeFlag, 0);
	ZSTD_CCtx_setParameter(c, ZSTD_c_strategy, ZSTD_fast);
	ZSTD_CCtx_setParameter(c, ZSTD_c_hashLog, 10);
	ZSTD_compressStream2(c, &out, &in, ZSTD_e_continue);
	ZSTD_compressStream2(c, &out, &in, ZSTD_e_flush);
	while (ZSTD_compressStream2(c, &out, &in, ZSTD_e_end) > 0)
		;
	scratch_write("long", file.data, out.pos);
	CHECK(!read_file("long", &back, 1000));
	CHECK(back.len == strlen(text) && !memcmp(back.data, text, back.len));
	ZSTD_freeCCtx(c);
	buf_release(&file);
	buf_release(&back);
}

static void
a_pipe_in_tiny_pieces_is_read_whole(void)
{
	struct buf data = { 0 }, file = { 0 }, back = { 0 };
	struct stream *s;
	int ends[2];
	pid_t child;

	for (enum pack as = PACK_PLAIN; as <= PACK_GZIP; as++) {
		buf_clear(&data);
		buf_clear(&file);
		add_random(&data, 1000);
		pack(&file, as, data.data, 600);
		pack(&file, as, data.data + 600, 400);
		if (pipe(ends))
			err(1, "pipe");
		if (!(child = fork())) {
			for (size_t i = 0; i < file.len; i++)
				if (write(ends[1], file.data + i, 1) != 1)
					_exit(1);
			_exit(0);
		}
		close(ends[1]);
		s = stream_fd(ends[0]);
		CHECK(!read_all(s, &back, 50));
		CHECK(same(&back, &data));
		CHECK(stream_consumed(s) == file.len && stream_total(s) == 0);
		stream_close(s);
		waitpid(child, NULL, 0);
	}
	buf_release(&data);
	buf_release(&file);
	buf_release(&back);
}

static void
position_and_size_are_those_of_the_file(void)
{
	struct buf data = { 0 }, file = { 0 }, back = { 0 };
	struct stream *s;

	add_random(&data, 100000);
	pack(&file, PACK_ZSTD, data.data, data.len);
	scratch_write("sized", file.data, file.len);
	s = stream_open("sized");
	CHECK(stream_total(s) == file.len && stream_consumed(s) == 0);
	read_all(s, &back, 1000);
	CHECK(stream_consumed(s) == file.len);
	stream_close(s);
	buf_release(&data);
	buf_release(&file);
	buf_release(&back);
}

static void
what_cannot_be_opened_says_why(void)
{
	int saved;

	errno = 0;
	CHECK(!stream_open("not there") && errno == ENOENT);
	errno = 0;
	CHECK(!stream_open(".") && errno == EISDIR);
	saved = dup(0);
	close(0);
	errno = 0;
	CHECK(!stream_open("-") && errno == EBADF);
	open(".", O_RDONLY | O_DIRECTORY);
	errno = 0;
	CHECK(!stream_open("-") && errno == EISDIR);
	dup2(saved, 0);
	close(saved);
	stream_close(NULL);
}

int
main(void)
{
	scratch_enter();
	several_frames_read_as_one();
	a_compressed_file_cut_anywhere_is_an_error();
	damage_is_never_silent();
	garbage_behind_a_frame_is_an_error();
	short_files_that_are_no_archives_are_text();
	long_windows_are_read();
	a_pipe_in_tiny_pieces_is_read_whole();
	position_and_size_are_those_of_the_file();
	what_cannot_be_opened_says_why();
	return check_end();
}
