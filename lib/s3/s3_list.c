/* s3_list - what is there: one object, or all whose keys begin alike. */
#include "s3_list.h"

#include <stdlib.h>
#include <string.h>

static const char get_permission[] =
    "s3:GetObject, and s3:ListBucket, without which a missing key looks the same";

/*
 * The answer to HEAD has no body, so the service's code and message are missing: ask
 * for a byte to hear them. 0 if that went well, as after keys were renewed.
 */
static int
ask_why(struct s3 *s, const struct s3_address *a, struct s3_error *e)
{
	static const struct sigv4_pair first_byte = { "Range", "bytes=0-0" };
	const struct s3_request r = {
		.method = "GET",
		.at = a,
		.headers = &first_byte,
		.n_headers = 1,
		.permission = get_permission,
	};
	struct http_response response = { 0 };
	int status;

	s3_error_release(e);
	status = s3_do(s, &r, &response, e);
	http_response_release(&response);
	return status;
}

static int
parse_size(struct span text, uint64_t *size)
{
	*size = 0;
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] < '0' || text.data[i] > '9' || *size > UINT64_MAX / 11)
			return -1;
		*size = 10 * *size + (uint64_t)(text.data[i] - '0');
	}
	return text.len ? 0 : -1;
}

static int
read_head(const struct s3_address *a, const struct http_response *response,
    struct s3_entry *entry, struct s3_error *e)
{
	struct span etag = http_header(response, "etag");

	if (parse_size(http_header(response, "content-length"), &entry->size) < 0) {
		s3_error_set(e, "s3://%s/%s: the server does not say its size",
		    a->bucket, a->key);
		return -1;
	}
	entry->key = xstrdup(a->key);
	entry->etag = etag.data ? s3_etag_parse(etag) : NULL;
	entry->time = http_time_parse(http_header(response, "last-modified"));
	return 1;
}

int
s3_head(struct s3 *s, const struct s3_address *a, struct s3_entry *entry,
    struct s3_error *e)
{
	const struct s3_request r = {
		.method = "HEAD",
		.at = a,
		.permission = get_permission,
	};
	struct http_response response = { 0 };
	int status;

	*entry = (struct s3_entry){ 0 };
	status = s3_do(s, &r, &response, e);
	if (status < 0 && e->status >= 300 && e->status < 500 && e->status != 404 &&
	    !ask_why(s, a, e))
		status = s3_do(s, &r, &response, e);
	if (!status)
		status = read_head(a, &response, entry, e);
	else if (e->status == 404 && strcmp(e->code, "NoSuchBucket") != 0) {
		s3_error_release(e);
		status = 0;
	}
	http_response_release(&response);
	return status;
}

static int
list_page(struct s3 *s, const struct s3_address *prefix, const char *token,
    struct s3_page *page, struct s3_error *e)
{
	const struct s3_address bucket = { prefix->bucket, (char *)"" };
	const struct sigv4_pair query[] = { { "list-type", "2" },
		{ "encoding-type", "url" }, { "prefix", prefix->key },
		{ "continuation-token", token } };
	struct http_response response = { 0 };
	struct buf name = { 0 };
	const struct s3_request r = {
		.method = "GET",
		.at = &bucket,
		.query = query,
		.n_query = LENGTH(query) - !token,
		.name = (s3_address_print(&name, prefix), name.data),
		.permission = "s3:ListBucket",
	};
	const char *why;
	int status = s3_do(s, &r, &response, e);

	if (!status &&
	    s3_page_parse(page, (struct span){ response.body.data, response.body.len },
		&why) < 0) {
		s3_error_set(e, "%s: not a list of objects: %s", name.data, why);
		status = -1;
	}
	http_response_release(&response);
	buf_release(&name);
	return status;
}

int
s3_list(struct s3 *s, const struct s3_address *prefix,
    void (*each)(void *context, struct s3_entry *entry), void *context,
    struct s3_error *e)
{
	char *token = NULL, *last = NULL;
	struct s3_page page;
	int status;

	do {
		if ((status = list_page(s, prefix, token, &page, e)) < 0)
			break;
		for (size_t i = 0; i < page.n; i++)
			each(context, &page.list[i]);
		free(last);
		last = token;
		token = page.next;
		page.next = NULL;
		s3_page_release(&page);
		/* Else a confused server would keep us for ever. */
		if (token && last && !strcmp(token, last)) {
			s3_error_set(
			    e, "s3://%s: the list does not go on", prefix->bucket);
			status = -1;
		}
	} while (!status && token);
	free(token);
	free(last);
	return status;
}
