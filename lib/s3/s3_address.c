/* s3_address - s3://bucket/key, and where on the network a bucket is asked for. */
#include "s3_address.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sigv4.h"

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"

void
s3_address_parse(struct s3_address *a, const char *path)
{
	const char *bucket = path + strlen("s3://");
	size_t len = strcspn(bucket, "/");

	a->bucket = xmemdup(bucket, len);
	a->key = xstrdup(bucket[len] ? bucket + len + 1 : "");
}

void
s3_address_release(struct s3_address *a)
{
	free(a->bucket);
	free(a->key);
	*a = (struct s3_address){ 0 };
}

void
s3_address_print(struct buf *b, const struct s3_address *a)
{
	buf_addf(b, "s3://%s%s%s", a->bucket, *a->key ? "/" : "", a->key);
}

int
s3_endpoint_parse(struct s3_endpoint *e, const char *url, const char **why)
{
	const char *host, *path;

	*e = (struct s3_endpoint){ 0 };
	if (!url) {
		e->scheme = xstrdup("https");
		e->base = xstrdup("");
		e->virtual = true;
		return 0;
	}
	host = strstr(url, "://");
	if (!host ||
	    (strncasecmp(url, "http://", 7) && strncasecmp(url, "https://", 8))) {
		*why = "expected an endpoint like https://host:port";
		return -1;
	}
	host += 3;
	path = host + strcspn(host, "/?#");
	if (path == host || memchr(host, '@', (size_t)(path - host)) || *path == '?' ||
	    strpbrk(path, "?# ")) {
		*why = "expected no more than scheme, host, port and path";
		return -1;
	}
	e->scheme = xstrdup(strncasecmp(url, "https", 5) ? "http" : "https");
	e->host = xmemdup(host, (size_t)(path - host));
	e->base = xstrdup(path);
	while (*e->base && e->base[strlen(e->base) - 1] == '/')
		e->base[strlen(e->base) - 1] = '\0';
	return 0;
}

void
s3_endpoint_release(struct s3_endpoint *e)
{
	free(e->scheme);
	free(e->host);
	free(e->base);
	*e = (struct s3_endpoint){ 0 };
}

bool
s3_is_region(struct span text)
{
	if (!text.len || text.len > 40)
		return false;
	for (size_t i = 0; i < text.len; i++)
		if (!text.data[i] || !strchr(LOWER DIGITS "-", text.data[i]))
			return false;
	return true;
}

/* A dot would need a certificate for two levels of names. */
static bool
is_label(const char *bucket)
{
	size_t len = strlen(bucket);

	return len >= 3 && len <= 63 && strspn(bucket, LOWER DIGITS "-") == len &&
	       *bucket != '-' && bucket[len - 1] != '-';
}

void
s3_endpoint_place(const struct s3_endpoint *e, const char *region,
    const struct s3_address *a, struct buf *host, struct buf *path)
{
	bool in_host = e->virtual && is_label(a->bucket);

	if (in_host)
		buf_addf(host, "%s.", a->bucket);
	if (e->host)
		buf_adds(host, e->host);
	else
		buf_addf(host, "s3.%s.amazonaws.com%s", region,
		    strncmp(region, "cn-", 3) ? "" : ".cn");
	buf_adds(path, e->base);
	buf_addc(path, '/');
	if (!in_host) {
		sigv4_escape(path, a->bucket, strlen(a->bucket), false);
		if (*a->key)
			buf_addc(path, '/');
	}
	sigv4_escape(path, a->key, strlen(a->key), true);
}
