/*
 * s3_error - why a request failed, in one line for a person.
 */
#ifndef S3_ERROR_H
#define S3_ERROR_H

#include <stdbool.h>

#include "util.h"

struct s3_error {
	int status;     /* of HTTP, 0: no answer came */
	char code[64];  /* the service's, "" if it gave none */
	bool transient; /* a later try may cure it */
	bool stopped;   /* by a signal or the reader */
	char *text;     /* address, status, code, what to check; to be released */
};

void s3_error_release(struct s3_error *e);

/*
 * Fill in text from status, code, the message of the service (may be NULL) and what
 * the request needs: permission is like "s3:GetObject". name is the address.
 */
void s3_error_explain(
    struct s3_error *e, const char *name, const char *message, const char *permission);

/* A fault that is not an answer of the service's. */
void s3_error_set(struct s3_error *e, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
