/* slice - bytes [from, to) of a file or object, and where it can be cut between lines.
 */
#include "slice.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "s3_get.h"
#include "stream.h"

enum {
	FILE_BYTES = 256 * 1024,
	OBJECT_BYTES = 8 * 1024 * 1024, /* a request's worth */
	LOOK_BYTES = 64 * 1024,         /* most lines are shorter */
	MAGIC_BYTES = 4,
};

/* What bytes are taken from. */
struct origin {
	const struct file *f;
	int fd; /* of a file */
	struct s3 *client;
	struct s3_address at; /* of an object */
};

struct slice {
	struct origin origin;
	uint64_t at, to;
	char *buf; /* bytes as they are stored */
	size_t left;
	const char *next; /* of left bytes in it that the stream has yet to take */
	/* Of a compressed one. */
	struct stream *stream;
	char *plain;
	struct s3_error error; /* behind the stream */
};

static int
complain(struct s3_error *e, const char *path, const char *what)
{
	s3_error_set(e, "%s: %s", path, what);
	return -1;
}

static int
open_file(struct origin *o, struct s3_error *e)
{
	struct stat st;

	o->fd = open(o->f->path, O_RDONLY | O_CLOEXEC);
	if (o->fd < 0 || fstat(o->fd, &st))
		return complain(e, o->f->path, strerror(errno));
	if ((uint64_t)st.st_size == o->f->size && st.st_mtime == o->f->time)
		return 0;
	return complain(e, o->f->path, "changed since the job was created");
}

static int
origin_open(
    struct origin *o, const struct file *f, struct s3_options *s3, struct s3_error *e)
{
	*o = (struct origin){ .f = f, .fd = -1 };
	if (!f->known)
		return complain(e, f->path, "is no file that can be read twice");
	if (!f->object)
		return open_file(o, e);
	s3_address_parse(&o->at, f->path);
	return (o->client = s3_options_client(s3, e)) ? 0 : -1;
}

static void
origin_close(struct origin *o)
{
	if (o->fd >= 0)
		close(o->fd);
	s3_address_release(&o->at);
}

static int
read_file(
    const struct origin *o, uint64_t from, size_t len, char *p, struct s3_error *e)
{
	while (len) {
		ssize_t n = pread(o->fd, p, len, (off_t)from);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return complain(e, o->f->path,
			    n ? strerror(errno) : "became shorter while it was read");
		p += n;
		from += (uint64_t)n;
		len -= (size_t)n;
	}
	return 0;
}

/* Exactly these bytes. */
static int
origin_read(
    const struct origin *o, uint64_t from, size_t len, char *p, struct s3_error *e)
{
	const struct s3_range range = { &o->at, o->f->etag, o->f->size, from,
		from + len, p };

	if (!len)
		return 0;
	return o->f->object ? s3_get(o->client, &range, e)
			    : read_file(o, from, len, p, e);
}

/* As stream.h tells compressed bytes from lines. */
static bool
is_packed(const char *magic, size_t len)
{
	const unsigned char *p = (const unsigned char *)magic;

	return (len >= 2 && p[0] == 0x1f && p[1] == 0x8b) ||
	       (len >= 3 && !memcmp(p, "\x28\xb5\x2f", 3)) ||
	       (len >= 4 && (p[0] & 0xf0) == 0x50 && !memcmp(p + 1, "\x2a\x4d\x18", 3));
}

/* Whether a byte order mark is at a place; n bytes of it are at p. -1 and an error. */
static int
is_marked(
    const struct origin *o, uint64_t at, const char *p, size_t n, struct s3_error *e)
{
	static const char mark[] = "\xef\xbb\xbf";
	char there[3];

	if (at + sizeof there > o->f->size)
		return 0;
	if (n < sizeof there) {
		if (origin_read(o, at, sizeof there, there, e) < 0)
			return -1;
		p = there;
	}
	return !memcmp(p, mark, sizeof there);
}

/* The first line's begin at or behind a place; the size if there is none. */
static int
next_line(
    const struct origin *o, uint64_t at, uint64_t *begin, char *buf, struct s3_error *e)
{
	/* A line that begins just there has its end before. */
	for (at -= at > 0; at < o->f->size;) {
		size_t n = (size_t)MIN((uint64_t)LOOK_BYTES, o->f->size - at);
		const char *lf;
		int marked;

		if (origin_read(o, at, n, buf, e) < 0)
			return -1;
		if (!(lf = memchr(buf, '\n', n))) {
			at += n;
			continue;
		}
		at += (uint64_t)(lf - buf) + 1;
		marked = is_marked(o, at, lf + 1, n - (size_t)(lf - buf) - 1, e);
		if (marked < 0)
			return -1;
		if (!marked)
			break;
	}
	*begin = at;
	return 0;
}

static void
add_cut(uint64_t **cuts, size_t *n, uint64_t at)
{
	*cuts = xrealloc(*cuts, *n + 1, sizeof **cuts);
	(*cuts)[(*n)++] = at;
}

static int
find_cuts(const struct origin *o, uint64_t step, uint64_t **cuts, size_t *n,
    struct s3_error *e)
{
	char *buf = xmalloc(LOOK_BYTES);
	uint64_t at = 0;
	int status = 0;

	while (!status && o->f->size - at > step) {
		status = next_line(o, at + step, &at, buf, e);
		if (!status && at < o->f->size)
			add_cut(cuts, n, at);
	}
	free(buf);
	return status;
}

int
slice_cut(const struct file *f, uint64_t step, struct s3_options *s3, uint64_t **cuts,
    size_t *n, bool *packed, struct s3_error *e)
{
	struct origin o;
	char magic[MAGIC_BYTES];
	size_t len = (size_t)MIN((uint64_t)MAGIC_BYTES, f->size);
	int status = -1;

	*cuts = NULL;
	*n = 0;
	*packed = false;
	if (origin_open(&o, f, s3, e) < 0 || origin_read(&o, 0, len, magic, e) < 0)
		goto out;
	*packed = is_packed(magic, len);
	add_cut(cuts, n, 0);
	if (*packed || (status = find_cuts(&o, step, cuts, n, e)) == 0) {
		status = 0;
		if (f->size)
			add_cut(cuts, n, f->size);
		--*n;
	}
out:
	origin_close(&o);
	return status;
}

/* The next bytes as they are stored. */
static ssize_t
next(struct slice *s, struct s3_error *e)
{
	uint64_t most = s->origin.f->object ? OBJECT_BYTES : FILE_BYTES;
	size_t n = (size_t)MIN(most, s->to - s->at);

	if (origin_read(&s->origin, s->at, n, s->buf, e) < 0)
		return -1;
	s->at += n;
	return (ssize_t)n;
}

static ssize_t
read_stored(void *context, void *buf, size_t size, const char **why)
{
	struct slice *s = context;
	size_t n;
	ssize_t more;

	if (!s->left) {
		if ((more = next(s, &s->error)) < 0) {
			*why = s->error.text;
			return -1;
		}
		s->left = (size_t)more;
		s->next = s->buf;
	}
	n = MIN(size, s->left);
	memcpy(buf, s->next, n);
	s->next += n;
	s->left -= n;
	return (ssize_t)n;
}

struct slice *
slice_open(const struct file *f, uint64_t from, uint64_t to, bool packed,
    struct s3_options *s3, struct s3_error *e)
{
	struct slice *s = xcalloc(1, sizeof *s);
	const struct stream_source source = { read_stored, NULL, s, f->size };

	s->at = from;
	s->to = to;
	if (origin_open(&s->origin, f, s3, e) < 0) {
		slice_close(s);
		return NULL;
	}
	s->buf = xmalloc(f->object ? OBJECT_BYTES : FILE_BYTES);
	if (packed) {
		s->plain = xmalloc(FILE_BYTES);
		s->stream = stream_from(&source);
	}
	return s;
}

ssize_t
slice_read(struct slice *s, const char **p, struct s3_error *e)
{
	ssize_t n;

	*p = s->stream ? s->plain : s->buf;
	if (!s->stream)
		return next(s, e);
	n = stream_read(s->stream, s->plain, FILE_BYTES);
	if (n < 0 && s->error.text) {
		*e = s->error;
		s->error = (struct s3_error){ 0 };
	} else if (n < 0)
		complain(e, s->origin.f->path, stream_why(s->stream));
	return n;
}

void
slice_close(struct slice *s)
{
	if (!s)
		return;
	if (s->stream)
		stream_close(s->stream);
	origin_close(&s->origin);
	s3_error_release(&s->error);
	free(s->plain);
	free(s->buf);
	free(s);
}
