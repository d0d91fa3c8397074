/*
 * s3_attempt - a request to S3 as it goes out: placed, signed, in lines of HTTP.
 *
 * Each attempt has its own, as time, keys and region may have changed.
 */
#ifndef S3_ATTEMPT_H
#define S3_ATTEMPT_H

#include "s3_client.h"

enum { S3_HEADERS_MAX = 32 };

struct s3_attempt {
	struct buf host, path, query, url;
	struct sigv4_pair headers[S3_HEADERS_MAX];
	size_t n_headers;
	struct buf authorization;
	char *lines[S3_HEADERS_MAX + 2]; /* "Name: value", ends with NULL */
	char date[17], hash[65];
	struct keys keys;
	char *region;
};

/* -1 and *why, to be freed, if there are no keys to sign with. Release it even then. */
int s3_attempt_prepare(
    struct s3_attempt *a, struct s3 *s, const struct s3_request *r, char **why);
void s3_attempt_release(struct s3_attempt *a);

#endif
