/*
 * s3_copy - objects that the server makes of others without their bytes coming here.
 */
#ifndef S3_COPY_H
#define S3_COPY_H

#include "s3_put.h"

/* All of an object of up to 5 GiB as a part; number from 1. part is to be released. */
int s3_copy_part(struct s3 *s, const struct s3_address *at, const char *id,
    size_t number, const struct s3_address *source, struct s3_part *part,
    struct s3_error *e);

/* What is not there is no error. */
int s3_delete(struct s3 *s, const struct s3_address *at, struct s3_error *e);

#endif
