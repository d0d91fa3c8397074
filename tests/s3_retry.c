/* s3_retry - what is tried again, and when. */
#include "s3_retry.h"

#include <string.h>

#include "check.h"

static double
seconds(unsigned n, double chance, const char *headers)
{
	struct http_response r = { 503, { 0 }, { 0 } };
	double s;

	buf_adds(&r.headers, headers);
	s = s3_retry_seconds(n, chance, 0.1, &r);
	http_response_release(&r);
	return s;
}

static void
what_time_may_cure_is_transient(void)
{
	CHECK(s3_is_transient(500, NULL) && s3_is_transient(503, "SlowDown"));
	CHECK(s3_is_transient(429, NULL) && s3_is_transient(408, NULL));
	CHECK(s3_is_transient(502, NULL) && s3_is_transient(504, ""));
	CHECK(s3_is_transient(400, "RequestTimeout"));
	CHECK(s3_is_transient(200, "InternalError"));
	CHECK(s3_is_transient(400, "BadDigest"));
	CHECK(!s3_is_transient(501, "NotImplemented"));
	CHECK(!s3_is_transient(403, "AccessDenied") && !s3_is_transient(404, NULL));
	CHECK(!s3_is_transient(400, NULL) && !s3_is_transient(412, NULL));
}

static void
waits_double_up_to_twenty_seconds(void)
{
	CHECK(seconds(1, 0.5, "") == 0.1);
	CHECK(seconds(2, 0.5, "") == 0.2);
	CHECK(seconds(5, 0.5, "") == 1.6);
	CHECK(seconds(8, 0.5, "") == 10 && seconds(9, 0.5, "") == 10);
	CHECK(seconds(4000000000u, 0.5, "") == 10);
}

static void
the_jitter_is_full(void)
{
	CHECK(seconds(3, 0, "") == 0);
	CHECK(seconds(3, 0.999, "") < 0.8 && seconds(3, 0.999, "") > 0.79);
}

static void
what_the_server_asks_for_goes_before(void)
{
	CHECK(seconds(1, 0.5, "retry-after: 7\n") == 7);
	CHECK(seconds(1, 0.5, "retry-after: 0\n") == 0);
	CHECK(seconds(1, 0.5, "retry-after: 99999999999999999999\n") == 60);
	CHECK(seconds(1, 0.5,
		  "date: Sun, 06 Nov 1994 08:49:37 GMT\n"
		  "retry-after: Sun, 06 Nov 1994 08:49:50 GMT\n") == 13);
	CHECK(seconds(1, 0.5,
		  "date: Sun, 06 Nov 1994 08:49:37 GMT\n"
		  "retry-after: Sun, 06 Nov 1994 08:49:00 GMT\n") == 0);
	CHECK(seconds(1, 0.5, "retry-after: soon\n") == 0.1);
	CHECK(seconds(1, 0.5, "retry-after: -5\n") == 0.1);
	CHECK(seconds(1, 0.5, "retry-after:\n") == 0.1);
}

int
main(void)
{
	what_time_may_cure_is_transient();
	waits_double_up_to_twenty_seconds();
	the_jitter_is_full();
	what_the_server_asks_for_goes_before();
	return check_end();
}
