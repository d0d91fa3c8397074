/*
 * s3_client - what the parts of s3 know of a client; nobody else includes it.
 */
#ifndef S3_CLIENT_H
#define S3_CLIENT_H

#include <pthread.h>
#include <stdatomic.h>

#include "aws_config.h"
#include "credentials.h"
#include "s3.h"

struct s3_bucket {
	char *name, *region;
};

struct s3 {
	struct s3_settings settings;
	struct aws_config *config;
	struct credentials *credentials; /* NULL: anonymous */
	struct s3_endpoint endpoint;
	char *region;
	unsigned attempts;
	double retry_base_seconds;
	unsigned stall_ms;
	atomic_llong skew_seconds; /* the server's clock is ahead by this */

	pthread_mutex_t lock;
	struct http **idle; /* [n_idle], the one used last on top */
	size_t n_idle, cap_idle;
	struct s3_bucket *buckets; /* [n_buckets] which are not in the usual region */
	size_t n_buckets;
	uint64_t random;
};

struct http *s3_borrow_http(struct s3 *s);
void s3_return_http(struct s3 *s, struct http *h);

/* The region to sign for, as far as it is known. To be freed. */
char *s3_region_of(struct s3 *s, const char *bucket);
/* Whether that is news. */
bool s3_learn_region(struct s3 *s, const char *bucket, struct span region);

double s3_random(struct s3 *s); /* in [0, 1) */

#endif
