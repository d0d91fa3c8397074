/* http_response - the headers of an answer: kept, found, dates among them. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "http.h"

void
http_add_header(struct http_response *r, const char *line, size_t len)
{
	const char *colon = memchr(line, ':', len);
	size_t at = colon ? (size_t)(colon - line) : 0;

	if (!colon)
		return;
	for (size_t i = 0; i < at; i++)
		buf_addc(&r->headers, line[i] >= 'A' && line[i] <= 'Z'
					  ? (char)(line[i] - 'A' + 'a')
					  : line[i]);
	buf_adds(&r->headers, ": ");
	for (at++; at < len && (line[at] == ' ' || line[at] == '\t'); at++)
		;
	while (len > at && strchr(" \t\r\n", line[len - 1]))
		len--;
	buf_add(&r->headers, line + at, len - at);
	buf_addc(&r->headers, '\n');
}

struct span
http_header(const struct http_response *r, const char *name)
{
	const char *p = r->headers.data, *end = p + r->headers.len, *line_end;
	size_t len = strlen(name);

	for (; p && p < end; p = line_end + 1) {
		line_end = memchr(p, '\n', (size_t)(end - p));
		if ((size_t)(line_end - p) >= len + 2 && !memcmp(p, name, len) &&
		    p[len] == ':')
			return (struct span){ p + len + 2,
				(size_t)(line_end - p) - len - 2 };
	}
	return (struct span){ 0 };
}

time_t
http_time_parse(struct span text)
{
	char *copy = xmemdup(text.data, text.len);
	struct tm tm = { 0 };
	const char *end = strptime(copy, "%a, %d %b %Y %H:%M:%S GMT", &tm);
	time_t time = end && !*end ? timegm(&tm) : -1;

	free(copy);
	return time;
}

void
http_response_release(struct http_response *r)
{
	buf_release(&r->headers);
	buf_release(&r->body);
	r->status = 0;
}
