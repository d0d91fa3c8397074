/* stream - bytes of a file, stdin or an object, decompressed if they are compressed. */
#include "stream.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "util.h"

enum { CHUNK = 256 * 1024 };

static const char ends_early[] = "compressed data ends early";

enum format { UNKNOWN, PLAIN, ZSTD, GZIP };

struct stream {
	int fd; /* -1: of a source */
	struct stream_source source;
	enum format format;
	const char *why;
	uint64_t consumed;
	uint64_t total;
	bool ended;    /* the file has no more bytes */
	bool in_frame; /* inside a compressed frame */
	unsigned char *in;
	size_t from, to; /* in[from..to) is read but not used */
	ZSTD_DStream *zstd;
	z_stream gzip;
	bool gzip_open;
};

struct stream *
stream_fd(int fd)
{
	struct stream *s = xcalloc(1, sizeof *s);
	struct stat st;

	s->fd = fd;
	s->in = xmalloc(CHUNK);
	if (!fstat(fd, &st) && S_ISREG(st.st_mode))
		s->total = (uint64_t)st.st_size;
	posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	return s;
}

struct stream *
stream_from(const struct stream_source *source)
{
	struct stream *s = xcalloc(1, sizeof *s);

	s->fd = -1;
	s->source = *source;
	s->in = xmalloc(CHUNK);
	s->total = source->total;
	return s;
}

struct stream *
stream_open(const char *path)
{
	bool is_stdin = !strcmp(path, "-");
	struct stat st;
	int fd;

	fd = is_stdin ? fcntl(0, F_DUPFD_CLOEXEC, 0) : open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	if (!fstat(fd, &st) && S_ISDIR(st.st_mode)) {
		close(fd);
		errno = EISDIR;
		return NULL;
	}
	return stream_fd(fd);
}

static ssize_t
read_some(struct stream *s, void *buf, size_t size)
{
	ssize_t n;

	if (s->source.read)
		n = s->source.read(s->source.context, buf, size, &s->why);
	else
		do
			n = read(s->fd, buf, size);
		while (n < 0 && errno == EINTR);
	if (n < 0)
		s->why = s->why ? s->why : strerror(errno);
	else if (!n)
		s->ended = true;
	else
		s->consumed += (uint64_t)n;
	return n;
}

/* More bytes behind what in[] holds. 1, 0 at the end, -1. */
static int
refill(struct stream *s)
{
	ssize_t n;

	if (s->from) {
		memmove(s->in, s->in + s->from, s->to - s->from);
		s->to -= s->from;
		s->from = 0;
	}
	if (s->ended || s->to == CHUNK)
		return s->to > 0;
	n = read_some(s, s->in + s->to, CHUNK - s->to);
	if (n < 0)
		return -1;
	s->to += (size_t)n;
	return s->to > 0;
}

/* Magic numbers: RFC 8878 section 3.1 (0xFD2FB528, skippable 0x184D2A5?), RFC 1952. */
static enum format
guess(const unsigned char *p, size_t len)
{
	if (len >= 4 && p[0] == 0x28 && p[1] == 0xb5 && p[2] == 0x2f && p[3] == 0xfd)
		return ZSTD;
	if (len >= 4 && (p[0] & 0xf0) == 0x50 && p[1] == 0x2a && p[2] == 0x4d &&
	    p[3] == 0x18)
		return ZSTD;
	if (len >= 3 && p[0] == 0x1f && p[1] == 0x8b && p[2] == 8)
		return GZIP;
	return PLAIN;
}

/* Is the whole file the start of a magic number, and no text? */
static bool
cut_magic(const unsigned char *p, size_t len)
{
	return (len > 0 && len < 3 && !memcmp(p, "\x1f\x8b", len)) ||
	       (len > 1 && len < 4 && !memcmp(p, "\x28\xb5\x2f", len));
}

static int
fail(struct stream *s, const char *why)
{
	s->why = why;
	return -1;
}

static int
begin(struct stream *s)
{
	while (s->to - s->from < 4 && !s->ended)
		if (refill(s) < 0)
			return -1;
	if (cut_magic(s->in + s->from, s->to - s->from))
		return fail(s, ends_early);
	s->format = guess(s->in + s->from, s->to - s->from);
	if (s->format == ZSTD) {
		if (!(s->zstd = ZSTD_createDStream()))
			return fail(s, "out of memory");
		/* Every window that a compressor may have used (zstd --ultra --long).
		 */
		ZSTD_DCtx_setParameter(s->zstd, ZSTD_d_windowLogMax, 31);
	}
	if (s->format == GZIP) {
		if (inflateInit2(&s->gzip, 16 + MAX_WBITS) != Z_OK)
			return fail(s, "out of memory");
		s->gzip_open = true;
	}
	return 0;
}

static ssize_t
read_plain(struct stream *s, void *buf, size_t size)
{
	size_t n = MIN(size, s->to - s->from);

	if (!n)
		return s->ended ? 0 : read_some(s, buf, size);
	memcpy(buf, s->in + s->from, n);
	s->from += n;
	return (ssize_t)n;
}

static ssize_t
read_zstd(struct stream *s, void *buf, size_t size)
{
	ZSTD_outBuffer out = { buf, size, 0 };
	ZSTD_inBuffer in;
	size_t left;

	while (!out.pos) {
		if (s->from == s->to && refill(s) < 0)
			return -1;
		in = (ZSTD_inBuffer){ s->in + s->from, s->to - s->from, 0 };
		if (!in.size && !s->in_frame)
			return 0;
		left = ZSTD_decompressStream(s->zstd, &out, &in);
		s->from += in.pos;
		if (ZSTD_isError(left))
			return fail(s, ZSTD_getErrorName(left));
		s->in_frame = left != 0;
		if (!out.pos && !in.size && s->in_frame)
			return fail(s, ends_early);
	}
	return (ssize_t)out.pos;
}

static ssize_t
read_gzip(struct stream *s, void *buf, size_t size)
{
	int status;

	s->gzip.next_out = buf;
	s->gzip.avail_out = (uInt)MIN(size, (size_t)1 << 30);
	while (s->gzip.next_out == buf) {
		if (s->from == s->to && refill(s) < 0)
			return -1;
		if (s->from == s->to)
			return s->in_frame ? fail(s, ends_early) : 0;
		if (!s->in_frame && inflateReset(&s->gzip) != Z_OK)
			return fail(s, "damaged gzip data");
		s->in_frame = true;
		s->gzip.next_in = s->in + s->from;
		s->gzip.avail_in = (uInt)(s->to - s->from);
		status = inflate(&s->gzip, Z_NO_FLUSH);
		s->from = s->to - s->gzip.avail_in;
		if (status == Z_STREAM_END)
			s->in_frame = false;
		else if (status != Z_OK && status != Z_BUF_ERROR)
			return fail(s, "damaged gzip data");
	}
	return (ssize_t)((char *)s->gzip.next_out - (char *)buf);
}

ssize_t
stream_read(struct stream *s, void *buf, size_t size)
{
	if (s->why || (s->format == UNKNOWN && begin(s) < 0))
		return -1;
	switch (s->format) {
	case ZSTD:
		return read_zstd(s, buf, size);
	case GZIP:
		return read_gzip(s, buf, size);
	default:
		return read_plain(s, buf, size);
	}
}

bool
stream_lends(const struct stream *s)
{
	return s->format == PLAIN && s->source.borrow;
}

ssize_t
stream_borrow(struct stream *s, const void **p)
{
	ssize_t n;

	if (s->why)
		return -1;
	if (s->from < s->to) {
		n = (ssize_t)(s->to - s->from);
		*p = s->in + s->from;
		s->from = s->to;
		return n;
	}
	n = s->ended ? 0 : s->source.borrow(s->source.context, p, &s->why);
	if (n > 0)
		s->consumed += (uint64_t)n;
	else
		s->ended = true;
	return n;
}

const char *
stream_why(const struct stream *s)
{
	return s->why;
}

uint64_t
stream_consumed(const struct stream *s)
{
	return s->consumed;
}

uint64_t
stream_total(const struct stream *s)
{
	return s->total;
}

void
stream_close(struct stream *s)
{
	if (!s)
		return;
	if (s->gzip_open)
		inflateEnd(&s->gzip);
	ZSTD_freeDStream(s->zstd);
	if (s->fd >= 0)
		close(s->fd);
	free(s->in);
	free(s);
}
