/* s3_get - some bytes of an object, exactly those, or an error. */
#include "s3_get.h"

#include <stdlib.h>
#include <string.h>

#include "checksum.h"
#include "s3_answer.h"

/* An attempt that brought so much was no failure: only the rest is left to try. */
enum { PROGRESS_BYTES = 64 * 1024 };

struct get {
	const struct s3_range *range;
	const struct http_response *response;
	struct s3_tries tries;
	uint64_t got;
	uint64_t counted; /* of got, when failures were last forgotten */
	bool checked;     /* the head of the response under way */
	bool started;     /* this response began with the first byte */
	const char *why;  /* it is no use to go on */
};

static bool
is_whole(const struct s3_range *r)
{
	return r->from == 0 && r->to == r->size;
}

/* "bytes 0-99/1000" must be what was asked for, of the object as it is known. */
static const char *
check_place(const struct get *g, struct span text)
{
	const struct s3_range *r = g->range;
	char *expected = xasprintf("bytes %ju-%ju/%ju", (uintmax_t)(r->from + g->got),
	    (uintmax_t)(r->to - 1), (uintmax_t)r->size);
	const char *slash = memchr(text.data ? text.data : "", '/', text.len);
	const char *total = strchr(expected, '/');
	const char *why = NULL;

	if (!span_is(text, expected))
		why = "the server answers with other bytes than those asked for";
	if (why && slash && strcmp(slash, "/*") != 0 &&
	    !span_is(
		(struct span){ slash, text.len - (size_t)(slash - text.data) }, total))
		why = "changed while it was read";
	free(expected);
	return why;
}

static const char *
check_head(struct get *g)
{
	const struct http_response *response = g->response;
	struct span etag = http_header(response, "etag");
	const char *why = NULL;

	g->started = !g->got;
	if (etag.data && g->range->etag) {
		char *now = s3_etag_parse(etag);

		if (strcmp(now, g->range->etag) != 0)
			why = "changed while it was read";
		free(now);
	}
	if (why)
		return why;
	if (response->status == 206)
		return check_place(g, http_header(response, "content-range"));
	if (response->status != 200 || g->got || !is_whole(g->range))
		return "the server knows no ranges";
	return NULL;
}

static int
take(void *context, const void *p, size_t len)
{
	struct get *g = context;

	if (!g->checked && (g->why = check_head(g)))
		return -1;
	g->checked = true;
	if (len > g->range->to - g->range->from - g->got) {
		g->why = "more bytes came than it has";
		return -1;
	}
	memcpy(g->range->bytes + g->got, p, len);
	g->got += len;
	if (g->got - g->counted >= PROGRESS_BYTES) {
		g->counted = g->got;
		g->tries.n = 0;
	}
	return 0;
}

/* One attempt for what is still missing. As s3_try. */
static int
attempt(struct s3 *s, struct get *g, struct http_response *response, struct s3_error *e)
{
	const struct s3_range *range = g->range;
	uint64_t from = range->from + g->got;
	char *bytes =
	    xasprintf("bytes=%ju-%ju", (uintmax_t)from, (uintmax_t)range->to - 1);
	char *match = range->etag ? s3_etag_quoted(range->etag) : NULL;
	struct sigv4_pair headers[3];
	struct s3_request r = {
		.method = "GET",
		.at = range->at,
		.headers = headers,
		.sink = take,
		.context = g,
		.note = bytes,
		.permission = "s3:GetObject",
	};
	int status;

	if (match)
		headers[r.n_headers++] = (struct sigv4_pair){ "If-Match", match };
	if (is_whole(range) && !g->got)
		headers[r.n_headers++] =
		    (struct sigv4_pair){ "x-amz-checksum-mode", "ENABLED" };
	else
		headers[r.n_headers++] = (struct sigv4_pair){ "Range", bytes };
	g->checked = false;
	status = s3_try(s, &r, &g->tries, response, e);
	if (!status && g->got < range->to - range->from)
		status = s3_try_failed(s, &r, &g->tries, e, "its bytes ended early");
	else if (!status && is_whole(range) && g->started &&
		 checksum_verify(response, range->etag, range->bytes, g->got) < 0) {
		g->got = g->counted = 0;
		status = s3_try_failed(
		    s, &r, &g->tries, e, "its bytes are not those of its hash");
	}
	free(bytes);
	free(match);
	return status;
}

int
s3_get(struct s3 *s, const struct s3_range *range, struct s3_error *e)
{
	struct http_response response = { 0 };
	struct get g = { .range = range, .response = &response };
	struct buf name = { 0 };
	int status;

	while ((status = attempt(s, &g, &response, e)) > 0)
		;
	if (status < 0 && e->status == 412)
		g.why = "changed while it was read";
	if (status < 0 && g.why) {
		s3_address_print(&name, range->at);
		s3_error_set(e, "%s: %s", name.data, g.why);
		buf_release(&name);
	}
	http_response_release(&response);
	return status;
}
