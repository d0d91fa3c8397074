/* csv - one line of the service's CSV. */
#include "csv.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static bool
special(char c)
{
	return c == ',' || c == '"' || c == '\\';
}

static int
fail(struct csv *c, const char *line, const char *at, const char *why)
{
	c->at = (size_t)(at - line);
	c->why = why;
	return -1;
}

/* One byte of a value. p stands at a backslash or at the byte itself. */
static const char *
take_byte(struct csv *c, const char *p, const char *end)
{
	if (*p == '\\' && p + 1 < end && (p[1] == '"' || p[1] == '\\'))
		p++;
	c->decoded.data[c->decoded.len++] = *p;
	return p + 1;
}

/* p stands behind the opening quote. Returns what stands behind the closing one. */
static const char *
quoted_field(struct csv *c, const char *p, const char *end, struct span *value)
{
	const char *from = p;

	while (p < end && *p != '"' && *p != '\\')
		p++;
	if (p < end && *p == '"' && (p + 1 == end || p[1] != '"')) {
		*value = (struct span){ from, (size_t)(p - from) };
		return p + 1;
	}
	value->data = c->decoded.data + c->decoded.len;
	memcpy(c->decoded.data + c->decoded.len, from, (size_t)(p - from));
	c->decoded.len += (size_t)(p - from);
	for (; p < end; p = take_byte(c, p, end)) {
		if (*p != '"')
			continue;
		if (p + 1 == end || p[1] != '"')
			break;
		p++;
	}
	value->len = (size_t)(c->decoded.data + c->decoded.len - value->data);
	return p < end ? p + 1 : NULL;
}

/* Returns what stands behind the field: a comma, a quote that is wrong, the end. */
static const char *
plain_field(struct csv *c, const char *p, const char *end, struct span *value)
{
	const char *from = p;

	while (p < end && !special(*p))
		p++;
	if (p == end || *p != '\\') {
		*value = (struct span){ from, (size_t)(p - from) };
		return p;
	}
	value->data = c->decoded.data + c->decoded.len;
	memcpy(c->decoded.data + c->decoded.len, from, (size_t)(p - from));
	c->decoded.len += (size_t)(p - from);
	while (p < end && *p != ',' && *p != '"')
		p = take_byte(c, p, end);
	value->len = (size_t)(c->decoded.data + c->decoded.len - value->data);
	return p;
}

static struct span *
next_field(struct csv *c)
{
	if (c->n == c->cap) {
		c->cap = c->cap ? 2 * c->cap : 16;
		c->fields = xrealloc(c->fields, c->cap, sizeof *c->fields);
	}
	return &c->fields[c->n++];
}

int
csv_split(struct csv *c, const char *line, size_t len)
{
	const char *p = line, *end = line + len, *from;

	c->n = 0;
	/* What is decoded is never longer, so no value moves while others are added. */
	buf_clear(&c->decoded);
	buf_reserve(&c->decoded, len);
	for (;; p++) {
		struct span *value = next_field(c);

		from = p;
		if (p < end && *p == '"') {
			if (!(p = quoted_field(c, p + 1, end, value)))
				return fail(c, line, from, "unfinished quote");
			if (p < end && *p != ',')
				return fail(c, line, p,
				    "text behind a closing quote (write a quote inside "
				    "a field as \\\")");
		} else
			p = plain_field(c, p, end, value);
		if (p == end)
			return 0;
		if (*p == '"')
			return fail(c, line, p,
			    "quote inside an unquoted field (put the field in quotes "
			    "and write \\\")");
	}
}

void
csv_release(struct csv *c)
{
	free(c->fields);
	buf_release(&c->decoded);
	*c = (struct csv){ 0 };
}

void
csv_quote(struct buf *out, struct span value)
{
	bool plain = true;

	for (size_t i = 0; plain && i < value.len; i++)
		plain = !special(value.data[i]);
	if (plain) {
		buf_add(out, value.data, value.len);
		return;
	}
	buf_addc(out, '"');
	for (size_t i = 0; i < value.len; i++) {
		if (value.data[i] == '"' || value.data[i] == '\\')
			buf_addc(out, '\\');
		buf_addc(out, value.data[i]);
	}
	buf_addc(out, '"');
}
