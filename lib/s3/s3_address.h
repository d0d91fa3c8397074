/*
 * s3_address - s3://bucket/key, and where on the network a bucket is asked for.
 */
#ifndef S3_ADDRESS_H
#define S3_ADDRESS_H

#include <stdbool.h>

#include "util.h"

struct s3_address {
	char *bucket;
	char *key; /* taken literally; "": the whole bucket */
};

/* Of the path of a location in S3; "s3://bucket" is the whole of it. */
void s3_address_parse(struct s3_address *a, const char *path);
void s3_address_release(struct s3_address *a);
void s3_address_print(struct buf *b, const struct s3_address *a); /* appends */

/* http://host:port/base, or one that is derived from the region (host is NULL). */
struct s3_endpoint {
	char *scheme; /* "http" or "https" */
	char *host;   /* with its port */
	char *base;   /* path before all others, without '/' at its end */
	bool virtual; /* the bucket is a part of the host's name */
};

/* url NULL: amazonaws.com. -1 and *why (static text). */
int s3_endpoint_parse(struct s3_endpoint *e, const char *url, const char **why);
void s3_endpoint_release(struct s3_endpoint *e);

/* Append the host and the escaped path of bucket and key. */
void s3_endpoint_place(const struct s3_endpoint *e, const char *region,
    const struct s3_address *a, struct buf *host, struct buf *path);

/* Letters, digits and hyphens: what may become a part of a host's name. */
bool s3_is_region(struct span text);

#endif
