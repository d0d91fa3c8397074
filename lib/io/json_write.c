/* json_write - append JSON. */
#include <string.h>

#include "json.h"
#include "json_string.h"
#include "utf8.h"

static void
quote_byte(struct buf *b, unsigned char c)
{
	static const char special[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
	const char *found = c ? strchr(special, c) : NULL;

	if (found) {
		buf_addc(b, '\\');
		buf_addc(b, letters[found - special]);
	} else
		buf_addf(b, "\\u%04x", c);
}

void
json_quote(struct buf *b, const char *text, size_t len)
{
	const char *p = text, *end = text + len, *from = p;

	buf_addc(b, '"');
	while ((p = utf8_skip(json_skip_plain(p, end), end)) < end) {
		if (json_plain((unsigned char)*p))
			continue;
		buf_add(b, from, (size_t)(p - from));
		if ((unsigned char)*p < 0x80)
			quote_byte(b, (unsigned char)*p);
		else
			buf_adds(b, "\xef\xbf\xbd");
		from = ++p;
	}
	buf_add(b, from, (size_t)(p - from));
	buf_addc(b, '"');
}

void
json_compact(struct buf *b, const char *text, size_t len)
{
	const char *p = text, *end = text + len, *from;

	buf_reserve(b, len);
	while (p < end) {
		from = p;
		if (*p == '"') {
			for (p++; p < end && *p != '"'; p++)
				p += *p == '\\';
			p++;
		} else
			while (p < end && *p != '"' && (unsigned char)*p > ' ')
				p++;
		buf_add(b, from, (size_t)(MIN(p, end) - from));
		while (p < end && (unsigned char)*p <= ' ')
			p++;
	}
}
