/* s3_put - an object in one request. */
#include "s3_put.h"

#include <stdlib.h>
#include <string.h>

#include "s3_answer.h"
#include "s3_list.h"
#include "s3_put_headers.h"

/* Bodies from here on wait for the server's consent, and are not sent in vain. */
enum { EXPECT_BYTES = 1024 * 1024 };

void
s3_put_headers(struct s3_headers *h, const struct s3_put_options *o)
{
	const struct sigv4_pair all[] = {
		{ "Content-Type", o->content_type },
		{ "x-amz-acl", o->acl },
		{ "x-amz-server-side-encryption", o->sse },
		{ "x-amz-server-side-encryption-aws-kms-key-id", o->kms_key },
		{ "x-amz-storage-class", o->storage_class },
		{ "x-amz-tagging", o->tagging },
	};

	for (size_t i = 0; i < LENGTH(all); i++)
		if (all[i].value)
			h->list[h->n++] = all[i];
}

void
s3_put_exists(struct s3_error *e, const struct s3_address *at)
{
	s3_error_set(e, "s3://%s/%s: 412 PreconditionFailed: it is there already",
	    at->bucket, at->key);
	e->status = 412;
}

/* The answer to a first try may be lost, and the object there by ourselves. */
static bool
is_ours(struct s3 *s, const struct s3_address *at, const char *md5)
{
	struct s3_error e = { 0 };
	struct s3_entry entry;
	bool ours =
	    s3_head(s, at, &entry, &e) > 0 && entry.etag && !strcmp(entry.etag, md5);

	s3_entry_release(&entry);
	s3_error_release(&e);
	return ours;
}

static int
put(struct s3 *s, const struct s3_request *r, const char *md5,
    struct http_response *response, struct s3_error *e)
{
	struct s3_tries t = { 0 };
	int status;

	do {
		status = s3_try(s, r, &t, response, e);
		if (!status && checksum_differs(response, md5))
			status = s3_try_failed(
			    s, r, &t, e, "the server has other bytes than were sent");
	} while (status > 0);
	if (status < 0 && e->status == 412 && t.n && is_ours(s, r->at, md5)) {
		s3_error_release(e);
		status = 0;
	}
	return status;
}

int
s3_put(struct s3 *s, const struct s3_address *at, const void *p, size_t len,
    const struct s3_put_options *o, struct s3_error *e)
{
	struct http_response response = { 0 };
	struct s3_headers h = { 0 };
	struct buf md5 = { 0 }, sum = { 0 };
	char hex[33];
	int status;

	s3_put_headers(&h, o);
	checksum_md5(hex, &md5, p, len);
	h.list[h.n++] = (struct sigv4_pair){ "Content-MD5", md5.data };
	if (o->checksum) {
		checksum_base64(&sum, o->checksum, p, len);
		h.list[h.n++] =
		    (struct sigv4_pair){ checksum_header(o->checksum), sum.data };
	}
	if (o->if_none_match)
		h.list[h.n++] = (struct sigv4_pair){ "If-None-Match", "*" };
	status = put(s,
	    &(struct s3_request){ .method = "PUT",
		.at = at,
		.headers = h.list,
		.n_headers = h.n,
		.body = p,
		.body_len = len,
		.expect = len >= EXPECT_BYTES,
		.permission = "s3:PutObject" },
	    hex, &response, e);
	if (status < 0 && e->status == 412)
		s3_put_exists(e, at);
	http_response_release(&response);
	buf_release(&md5);
	buf_release(&sum);
	return status;
}
