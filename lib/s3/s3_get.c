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
	uint64_t counted;  /* of got, when failures were last forgotten */
	uint64_t skip;     /* bytes of the response before those that are missing */
	bool checked;      /* the head of the response under way */
	bool started;      /* this response began with the first byte */
	const char *again; /* why this attempt failed, if not by s3_try */
	const char *why;   /* it is no use to go on */
};

static const char changed[] = "changed while it was read";

static bool
is_whole(const struct s3_range *r)
{
	return r->from == 0 && r->to == r->size;
}

static bool
is_complete(const struct get *g)
{
	return g->got == g->range->to - g->range->from;
}

/* "bytes 0-99/1000" must be what was asked for, of the object as it is known. */
static int
check_place(struct get *g, struct span text)
{
	const struct s3_range *r = g->range;
	char *expected = xasprintf("bytes %ju-%ju/%ju", (uintmax_t)(r->from + g->got),
	    (uintmax_t)(r->to - 1), (uintmax_t)r->size);
	int status = 0;

	if (!span_is(text, expected)) {
		g->again = "the server sent other bytes than those asked for";
		status = -1;
	}
	free(expected);
	return status;
}

/* The whole object, from a server that knows no ranges: what is before is skipped. */
static int
check_length(struct get *g)
{
	struct span length = http_header(g->response, "content-length");
	char *size = xasprintf("%ju", (uintmax_t)g->range->size);
	int status = 0;

	if (length.len && !span_is(length, size)) {
		g->again = "the server says another length than before";
		status = -1;
	}
	free(size);
	g->skip = g->range->from + g->got;
	return status;
}

static int
check_head(struct get *g)
{
	struct span etag = http_header(g->response, "etag");

	g->started = !g->got;
	g->skip = 0;
	if (etag.len && g->range->etag) {
		char *now = s3_etag_parse(etag);
		bool same = !strcmp(now, g->range->etag);

		free(now);
		if (!same) {
			g->why = changed;
			return -1;
		}
	}
	return g->response->status == 206
		   ? check_place(g, http_header(g->response, "content-range"))
		   : check_length(g);
}

static int
take(void *context, const void *p, size_t len)
{
	struct get *g = context;
	uint64_t skipped, left;

	if (!g->checked && check_head(g) < 0)
		return -1;
	g->checked = true;
	skipped = MIN(g->skip, len);
	g->skip -= skipped;
	p = (const char *)p + skipped;
	len -= skipped;
	left = g->range->to - g->range->from - g->got;
	if (len > left && g->response->status == 206) {
		g->again = "the server sent more bytes than asked for";
		return -1;
	}
	memcpy(g->range->bytes + g->got, p, MIN(len, left));
	g->got += MIN(len, left);
	if (g->got - g->counted >= PROGRESS_BYTES) {
		g->counted = g->got;
		g->tries.n = 0;
	}
	return len > left ? -1 : 0; /* what is behind is not needed */
}

/* One attempt for what is still missing. As s3_try. */
static int
attempt(struct s3 *s, struct get *g, struct http_response *response, struct s3_error *e)
{
	const struct s3_range *range = g->range;
	uint64_t from = range->from + g->got;
	char *bytes =
	    xasprintf("bytes=%ju-%ju", (uintmax_t)from, (uintmax_t)range->to - 1);
	char *note = xasprintf("bytes %s", bytes + strlen("bytes="));
	char *match = range->etag ? s3_etag_quoted(range->etag) : NULL;
	struct sigv4_pair headers[3];
	struct s3_request r = {
		.method = "GET",
		.at = range->at,
		.headers = headers,
		.sink = take,
		.context = g,
		.note = note,
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
	g->again = NULL;
	status = s3_try(s, &r, &g->tries, response, e);
	/* The connection may break behind the last byte, or be left there by us. */
	if (status && is_complete(g)) {
		s3_error_release(e);
		status = 0;
	}
	if (!status && !is_complete(g))
		g->again = "its bytes ended early";
	else if (!status && is_whole(range) && g->started &&
		 checksum_verify(response, range->etag, range->bytes, g->got) < 0) {
		g->got = g->counted = 0;
		g->again = "its bytes are not those of its checksum";
	}
	if (g->again)
		status = s3_try_failed(s, &r, &g->tries, e, g->again);
	free(bytes);
	free(note);
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
		g.why = changed;
	if (status < 0 && g.why) {
		s3_address_print(&name, range->at);
		s3_error_set(e, "%s: %s", name.data, g.why);
		buf_release(&name);
	}
	http_response_release(&response);
	return status;
}
