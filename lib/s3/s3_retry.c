/* s3_retry - which answers are worth another try, and when. */
#include "s3_retry.h"

#include <math.h>
#include <string.h>

#include "util.h"

enum { WAIT_MAX_SECONDS = 20, RETRY_AFTER_MAX_SECONDS = 60 };

bool
s3_is_transient(int status, const char *code)
{
	/* Damage on the way shows as a wrong hash: the same bytes may arrive. */
	static const char *const codes[] = { "BadDigest", "BandwidthLimitExceeded",
		"ConditionalRequestConflict", "IncompleteBody", "InternalError",
		"OperationAborted", "RequestLimitExceeded", "RequestTimeout",
		"RequestTimeoutException", "ServiceUnavailable", "SlowDown",
		"Throttling", "ThrottlingException", "TooManyRequestsException",
		"XAmzContentChecksumMismatch", "XAmzContentSHA256Mismatch" };

	for (size_t i = 0; code && i < LENGTH(codes); i++)
		if (!strcmp(code, codes[i]))
			return true;
	return status == 408 || status == 429 || (status >= 500 && status != 501);
}

/* Seconds or a date, which counts from the server's own clock. -1: none. */
static double
asked_seconds(const struct http_response *r)
{
	struct span text = http_header(r, "retry-after");
	time_t until, now;
	double seconds = 0;

	if (!text.len)
		return -1;
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] < '0' || text.data[i] > '9') {
			until = http_time_parse(text);
			now = http_time_parse(http_header(r, "date"));
			return until < 0 || now < 0 ? -1
						    : fmax(0, (double)(until - now));
		}
		seconds = 10 * seconds + (text.data[i] - '0');
	}
	return seconds;
}

double
s3_retry_seconds(unsigned n, double chance, double base_seconds,
    const struct http_response *response)
{
	double asked = asked_seconds(response);

	if (asked >= 0)
		return fmin(asked, RETRY_AFTER_MAX_SECONDS);
	return chance *
	       fmin(WAIT_MAX_SECONDS, base_seconds * ldexp(1, (int)MIN(n, 30u)));
}
