/*
 * compress - bytes on their way out, as they are or in zstd or gzip.
 *
 * The same bytes in give the same bytes out: no name, no time. zstd frames carry a
 * checksum, as gzip always does, so that stream.h notices damage.
 */
#ifndef COMPRESS_H
#define COMPRESS_H

#include <stddef.h>

enum compression { COMPRESS_NONE, COMPRESS_ZSTD, COMPRESS_GZIP };

struct compress;

/* Takes the bytes that come out; -1 and errno stops everything. */
typedef int compress_sink(void *context, const void *p, size_t len);

/* The levels there are: 1 to compress_levels(c); 0 means the usual one. */
int compress_levels(enum compression c);

struct compress *compress_new(
    enum compression c, int level, compress_sink *sink, void *context);
int compress_write(struct compress *z, const void *p, size_t len); /* -1 and errno */
int compress_finish(struct compress *z); /* once, behind the last byte; -1 and errno */
void compress_free(struct compress *z);  /* NULL is fine */

#endif
