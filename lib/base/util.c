/* util - memory that is always there, a growing byte buffer, small helpers. */
#include "util.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static size_t
product(size_t n, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes))
		errx(1, "out of memory: %zu x %zu bytes", n, size);
	return bytes;
}

static void *
must(void *p)
{
	if (!p)
		err(1, NULL);
	return p;
}

void *
xmalloc(size_t size)
{
	return must(malloc(size ? size : 1));
}

void *
xcalloc(size_t n, size_t size)
{
	return must(calloc(n ? n : 1, size ? size : 1));
}

void *
xrealloc(void *p, size_t n, size_t size)
{
	size_t bytes = product(n, size);

	return must(realloc(p, bytes ? bytes : 1));
}

void *
xaligned(size_t n, size_t size)
{
	size_t bytes = product(n, size);

	if (bytes > SIZE_MAX - 128)
		errx(1, "out of memory: %zu bytes", bytes);
	return must(aligned_alloc(64, (bytes + 127) / 64 * 64));
}

/* Cache lines for n floats, and up to one between, lest arrays of 4 KiB share sets. */
static size_t
lines_of(size_t n)
{
	return n / 16 + 1;
}

float *
xfloats(const struct floats *arrays)
{
	size_t lines = 0;
	float *all, *at;

	for (const struct floats *a = arrays; a->at; a++)
		lines += lines_of(a->n);
	all = at = xaligned(lines, 64);
	for (const struct floats *a = arrays; a->at; a++) {
		*a->at = at;
		at += lines_of(a->n) * 16;
	}
	return all;
}

char *
xstrdup(const char *s)
{
	return must(strdup(s));
}

char *
xmemdup(const void *p, size_t len)
{
	char *copy = xmalloc(len + 1);

	if (len)
		memcpy(copy, p, len);
	copy[len] = '\0';
	return copy;
}

char *
xasprintf(const char *format, ...)
{
	char *text;
	va_list ap;
	int n;

	va_start(ap, format);
	n = vasprintf(&text, format, ap);
	va_end(ap);
	if (n < 0)
		err(1, NULL);
	return text;
}

void
buf_grow(struct buf *b, size_t more)
{
	size_t need;

	if (__builtin_add_overflow(b->len, more, &need) || need == SIZE_MAX)
		errx(1, "out of memory: %zu bytes more", more);
	need++;
	b->cap = MAX(need, b->cap + b->cap / 2);
	b->cap = MAX(b->cap, (size_t)64);
	b->data = xrealloc(b->data, b->cap, 1);
}

void
buf_add(struct buf *b, const void *p, size_t len)
{
	buf_reserve(b, len);
	if (len)
		memcpy(b->data + b->len, p, len);
	b->len += len;
	b->data[b->len] = '\0';
}

void
buf_addc(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void
buf_adds(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void
buf_addf(struct buf *b, const char *format, ...)
{
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(NULL, 0, format, ap);
	va_end(ap);
	if (n < 0)
		err(1, NULL);
	buf_reserve(b, (size_t)n);
	va_start(ap, format);
	vsnprintf(b->data + b->len, (size_t)n + 1, format, ap);
	va_end(ap);
	b->len += (size_t)n;
}

void
buf_clear(struct buf *b)
{
	b->len = 0;
	if (b->data)
		b->data[0] = '\0';
}

void
buf_release(struct buf *b)
{
	free(b->data);
	*b = (struct buf){ 0 };
}

int
buf_read(const char *path, struct buf *b)
{
	enum { CHUNK = 64 * 1024 };
	int fd = open(path, O_RDONLY | O_CLOEXEC), e;
	ssize_t n;

	if (fd < 0)
		return -1;
	do {
		buf_reserve(b, CHUNK);
		n = read(fd, b->data + b->len, CHUNK);
		if (n > 0)
			b->len += (size_t)n;
	} while (n > 0 || (n < 0 && errno == EINTR));
	b->data[b->len] = '\0';
	e = errno;
	close(fd);
	errno = e;
	return n < 0 ? -1 : 0;
}

bool
span_is(struct span s, const char *text)
{
	return span_equal(s, span_of(text));
}

bool
span_equal(struct span a, struct span b)
{
	return a.len == b.len && (!a.len || !memcmp(a.data, b.data, a.len));
}

static unsigned char
lower(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

bool
span_equal_nocase(struct span a, struct span b)
{
	if (a.len != b.len)
		return false;
	/* strncasecmp would stop at a NUL and obey the locale. */
	for (size_t i = 0; i < a.len; i++)
		if (lower(a.data[i]) != lower(b.data[i]))
			return false;
	return true;
}

int
span_compare(struct span a, struct span b)
{
	size_t len = MIN(a.len, b.len);
	int order = len ? memcmp(a.data, b.data, len) : 0;

	return order ? order : (a.len > b.len) - (a.len < b.len);
}

struct span
span_of(const char *text)
{
	return (struct span){ text, strlen(text) };
}

double
now_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}
