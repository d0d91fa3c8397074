/*
 * util - memory that is always there, a growing byte buffer, small helpers.
 *
 * Out of memory ends the process with status 1: pz commands are short-lived
 * filters and have nothing to save.
 */
#ifndef UTIL_H
#define UTIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void *xmalloc(size_t size);
void *xcalloc(size_t n, size_t size);           /* zeroed; n * size is checked */
void *xrealloc(void *p, size_t n, size_t size); /* n * size is checked */
void *xaligned(size_t n, size_t size); /* 64-byte aligned, not zeroed; free() */

/* Arrays as of xaligned, up to one without `at`, in the one piece that is to be freed.
 */
struct floats {
	float **at; /* where it is told */
	size_t n;
};
float *xfloats(const struct floats *arrays);

char *xstrdup(const char *s);
char *xmemdup(const void *p, size_t len); /* with a NUL behind */
char *xasprintf(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* data[len] is NUL once anything was added. Start from a zeroed struct. */
struct buf {
	char *data;
	size_t len;
	size_t cap;
};

void buf_grow(struct buf *b, size_t more);
/* Room for more bytes and a NUL. */
static inline void
buf_reserve(struct buf *b, size_t more)
{
	if (more >= b->cap - b->len)
		buf_grow(b, more);
}
void buf_add(struct buf *b, const void *p, size_t len); /* p is not in b */
void buf_addc(struct buf *b, char c);
void buf_adds(struct buf *b, const char *s);
void buf_addf(struct buf *b, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void buf_clear(struct buf *b); /* empty, keeping its memory */
void buf_release(struct buf *b);

/* All of a file, behind what is in b. -1 and errno. */
int buf_read(const char *path, struct buf *b);

/* A span of bytes owned by someone else. */
struct span {
	const char *data;
	size_t len;
};

bool span_is(struct span s, const char *text);
bool span_equal(struct span a, struct span b);
bool span_equal_nocase(struct span a, struct span b); /* ASCII letters only */
int span_compare(struct span a, struct span b);       /* bytewise, as memcmp */
struct span span_of(const char *text);

double now_seconds(void); /* monotonic clock */

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))

#endif
