/* s3_multipart - an object in parts: begun, put, ended or taken back. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "s3_answer.h"
#include "s3_list.h"
#include "s3_put.h"
#include "s3_put_headers.h"

enum {
	CLEAN_UP_STALL_MS = 20000,
	END_STALL_MS = 600000, /* servers put large objects together in this time */
	ABORTS = 3,
	CLOCK_SECONDS = 2, /* how exact times of servers are taken to be */
};

static struct span
body_of(const struct http_response *response)
{
	return (struct span){ response->body.data ? response->body.data : "",
		response->body.len };
}

static void
not_understood(struct s3_error *e, const struct s3_address *at, const char *what)
{
	s3_error_set(e, "s3://%s/%s: the server's answer to %s cannot be understood",
	    at->bucket, at->key, what);
}

/* Uploads of this key, begun in a time of the server's clock. */
struct sweep {
	struct s3 *s;
	const struct s3_address *at;
	const char *keep; /* but this one; NULL: none */
	time_t from, to;  /* of our clock */
};

static void
abort_found(
    const struct sweep *w, const struct s3_unfinished *found, time_t ahead_seconds)
{
	struct s3_error e = { 0 };

	for (size_t i = 0; i < found->n; i++) {
		const struct s3_unfinished_upload *u = &found->list[i];

		if (strcmp(u->key, w->at->key) ||
		    (w->keep && !strcmp(u->id, w->keep)) ||
		    u->begun < w->from + ahead_seconds - CLOCK_SECONDS ||
		    u->begun > w->to + ahead_seconds + CLOCK_SECONDS)
			continue;
		s3_multipart_abort(w->s, w->at, u->id, &e);
		s3_error_release(&e);
	}
}

/* The uploads of this key and of those that begin so. 0, *ahead_seconds the server's
 * clock before ours, found to be released; -1 and an error. */
static int
list_unfinished(struct s3 *s, const struct s3_address *at, struct s3_unfinished *found,
    time_t *ahead_seconds, struct s3_error *e)
{
	const struct s3_address bucket = { at->bucket, (char *)"" };
	const struct sigv4_pair query[] = { { "uploads", "" }, { "prefix", at->key } };
	const struct s3_request r = {
		.method = "GET",
		.at = &bucket,
		.query = query,
		.n_query = LENGTH(query),
		.unstoppable = true,
		.stall_ms = CLEAN_UP_STALL_MS,
		.permission = "s3:ListBucketMultipartUploads",
	};
	struct http_response response = { 0 };
	const char *why;
	time_t now;
	int status = s3_do(s, &r, &response, e);

	if (!status && s3_unfinished_parse(found, body_of(&response), &why) < 0) {
		not_understood(e, at, "list uploads");
		status = -1;
	}
	now = status ? -1 : http_time_parse(http_header(&response, "date"));
	*ahead_seconds = now < 0 ? 0 : now - time(NULL);
	http_response_release(&response);
	return status;
}

/*
 * When the answer to a beginning was lost, there may be an upload whose ID nobody
 * knows. Only its time tells it from those of others.
 */
static void
sweep(const struct sweep *w)
{
	struct s3_unfinished found;
	struct s3_error e = { 0 };
	time_t ahead_seconds;

	if (!list_unfinished(w->s, w->at, &found, &ahead_seconds, &e)) {
		abort_found(w, &found, ahead_seconds);
		s3_unfinished_release(&found);
	}
	s3_error_release(&e);
}

int
s3_multipart_clear(
    struct s3 *s, const struct s3_address *at, bool prefix, struct s3_error *e)
{
	struct s3_unfinished found;
	time_t ahead_seconds;
	int status = list_unfinished(s, at, &found, &ahead_seconds, e);

	if (status < 0)
		return -1;
	for (size_t i = 0; !status && i < found.n; i++) {
		const struct s3_address one = { at->bucket, found.list[i].key };

		if (prefix || !strcmp(one.key, at->key))
			status = s3_multipart_abort(s, &one, found.list[i].id, e);
	}
	s3_unfinished_release(&found);
	return status;
}

char *
s3_multipart_begin(struct s3 *s, const struct s3_address *at,
    const struct s3_put_options *o, struct s3_error *e)
{
	static const struct sigv4_pair query = { "uploads", "" };
	struct sweep w = { .s = s, .at = at, .from = time(NULL) };
	struct http_response response = { 0 };
	struct s3_headers h = { 0 };
	struct s3_tries t = { 0 };
	struct s3_request r = {
		.method = "POST",
		.at = at,
		.query = &query,
		.n_query = 1,
		.headers = h.list,
		.unstoppable = true, /* else its ID would be lost */
		.stall_ms = CLEAN_UP_STALL_MS,
		.note = "begin upload",
		.permission = "s3:PutObject",
	};
	char *id = NULL;
	int status;

	s3_put_headers(&h, o);
	if (o->checksum)
		h.list[h.n++] = (struct sigv4_pair){ "x-amz-checksum-algorithm",
			checksum_algorithm(o->checksum) };
	r.n_headers = h.n;
	do {
		w.to = time(NULL);
		status = s3_try(s, &r, &t, &response, e);
	} while (status > 0);
	if (!status && !(id = s3_upload_id_parse(body_of(&response))))
		not_understood(e, at, "begin upload");
	w.keep = id;
	w.to = id ? w.to : time(NULL);
	if (t.n || (!status && !id))
		sweep(&w);
	http_response_release(&response);
	return id;
}

/*
 * A part that was on its way when its upload was ended may come to lie there even so:
 * it is gone when the server knows the upload no more.
 */
int
s3_multipart_abort(
    struct s3 *s, const struct s3_address *at, const char *id, struct s3_error *e)
{
	const struct sigv4_pair query = { "uploadId", id };
	const struct s3_request r = {
		.method = "DELETE",
		.at = at,
		.query = &query,
		.n_query = 1,
		.unstoppable = true,
		.stall_ms = CLEAN_UP_STALL_MS,
		.note = "abort upload",
		.permission = "s3:AbortMultipartUpload",
	};
	struct http_response response = { 0 };
	int status = 0;

	for (int i = 0; i < ABORTS && !status; i++)
		status = s3_do(s, &r, &response, e);
	http_response_release(&response);
	if (status < 0 && e->status == 404) {
		s3_error_release(e);
		status = 0;
	}
	return status;
}

/*
 * Its ETag is needed at the end. That the bytes are those sent, the server found by
 * their SHA-256: to compare MD5s here would cost more than all else. As s3_do.
 */
static int
put_part(
    struct s3 *s, const struct s3_request *r, struct s3_part *part, struct s3_error *e)
{
	struct http_response response = { 0 };
	struct s3_tries t = { 0 };
	struct span etag;
	int status;

	do {
		status = s3_try(s, r, &t, &response, e);
		etag = http_header(&response, "etag");
		if (!status && !etag.len)
			status = s3_try_failed(s, r, &t, e, "an answer without ETag");
	} while (status > 0);
	if (!status)
		part->etag = s3_etag_parse(etag);
	http_response_release(&response);
	return status;
}

int
s3_multipart_put(struct s3 *s, const struct s3_address *at, const char *id,
    size_t number, const void *p, size_t len, enum checksum checksum,
    struct s3_part *part, struct s3_error *e)
{
	char digits[24], note[48];
	const struct sigv4_pair query[] = { { "partNumber", digits },
		{ "uploadId", id } };
	struct sigv4_pair header;
	struct buf sum = { 0 };
	struct s3_request r = {
		.method = "PUT",
		.at = at,
		.query = query,
		.n_query = LENGTH(query),
		.headers = &header,
		.body = p,
		.body_len = len,
		.note = note,
		.permission = "s3:PutObject",
	};

	*part = (struct s3_part){ 0 };
	snprintf(digits, sizeof digits, "%zu", number);
	snprintf(note, sizeof note, "part %zu", number);
	if (checksum) {
		checksum_base64(&sum, checksum, p, len);
		header = (struct sigv4_pair){ checksum_header(checksum), sum.data };
		r.n_headers = 1;
	}
	if (put_part(s, &r, part, e) < 0) {
		buf_release(&sum);
		return -1;
	}
	part->checksum = sum.data;
	return 0;
}

void
s3_part_release(struct s3_part *part)
{
	free(part->etag);
	free(part->checksum);
	*part = (struct s3_part){ 0 };
}

static void
list_parts(struct buf *b, const struct s3_part *parts, size_t n, enum checksum checksum)
{
	buf_adds(b, "<CompleteMultipartUpload "
		    "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">");
	for (size_t i = 0; i < n; i++) {
		char *etag = s3_etag_quoted(parts[i].etag);

		buf_addf(b, "<Part><PartNumber>%zu</PartNumber><ETag>%s</ETag>", i + 1,
		    etag);
		if (checksum)
			buf_addf(b, "<%s>%s</%s>", checksum_element(checksum),
			    parts[i].checksum, checksum_element(checksum));
		buf_adds(b, "</Part>");
		free(etag);
	}
	buf_adds(b, "</CompleteMultipartUpload>");
}

static int
hex(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
				      : -1;
}

/*
 * The ETag of an object of parts is the MD5 of their MD5s, then "-" and their number.
 * NULL if their ETags are no MD5s.
 */
static char *
whole_etag(const struct s3_part *parts, size_t n)
{
	struct buf sums = { 0 }, base64 = { 0 };
	char sum[33], *etag = NULL;

	for (size_t i = 0; i < n; i++) {
		const char *p = parts[i].etag;

		if (strlen(p) != 32 || strspn(p, "0123456789abcdef") != 32)
			goto out;
		for (; *p; p += 2)
			buf_addc(&sums, (char)(16 * hex(p[0]) + hex(p[1])));
	}
	checksum_md5(sum, &base64, sums.data, sums.len);
	etag = xasprintf("%s-%zu", sum, n);
out:
	buf_release(&sums);
	buf_release(&base64);
	return etag;
}

/* Whether the object there is this upload's. */
static bool
is_there(struct s3 *s, const struct s3_address *at, const char *etag, uint64_t size)
{
	struct s3_error e = { 0 };
	struct s3_entry entry;
	bool there = s3_head(s, at, &entry, &e) > 0 && entry.size == size &&
		     entry.etag && etag && !strcmp(entry.etag, etag);

	s3_entry_release(&entry);
	s3_error_release(&e);
	return there;
}

int
s3_multipart_end(struct s3 *s, const struct s3_address *at, const char *id,
    const struct s3_part *parts, size_t n, uint64_t size,
    const struct s3_put_options *o, struct s3_error *e)
{
	static const struct sigv4_pair only_new = { "If-None-Match", "*" };
	const struct sigv4_pair query = { "uploadId", id };
	struct http_response response = { 0 };
	struct buf body = { 0 };
	struct s3_request r = {
		.method = "POST",
		.at = at,
		.query = &query,
		.n_query = 1,
		.headers = &only_new,
		.n_headers = o->if_none_match,
		.stall_ms = END_STALL_MS,
		.note = "end upload",
		.permission = "s3:PutObject",
	};
	char *etag = whole_etag(parts, n), *is = NULL;
	int status;

	list_parts(&body, parts, n, o->checksum);
	r.body = body.data;
	r.body_len = body.len;
	status = s3_do(s, &r, &response, e);
	if (!status && !(is = s3_completed_parse(body_of(&response)))) {
		not_understood(e, at, "end upload");
		status = -1;
	}
	/* An answer may be lost and the upload done. */
	if (status < 0 && !e->stopped && is_there(s, at, etag, size)) {
		s3_error_release(e);
		status = 0;
	}
	if (status < 0 && e->status == 412)
		s3_put_exists(e, at);
	if (!status && is && *is && etag && !checksum_is_hidden(&response) &&
	    strcmp(is, etag) != 0) {
		s3_error_set(e, "s3://%s/%s: the server put other parts together",
		    at->bucket, at->key);
		status = -1;
	}
	free(is);
	free(etag);
	buf_release(&body);
	http_response_release(&response);
	return status;
}
