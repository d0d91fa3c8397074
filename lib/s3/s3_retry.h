/*
 * s3_retry - which answers are worth another try, and when.
 */
#ifndef S3_RETRY_H
#define S3_RETRY_H

#include <stdbool.h>

#include "http.h"

enum { S3_ATTEMPTS = 10 };

/* Whether a status with the service's code (NULL: none) may be cured by time alone. */
bool s3_is_transient(int status, const char *code);

/*
 * Seconds to wait behind attempt n (from 1): full jitter, that is anything up to
 * base * 2^n, at most 20 s ("Exponential Backoff and Jitter", AWS Architecture Blog,
 * 2015). chance is in [0, 1). What the server asks for in Retry-After goes before,
 * at most 60 s.
 */
double s3_retry_seconds(unsigned n, double chance, double base_seconds,
    const struct http_response *response);

#endif
