/*
 * s3_put_headers - what s3_put and s3_multipart say of an object alike.
 */
#ifndef S3_PUT_HEADERS_H
#define S3_PUT_HEADERS_H

#include "s3_put.h"

struct s3_headers {
	struct sigv4_pair list[12];
	size_t n;
};

void s3_put_headers(struct s3_headers *h, const struct s3_put_options *o);

#endif
