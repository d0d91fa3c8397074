/* credentials_seek - what the sources of keys share: answers, files, requests. */
#include "credentials_seek.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "interrupt.h"
#include "json.h"

enum { FILE_MAX = 1024 * 1024, MESSAGE_MAX = 300, SKEW_SECONDS = 300 };

/* Before the second attempt; twice as long before each further one. */
static const double LATER_SECONDS = 0.2;

bool
seek_is_plain(const char *text)
{
	for (; *text; text++)
		if (*text <= ' ' || *text > '~')
			return false;
	return true;
}

int
seek_check(struct seek *s, const struct keys *keys)
{
	if (seek_is_plain(keys->id) && (!keys->token || seek_is_plain(keys->token)))
		return 1;
	return seek_fail(
	    s, "%s: a space or an odd character in the keys", s->source.data);
}

int
seek_fail(struct seek *s, const char *format, ...)
{
	va_list ap;
	char *why;

	va_start(ap, format);
	if (vasprintf(&why, format, ap) < 0)
		why = xstrdup("out of memory");
	va_end(ap);
	free(s->why);
	s->why = why;
	return -1;
}

void
seek_release(struct seek *s)
{
	http_free(s->http);
	buf_release(&s->source);
	buf_release(&s->tried);
	free(s->why);
}

void
seek_wipe(char *text)
{
	if (text)
		explicit_bzero(text, strlen(text));
	free(text);
}

void
seek_wipe_buf(struct buf *b)
{
	if (b->data)
		explicit_bzero(b->data, b->cap);
	buf_release(b);
}

void
seek_wipe_response(struct http_response *r)
{
	seek_wipe_buf(&r->body);
	seek_wipe_buf(&r->headers);
	http_response_release(r);
}

static void
keep_field(struct seek_field *f, const struct json_value *v)
{
	struct buf scratch = { 0 };
	struct span text = v->raw;

	if (v->type == JSON_STRING)
		text = json_text(v, &scratch);
	else if (v->type != JSON_NUMBER)
		return;
	seek_wipe(f->text);
	/* Neither an empty text nor one with a NUL in it is what we look for. */
	if (text.len && !memchr(text.data, '\0', text.len))
		f->text = xmemdup(text.data, text.len);
	else
		f->text = NULL;
	seek_wipe_buf(&scratch);
}

/* The object that the reader stands before. */
static int
walk(struct json *j, const char *inside, struct seek_field *fields, size_t n)
{
	struct json_value name, value;
	int more;

	if (json_enter(j, '{') < 0)
		return -1;
	while ((more = json_member(j, &name)) > 0) {
		if (inside && json_is(&name, inside) && json_peek(j) == JSON_OBJECT) {
			if (walk(j, NULL, fields, n) < 0)
				return -1;
			continue;
		}
		if (json_value(j, &value) < 0)
			return -1;
		for (size_t i = 0; !inside && i < n; i++)
			if (json_is(&name, fields[i].name))
				keep_field(&fields[i], &value);
	}
	return more;
}

int
seek_json(struct span text, const char *inside, struct seek_field *fields, size_t n)
{
	struct json j;

	if (!text.len)
		return -1;
	json_open(&j, text.data, text.len);
	return walk(&j, inside, fields, n) < 0 || json_finish(&j) < 0 ? -1 : 0;
}

void
seek_fields_release(struct seek_field *fields, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		seek_wipe(fields[i].text);
		fields[i].text = NULL;
	}
}

/* "Z", "UTC", "+01:00", "-0130" or nothing: seconds to the east. */
static int
zone(const char *text, long *east)
{
	int hours, minutes, end = 0;

	*east = 0;
	if (!*text || !strcmp(text, "Z") || !strcmp(text, "UTC"))
		return 0;
	if ((*text != '+' && *text != '-') ||
	    (sscanf(text + 1, "%2d:%2d%n", &hours, &minutes, &end) < 2 &&
		sscanf(text + 1, "%2d%2d%n", &hours, &minutes, &end) < 2) ||
	    text[1 + end])
		return -1;
	*east = (*text == '-' ? -60L : 60L) * (hours * 60 + minutes);
	return 0;
}

time_t
seek_time(const char *text)
{
	struct tm tm = { 0 };
	const char *p = strptime(text, "%Y-%m-%d", &tm);
	long east;

	if (p && (*p == 'T' || *p == ' '))
		p = strptime(p + 1, "%H:%M:%S", &tm);
	else
		return -1;
	if (p && *p == '.')
		for (p++; isdigit((unsigned char)*p); p++)
			;
	return p && zone(p, &east) == 0 ? timegm(&tm) - east : -1;
}

void
seek_add_time(struct buf *b, time_t time)
{
	char text[64];
	struct tm tm;

	if (!gmtime_r(&time, &tm) ||
	    !strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm))
		snprintf(text, sizeof text, "the end of time");
	buf_adds(b, text);
}

char *
seek_read(struct seek *s, const char *what, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct buf b = { 0 };
	char *text = NULL;
	ssize_t n;

	buf_reserve(&b, 4096);
	while ((n = fd < 0 ? -1 : read(fd, b.data + b.len, b.cap - b.len - 1)) > 0 &&
	       b.len <= FILE_MAX) {
		b.len += (size_t)n;
		buf_reserve(&b, 4096);
	}
	if (n < 0)
		seek_fail(s, "%s: %s: %s", what, path, strerror(errno));
	else if (b.len > FILE_MAX || (b.len && memchr(b.data, '\0', b.len)))
		seek_fail(s, "%s: %s: not a small file of text", what, path);
	else {
		while (b.len && isspace((unsigned char)b.data[b.len - 1]))
			b.len--;
		text = xmemdup(b.data, b.len);
	}
	if (fd >= 0)
		close(fd);
	seek_wipe_buf(&b);
	return text;
}

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
		if (interrupt_wait(-1, LATER_SECONDS * (1U << (n - 1))) < 0)
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
