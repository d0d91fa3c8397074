/*
 * s3_get - some bytes of an object, exactly those, or an error.
 */
#ifndef S3_GET_H
#define S3_GET_H

#include "s3.h"

struct s3_range {
	const struct s3_address *at;
	const char *etag;  /* what it must still be, without quotes; NULL: anything */
	uint64_t size;     /* of the whole object */
	uint64_t from, to; /* bytes [from, to), not empty */
	char *bytes;       /* [to - from], filled */
};

/*
 * A cut connection is resumed where it stopped. What comes back is checked: its
 * place, its length, that the object is still the same, and the hash of the whole
 * object if that is what was asked for and the server tells one.
 */
int s3_get(struct s3 *s, const struct s3_range *range, struct s3_error *e);

#endif
