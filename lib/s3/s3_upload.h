/*
 * s3_upload - a stream of unknown length becomes an object, whole or not at all.
 *
 * What fits into the first part is put in one request. More goes in parts, which
 * threads send while the next is filled; they double in size every 900 parts, up to
 * 5 GiB, so that no more than 10,000 are needed for 5 TiB. Buffers take held_bytes in
 * all, or as much as one part when that is more: behind 100 GiB, if it is 64 MiB.
 */
#ifndef S3_UPLOAD_H
#define S3_UPLOAD_H

#include "s3_put.h"

enum {
	S3_PART_BYTES = 8 * 1024 * 1024,
	S3_HELD_BYTES = 64 * 1024 * 1024,
};

struct s3_upload;

/* Nothing is asked yet; all is borrowed. */
struct s3_upload *s3_upload_new(
    struct s3 *s, const struct s3_address *at, const struct s3_put_options *o);

int s3_upload_write(struct s3_upload *u, const void *p, size_t len, struct s3_error *e);

/*
 * The same without a copy: room for *len bytes, one at least, at the result, then how
 * many of them were filled. NULL and an error.
 */
void *s3_upload_room(struct s3_upload *u, size_t *len, struct s3_error *e);
void s3_upload_filled(struct s3_upload *u, size_t len);

/* The object is there when this returns 0. */
int s3_upload_commit(struct s3_upload *u, struct s3_error *e);
/* Before a commit, or after one that failed: nothing is left at the server. */
int s3_upload_discard(struct s3_upload *u, struct s3_error *e);
void s3_upload_free(struct s3_upload *u);

/* The size of a part, number from 1. */
uint64_t s3_part_bytes(uint64_t first, size_t number);

#endif
