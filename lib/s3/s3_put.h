/*
 * s3_put - an object in one request, or in parts: the requests themselves.
 */
#ifndef S3_PUT_H
#define S3_PUT_H

#include "checksum.h"
#include "s3.h"

struct s3_put_options {
	bool if_none_match; /* fail if there is such an object */
	const char *sse;    /* "AES256", "aws:kms"; NULL: as the bucket has it */
	const char *kms_key;
	const char *storage_class, *acl, *content_type;
	const char *tagging; /* as a query: "k=v&k2=v2" */
	enum checksum checksum;
	uint64_t part_bytes; /* of the first parts, 0: 8 MiB */
	uint64_t held_bytes; /* in memory at once, 0: 64 MiB */
	size_t n_threads;    /* parts at once, 0: 8 */
	/* Told how many more bytes the server has, by any thread; NULL: nobody is. */
	void (*sent)(void *context, uint64_t bytes);
	void *sent_context;
};

int s3_put(struct s3 *s, const struct s3_address *at, const void *p, size_t len,
    const struct s3_put_options *o, struct s3_error *e);

/* The error of if_none_match. */
void s3_put_exists(struct s3_error *e, const struct s3_address *at);

/* A part as the end of an upload has to list it. */
struct s3_part {
	char *etag;     /* without quotes */
	char *checksum; /* in base64, NULL: none */
};

/* The ID of a new upload, to be freed. NULL and an error: then there is none. */
char *s3_multipart_begin(struct s3 *s, const struct s3_address *at,
    const struct s3_put_options *o, struct s3_error *e);
/* number from 1. part is to be released. */
int s3_multipart_put(struct s3 *s, const struct s3_address *at, const char *id,
    size_t number, const void *p, size_t len, enum checksum checksum,
    struct s3_part *part, struct s3_error *e);
/* Only now there is an object. */
int s3_multipart_end(struct s3 *s, const struct s3_address *at, const char *id,
    const struct s3_part *parts, size_t n, uint64_t size,
    const struct s3_put_options *o, struct s3_error *e);
int s3_multipart_abort(
    struct s3 *s, const struct s3_address *at, const char *id, struct s3_error *e);
/* End all uploads of this key, or of those that begin so, that were begun by anyone and
 * not ended. */
int s3_multipart_clear(
    struct s3 *s, const struct s3_address *at, bool prefix, struct s3_error *e);
void s3_part_release(struct s3_part *part);

#endif
