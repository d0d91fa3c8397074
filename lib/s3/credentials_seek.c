/* credentials_seek - what the sources of keys share: answers and files. */
#include "credentials_seek.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "json.h"

enum { FILE_MAX = 1024 * 1024 };

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
