/* s3_request - one request to S3 and what becomes of it: signed, sent, judged. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "interrupt.h"
#include "s3.h"
#include "s3_answer.h"
#include "s3_attempt.h"
#include "s3_client.h"
#include "s3_retry.h"

enum {
	MOVES_MAX = 2,      /* to another region */
	SKEW_SECONDS = 300, /* a third of what the service allows */
};

static void
describe(struct buf *b, const struct s3_request *r)
{
	size_t from = b->len;

	if (r->name)
		buf_adds(b, r->name);
	else
		s3_address_print(b, r->at);
	for (; from < b->len; from++) /* messages are one line */
		if ((unsigned char)b->data[from] < ' ')
			b->data[from] = '?';
}

static void
trace(const struct s3 *s, const struct s3_request *r, const struct s3_tries *t,
    double wait, const char *reason)
{
	struct buf b = { 0 };

	if (!s->settings.trace)
		return;
	buf_addf(
	    &b, "retry %u/%u in %.1f s: %s ", t->n + 1, s->attempts, wait, r->method);
	describe(&b, r);
	if (r->note)
		buf_addf(&b, " %s", r->note);
	buf_addf(&b, ": %s", reason);
	s->settings.trace(b.data);
	buf_release(&b);
}

static int
wait_seconds(double seconds, bool unstoppable)
{
	struct timespec t = { (time_t)seconds,
		(long)((seconds - (double)(time_t)seconds) * 1e9) };

	if (!unstoppable)
		return interrupt_wait(-1, seconds) < 0 ? -1 : 0;
	while (nanosleep(&t, &t) && errno == EINTR)
		;
	return 0;
}

static int
stopped(const struct s3_request *r, struct s3_error *e)
{
	struct buf name = { 0 };

	describe(&name, r);
	s3_error_set(e, "%s: stopped", name.data);
	e->stopped = true;
	buf_release(&name);
	return -1;
}

/* One more attempt failed, for a reason that may pass. 1 in time, or -1. */
static int
again(struct s3 *s, const struct s3_request *r, struct s3_tries *t,
    const struct http_response *response, struct s3_error *e, const char *reason)
{
	double wait;

	if (++t->n >= s->attempts)
		return -1;
	wait = s3_retry_seconds(t->n, s3_random(s), s->retry_base_seconds, response);
	trace(s, r, t, wait, reason);
	return wait_seconds(wait, r->unstoppable) < 0 ? stopped(r, e) : 1;
}

int
s3_try_failed(struct s3 *s, const struct s3_request *r, struct s3_tries *t,
    struct s3_error *e, const char *why)
{
	static const struct http_response none;
	struct buf name = { 0 };

	describe(&name, r);
	s3_error_set(e, "%s: %s (%u attempts)", name.data, why, t->n + 1);
	e->transient = true;
	buf_release(&name);
	return again(s, r, t, &none, e, why);
}

/* No whole answer came. */
static int
broken(struct s3 *s, const struct s3_request *r, struct s3_tries *t,
    const struct http_response *response, struct s3_error *e, enum http_fault fault,
    const char *why)
{
	struct buf name = { 0 };

	if (fault == HTTP_STOPPED)
		return stopped(r, e);
	if (fault == HTTP_TRANSIENT)
		return s3_try_failed(s, r, t, e, why);
	describe(&name, r);
	s3_error_set(e, "%s: %s", name.data, why);
	e->status = response->status;
	buf_release(&name);
	return -1;
}

/* A bucket's own region, from wherever the answer says it. */
static bool
moved(struct s3 *s, const struct s3_request *r, struct s3_tries *t,
    const struct http_response *response, const struct s3_fault *fault)
{
	struct span region = http_header(response, "x-amz-bucket-region");

	if (!region.len && fault->region)
		region = span_of(fault->region);
	if (response->status != 301 && response->status != 307 &&
	    response->status != 400 && response->status != 403)
		return false;
	return s3_is_region(region) && t->moved < MOVES_MAX &&
	       s3_learn_region(s, r->at->bucket, region) && ++t->moved;
}

/*
 * The server's clock, once. A HEAD has no body to name the fault: there, a clock
 * that is far off is taken for the reason.
 */
static bool
clock_corrected(struct s3 *s, struct s3_tries *t, const struct http_response *response,
    const struct s3_error *e)
{
	time_t server = http_time_parse(http_header(response, "date"));
	long long skew = server - time(NULL);
	long long change = skew - s->skew_seconds;

	if (t->clock_set || server < 0 || response->status != 403 ||
	    (strcmp(e->code, "RequestTimeTooSkewed") != 0 && *e->code) ||
	    (change < SKEW_SECONDS && change > -SKEW_SECONDS))
		return false;
	t->clock_set = true;
	s->skew_seconds = skew;
	return true;
}

/* A HEAD has no body to name the fault: 400 is what it gets for keys that are over. */
static bool
are_over(const struct s3_attempt *a, const struct s3_error *e)
{
	static const char *const codes[] = { "ExpiredToken", "ExpiredTokenException",
		"TokenRefreshRequired", "InvalidToken" };

	for (size_t i = 0; i < LENGTH(codes); i++)
		if (!strcmp(e->code, codes[i]))
			return true;
	return e->status == 400 && !*e->code && a->keys.token;
}

static bool
keys_renewed(struct s3 *s, const struct s3_attempt *a, struct s3_tries *t,
    const struct s3_error *e)
{
	if (!s->credentials || t->keys_renewed || !are_over(a, e))
		return false;
	credentials_refused(s->credentials, &a->keys);
	return t->keys_renewed = true;
}

/* An answer other than 2xx. */
static int
refused(struct s3 *s, const struct s3_request *r, struct s3_tries *t,
    const struct s3_attempt *a, const struct http_response *response,
    struct s3_error *e)
{
	struct buf name = { 0 };
	struct s3_fault fault;
	char *reason;
	int status = -1;

	s3_fault_parse(
	    &fault, (struct span){ response->body.data, response->body.len });
	s3_error_release(e);
	e->status = response->status;
	if (fault.code)
		snprintf(e->code, sizeof e->code, "%.63s", fault.code);
	e->transient = s3_is_transient(e->status, fault.code);
	describe(&name, r);
	s3_error_explain(e, name.data, fault.message, r->permission);
	reason = xasprintf("%d %s", e->status, e->code);
	if (moved(s, r, t, response, &fault) || clock_corrected(s, t, response, e) ||
	    keys_renewed(s, a, t, e))
		status = 1;
	else if (e->transient)
		status = again(s, r, t, response, e, reason);
	free(reason);
	buf_release(&name);
	s3_fault_release(&fault);
	return status;
}

/* Some requests tell of a failure behind a status of 200, which came too early. */
static bool
is_well(const struct http_response *response)
{
	const struct buf *body = &response->body;
	struct s3_fault fault;

	if (response->status / 100 != 2)
		return false;
	/* Behind an XML declaration at most. */
	if (!body->len || !memmem(body->data, MIN(body->len, 256u), "<Error", 6) ||
	    s3_fault_parse(&fault, (struct span){ body->data, body->len }) < 0)
		return true;
	s3_fault_release(&fault);
	return false;
}

static enum http_fault
send_attempt(struct s3 *s, const struct s3_request *r, struct s3_attempt *a,
    struct http_response *response, char **why)
{
	const struct http_request request = {
		.method = r->method,
		.url = a->url.data,
		.headers = (const char *const *)a->lines,
		.body = r->body,
		.body_len = r->body_len,
		.sink = r->sink,
		.context = r->context,
		.stall_ms = r->stall_ms ? r->stall_ms : s->stall_ms,
		.unstoppable = r->unstoppable,
	};
	struct http *h = s3_borrow_http(s);
	enum http_fault fault = http_do(h, &request, response);

	*why = xstrdup(http_why(h));
	s3_return_http(s, h);
	return fault;
}

int
s3_try(struct s3 *s, const struct s3_request *r, struct s3_tries *t,
    struct http_response *response, struct s3_error *e)
{
	struct s3_attempt a;
	enum http_fault fault;
	char *why = NULL;
	int status;

	if (s3_attempt_prepare(&a, s, r, &why) < 0) {
		s3_error_set(e, "%s", why);
		e->transient = credentials_may_recover(s->credentials);
		e->stopped = interrupt_signal();
		status = -1;
		goto out;
	}
	fault = send_attempt(s, r, &a, response, &why);
	if (fault != HTTP_DONE)
		status = broken(s, r, t, response, e, fault, why);
	else if (!is_well(response))
		status = refused(s, r, t, &a, response, e);
	else {
		s3_error_release(e); /* of the attempt before */
		status = 0;
	}
out:
	s3_attempt_release(&a);
	free(why);
	return status;
}

int
s3_do(struct s3 *s, const struct s3_request *r, struct http_response *response,
    struct s3_error *e)
{
	struct s3_tries t = { 0 };
	int status;

	while ((status = s3_try(s, r, &t, response, e)) > 0)
		;
	return status;
}
