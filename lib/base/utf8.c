/* utf8 - which bytes are characters. */
#include "utf8.h"

/* Bytes of the UTF-8 character at p, 0 if none is valid. Unicode 15, table 3-7. */
static size_t
utf8_length(const unsigned char *p, size_t len)
{
	unsigned char low = 0x80, high = 0xbf;
	size_t need = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;

	if (p[0] < 0x80)
		return 1;
	if (p[0] < 0xc2 || p[0] > 0xf4 || need > len)
		return 0;
	/* The second byte excludes longer forms, surrogates, and all past U+10FFFF. */
	if (p[0] == 0xe0)
		low = 0xa0;
	else if (p[0] == 0xed)
		high = 0x9f;
	else if (p[0] == 0xf0)
		low = 0x90;
	else if (p[0] == 0xf4)
		high = 0x8f;
	if (p[1] < low || p[1] > high)
		return 0;
	for (size_t i = 2; i < need; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	return need;
}

const char *
utf8_skip(const char *p, const char *end)
{
	size_t n;

	while (p < end && (unsigned char)*p >= 0x80) {
		n = utf8_length((const unsigned char *)p, (size_t)(end - p));
		if (!n)
			break;
		p += n;
	}
	return p;
}

size_t
utf8_valid(const char *text, size_t len)
{
	const char *p = text, *end = text + len, *from;

	do {
		while (p < end && (unsigned char)*p < 0x80)
			p++;
		from = p;
		p = utf8_skip(p, end);
	} while (p > from);
	return (size_t)(p - text);
}

void
utf8_add(struct buf *b, unsigned long c)
{
	if (c < 0x80)
		buf_addc(b, (char)c);
	else if (c < 0x800) {
		buf_addc(b, (char)(0xc0 | c >> 6));
		buf_addc(b, (char)(0x80 | (c & 0x3f)));
	} else if (c < 0x10000) {
		buf_addc(b, (char)(0xe0 | c >> 12));
		buf_addc(b, (char)(0x80 | (c >> 6 & 0x3f)));
		buf_addc(b, (char)(0x80 | (c & 0x3f)));
	} else {
		buf_addc(b, (char)(0xf0 | c >> 18));
		buf_addc(b, (char)(0x80 | (c >> 12 & 0x3f)));
		buf_addc(b, (char)(0x80 | (c >> 6 & 0x3f)));
		buf_addc(b, (char)(0x80 | (c & 0x3f)));
	}
}
