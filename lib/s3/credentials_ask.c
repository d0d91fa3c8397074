/* credentials_ask - requests to the services that give keys. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "credentials_seek.h"
#include "interrupt.h"

enum { MESSAGE_MAX = 300, SKEW_SECONDS = 300 };

/* What may stand in front of the path. */
static bool
is_authority(const char *text, size_t len)
{
	static const char plain[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "0123456789-._:[]";

	return len > 0 && strspn(text, plain) >= len;
}

/* "[::1]:80", "host:80", "host" */
static int
split_authority(struct seek_url *u, const char *text, size_t len)
{
	const char *port = memchr(text, ']', len), *end = text + len;
	bool brackets = *text == '[';
	struct span usual;

	if (brackets != (port != NULL))
		return -1;
	port = brackets ? port + 1 : memchr(text, ':', len);
	if (!port)
		port = end;
	if (port < end &&
	    (*port != ':' || strspn(port + 1, "0123456789") < (size_t)(end - port - 1)))
		return -1;
	u->name = xmemdup(text + brackets, (size_t)(port - text) - 2U * brackets);
	/* As HTTP wants the Host header, and as it is signed. */
	usual = (struct span){ port, (size_t)(end - port) };
	if (usual.len <= 1 || span_is(usual, u->https ? ":443" : ":80"))
		end = port;
	u->host = xmemdup(text, (size_t)(end - text));
	return *u->name ? 0 : -1;
}

int
seek_url_parse(struct seek_url *u, const char *url, const char **why)
{
	const char *p = strstr(url, "://"), *end;

	*u = (struct seek_url){ 0 };
	u->https = !strncasecmp(url, "https://", 8);
	if (!p || (!u->https && strncasecmp(url, "http://", 7) != 0)) {
		*why = "neither http:// nor https://";
		return -1;
	}
	p += 3;
	end = p + strcspn(p, "/?#");
	if (!is_authority(p, (size_t)(end - p)) ||
	    split_authority(u, p, (size_t)(end - p)) < 0) {
		seek_url_release(u);
		*why = "no plain host, with a port or without, behind ://";
		return -1;
	}
	for (const char *c = end; *c; c++)
		if (*c <= ' ' || *c == '#' || *c == 127) {
			seek_url_release(u);
			*why = "a space, control character or # in a URL";
			return -1;
		}
	u->path = *end == '/' ? xstrdup(end) : xasprintf("/%s", end);
	return 0;
}

void
seek_url_release(struct seek_url *u)
{
	free(u->host);
	free(u->name);
	free(u->path);
	*u = (struct seek_url){ 0 };
}

char *
seek_endpoint(
    struct seek *s, const char *service, const char *prefix, const char *region)
{
	const char *url = aws_config_endpoint(s->config, service), *wrong;
	struct seek_url u;
	size_t len;

	if (!url && !aws_config_is_region(region)) {
		seek_fail(s, "'%s' is no region's name, as us-east-1 is", region);
		return NULL;
	}
	if (!url)
		return xasprintf("https://%s.%s.amazonaws.com%s", prefix, region,
		    strncmp(region, "cn-", 3) ? "" : ".cn");
	if (seek_url_parse(&u, url, &wrong) < 0) {
		seek_fail(s, "the endpoint of %s: %s", service, wrong);
		return NULL;
	}
	seek_url_release(&u);
	len = strlen(url);
	while (url[len - 1] == '/')
		len--;
	return xmemdup(url, len);
}

static bool
is_later(const struct http_response *r)
{
	/* Of STS, in answers with status 400. */
	static const char *const codes[] = { "<Code>Throttling",
		"<Code>IDPCommunicationError" };

	for (size_t i = 0; i < LENGTH(codes); i++)
		if (r->status == 400 && r->body.len && strstr(r->body.data, codes[i]))
			return true;
	return r->status == 408 || r->status == 429 ||
	       (r->status >= 500 && r->status != 501);
}

/* To wait after attempt n, from 1. Tests make it short, here as in s3. */
static double
pause_seconds(unsigned n)
{
	const char *base_ms = aws_config_variable("PZ_RETRY_BASE_MS");

	return (base_ms ? strtoul(base_ms, NULL, 10) : 100) / 1e3 * (double)(1U << n);
}

int
seek_ask(struct seek *s, const char *what, const struct http_request *request,
    unsigned attempts, struct http_response *response)
{
	enum http_fault fault;

	if (!s->http)
		s->http = http_new(aws_config_ca_bundle(s->config));
	for (unsigned n = 1;; n++) {
		fault = http_do(s->http, request, response);
		s->transient = fault == HTTP_TRANSIENT ||
			       (fault == HTTP_DONE && is_later(response));
		if (n >= attempts || !s->transient)
			break;
		if (interrupt_wait(-1, pause_seconds(n)) < 0)
			return seek_fail(s, "%s: stopped", what);
	}
	if (fault == HTTP_DONE)
		return 0;
	return seek_fail(s, "%s: %s", what, http_why(s->http));
}

time_t
seek_skew(const struct http_response *response)
{
	time_t there = http_time_parse(http_header(response, "date"));
	time_t skew = there - time(NULL);

	return there < 0 || llabs((long long)skew) < SKEW_SECONDS ? 0 : skew;
}

/* Append a text that is not ours: printable, of one line, not too long. */
static void
add_foreign(struct buf *b, const char *text, const char *const *hide)
{
	size_t end = b->len + MESSAGE_MAX;
	size_t len;

	while (*text && *text != '\n' && *text != '\r' && b->len < end) {
		const char *const *secret = hide;

		while (secret && *secret &&
		       (!**secret || strncmp(text, *secret, strlen(*secret)) != 0))
			secret++;
		len = secret && *secret ? strlen(*secret) : 1;
		if (secret && *secret)
			buf_adds(b, "***");
		else if ((unsigned char)*text >= ' ' && *text != 127)
			buf_addc(b, *text);
		text += len;
	}
}

int
seek_refused(struct seek *s, const char *what, int status, const char *code,
    const char *message, const char *const *hide)
{
	struct buf b = { 0 };

	buf_addf(&b, "%s: %d", what, status);
	if (code) {
		buf_addc(&b, ' ');
		add_foreign(&b, code, hide);
	}
	if (message) {
		buf_adds(&b, ": ");
		add_foreign(&b, message, hide);
	}
	seek_fail(s, "%s", b.data);
	buf_release(&b);
	return -1;
}
