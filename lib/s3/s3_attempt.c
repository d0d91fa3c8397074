/* s3_attempt - a request to S3 as it goes out: placed, signed, in lines of HTTP. */
#include "s3_attempt.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void
s3_attempt_release(struct s3_attempt *a)
{
	for (size_t i = 0; a->lines[i]; i++)
		free(a->lines[i]);
	buf_release(&a->host);
	buf_release(&a->path);
	buf_release(&a->query);
	buf_release(&a->url);
	buf_release(&a->authorization);
	keys_release(&a->keys);
	free(a->region);
}

static void
add_header(struct s3_attempt *a, const char *name, const char *value)
{
	assert(a->n_headers < S3_HEADERS_MAX);
	a->headers[a->n_headers++] = (struct sigv4_pair){ name, value };
}

static void
place(struct s3_attempt *a, const struct s3 *s, const struct s3_request *r)
{
	s3_endpoint_place(&s->endpoint, a->region, r->at, &a->host, &a->path);
	buf_addf(&a->url, "%s://%s%s", s->endpoint.scheme, a->host.data, a->path.data);
	if (r->n_query) {
		sigv4_query(&a->query, r->query, r->n_query);
		buf_addf(&a->url, "?%s", a->query.data);
	}
}

/* After the last header. */
static void
sign(struct s3_attempt *a, const struct s3_request *r, time_t now)
{
	const struct sigv4_request request = {
		.method = r->method,
		.path = a->path.data,
		.query = r->query,
		.n_query = r->n_query,
		.headers = a->headers,
		.n_headers = a->n_headers,
		.payload_hash = a->hash,
	};
	const struct sigv4_scope scope = {
		.key_id = a->keys.id,
		.secret = a->keys.secret,
		.region = a->region,
		.service = "s3",
		.time = now,
	};

	sigv4_authorization(&a->authorization, &request, &scope);
}

static void
write_lines(struct s3_attempt *a)
{
	for (size_t i = 0; i < a->n_headers; i++)
		a->lines[i] =
		    xasprintf("%s: %s", a->headers[i].name, a->headers[i].value);
}

int
s3_attempt_prepare(
    struct s3_attempt *a, struct s3 *s, const struct s3_request *r, char **why)
{
	time_t now = time(NULL) + (time_t)s->skew_seconds;

	*a = (struct s3_attempt){ 0 };
	a->region = s3_region_of(s, r->at->bucket);
	place(a, s, r);
	add_header(a, "Host", a->host.data);
	for (size_t i = 0; i < r->n_headers; i++)
		add_header(a, r->headers[i].name, r->headers[i].value);
	if (s->settings.requester_pays)
		add_header(a, "x-amz-request-payer", "requester");
	if (s->credentials) {
		if (credentials_get(s->credentials, &a->keys, why) < 0)
			return -1;
		sigv4_hash(a->hash, r->body, r->body_len);
		sigv4_date(a->date, now);
		add_header(a, "x-amz-date", a->date);
		add_header(a, "x-amz-content-sha256", a->hash);
		if (a->keys.token)
			add_header(a, "x-amz-security-token", a->keys.token);
		sign(a, r, now);
		add_header(a, "Authorization", a->authorization.data);
	}
	write_lines(a);
	if (r->expect) /* not signed: a proxy may take it out */
		a->lines[a->n_headers] = xstrdup("Expect: 100-continue");
	return 0;
}
