/* s3_copy - objects that the server makes of others without their bytes coming here. */
#include "s3_copy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "s3_answer.h"

enum { COPY_STALL_MS = 600000 }; /* of 5 GiB, with no byte on the way to us */

/* The answer begins before the server knows how it will end: 200 may hold an error. */
static int
copy(struct s3 *s, const struct s3_request *r, struct s3_part *part, struct s3_error *e)
{
	struct http_response response = { 0 };
	struct s3_tries t = { 0 };
	int status;

	do {
		status = s3_try(s, r, &t, &response, e);
		if (status)
			continue;
		part->etag = s3_copied_parse((struct span){
		    response.body.data ? response.body.data : "", response.body.len });
		if (!part->etag)
			status =
			    s3_try_failed(s, r, &t, e, "the copy was not confirmed");
	} while (status > 0);
	http_response_release(&response);
	return status;
}

int
s3_copy_part(struct s3 *s, const struct s3_address *at, const char *id, size_t number,
    const struct s3_address *source, struct s3_part *part, struct s3_error *e)
{
	char digits[24], note[48];
	const struct sigv4_pair query[] = { { "partNumber", digits },
		{ "uploadId", id } };
	struct sigv4_pair header = { "x-amz-copy-source", NULL };
	struct buf from = { 0 };
	const struct s3_request r = {
		.method = "PUT",
		.at = at,
		.query = query,
		.n_query = LENGTH(query),
		.headers = &header,
		.n_headers = 1,
		.stall_ms = COPY_STALL_MS,
		.note = note,
		.permission = "s3:PutObject, and s3:GetObject of what is copied",
	};
	int status;

	*part = (struct s3_part){ 0 };
	snprintf(digits, sizeof digits, "%zu", number);
	snprintf(note, sizeof note, "copy part %zu", number);
	buf_addf(&from, "/%s/", source->bucket);
	sigv4_escape(&from, source->key, strlen(source->key), true);
	header.value = from.data;
	status = copy(s, &r, part, e);
	buf_release(&from);
	return status;
}

int
s3_delete(struct s3 *s, const struct s3_address *at, struct s3_error *e)
{
	const struct s3_request r = {
		.method = "DELETE",
		.at = at,
		.permission = "s3:DeleteObject",
	};
	struct http_response response = { 0 };
	int status = s3_do(s, &r, &response, e);

	http_response_release(&response);
	if (status < 0 && e->status == 404 && strcmp(e->code, "NoSuchBucket") != 0) {
		s3_error_release(e);
		status = 0;
	}
	return status;
}
