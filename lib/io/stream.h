/*
 * stream - bytes of a file, stdin or an object, decompressed if they are compressed.
 *
 * zstd and gzip are told by their magic bytes, not by name; several frames one
 * after the other read as one. Compressed data that ends early is an error.
 */
#ifndef STREAM_H
#define STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct stream;

struct stream *stream_open(const char *path); /* "-": stdin. NULL and errno */
struct stream *stream_fd(int fd);             /* owned from here on */

/* Bytes from anywhere else: as stream_read, with *why to be set (static) after -1. */
struct stream_source {
	ssize_t (*read)(void *context, void *buf, size_t size, const char **why);
	/* The next bytes where they lie, until the next call; NULL: it has none to
	 * lend. */
	ssize_t (*borrow)(void *context, const void **p, const char **why);
	void *context;
	uint64_t total; /* 0 if not known */
};

struct stream *stream_from(const struct stream_source *source);

/* Fill buf from the start. The count, 0 at the end, -1: stream_why says more. */
ssize_t stream_read(struct stream *s, void *buf, size_t size);
/*
 * The same without a copy, once something was read, if the stream can: *p is valid
 * until the next call.
 */
bool stream_lends(const struct stream *s);
ssize_t stream_borrow(struct stream *s, const void **p);
const char *stream_why(const struct stream *s);
uint64_t stream_consumed(const struct stream *s); /* bytes taken from the file */
uint64_t stream_total(const struct stream *s);    /* its size, 0 if not known */
void stream_close(struct stream *s);

#endif
