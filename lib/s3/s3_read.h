/*
 * s3_read - the bytes of many objects in order, fetched ahead by several threads.
 *
 * Objects are cut into ranges, which threads fetch into a ring of buffers; one reader
 * takes them out in order. The ring holds at most S3_READ_BYTES, so small objects are
 * fetched ahead as well as the ranges of large ones.
 */
#ifndef S3_READ_H
#define S3_READ_H

#include <sys/types.h>

#include "files.h"
#include "s3.h"

enum { S3_READ_BYTES = 64 * 1024 * 1024, S3_READ_THREADS = 16 };

struct s3_reader;

/* Of all files in the list that are objects; both are borrowed. 0 threads: as usual. */
struct s3_reader *s3_reader_new(
    struct s3 *s, const struct files *files, size_t n_threads);
void s3_reader_free(struct s3_reader *r); /* stops what is under way; NULL is fine */

/*
 * Fill buf from the object at this index of the files; indices never go back. The
 * count, 0 at its end, -1 and an error.
 */
ssize_t s3_reader_read(
    struct s3_reader *r, size_t file, void *buf, size_t size, struct s3_error *e);
/* The same without a copy: *p is valid until the next call. */
ssize_t s3_reader_borrow(
    struct s3_reader *r, size_t file, const void **p, struct s3_error *e);

#endif
