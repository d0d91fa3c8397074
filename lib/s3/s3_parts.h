/*
 * s3_parts - the parts of an upload on their way: filled by one, sent by threads.
 *
 * Their memory is bounded: room for a part is there when others are through.
 */
#ifndef S3_PARTS_H
#define S3_PARTS_H

#include "s3_put.h"

struct s3_load {
	struct s3_load *next;
	const char *id; /* of the upload */
	size_t number;  /* of the part, from 1 */
	size_t len, size;
	char *bytes; /* [size + 1], len of them filled */
};

struct s3_parts;

/* All is borrowed. */
struct s3_parts *s3_parts_new(
    struct s3 *s, const struct s3_address *at, const struct s3_put_options *o);
void s3_parts_free(struct s3_parts *p); /* NULL is fine */

/*
 * An empty load for the next part, to be sent or dropped. Waits while held_bytes would
 * be passed, unless nothing else is held. NULL and an error, also if a part failed.
 */
struct s3_load *s3_parts_room(struct s3_parts *p, uint64_t size, struct s3_error *e);
void s3_load_free(struct s3_load *l); /* NULL is fine */

/* Off to the threads, in order; id is borrowed. -1 and an error if a part failed. */
int s3_parts_send(
    struct s3_parts *p, const char *id, struct s3_load *l, struct s3_error *e);

/* Until all are through. -1 and an error if one failed. */
int s3_parts_wait(struct s3_parts *p, struct s3_error *e);
/* What is queued is not sent any more; waits for the others. */
void s3_parts_cancel(struct s3_parts *p);

/* Of all that were sent, in order; borrowed. Behind s3_parts_wait. */
const struct s3_part *s3_parts_list(const struct s3_parts *p, size_t *n);

#endif
