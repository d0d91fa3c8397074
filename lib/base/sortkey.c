/* sortkey - JSON values as bytes that memcmp puts into jq's order. */
#include "sortkey.h"

#include <math.h>
#include <string.h>

void
sortkey_tag(struct buf *b, enum sortkey_tag tag)
{
	buf_addc(b, (char)tag);
}

/*
 * IEEE doubles of one sign compare as their bits do; turning the bits of the
 * negative ones, and only the sign of the others, puts both into one order.
 * The smallest pattern, all zero, is then no number's, and serves NaN.
 */
void
sortkey_number(struct buf *b, double value)
{
	uint64_t bits = 0, sign = UINT64_C(1) << 63;
	char bytes[9] = { SORTKEY_NUMBER };

	if (value == 0)
		value = 0; /* -0 too */
	if (!isnan(value)) {
		memcpy(&bits, &value, sizeof bits);
		bits = bits & sign ? ~bits : bits | sign;
	}
	for (int i = 0; i < 8; i++)
		bytes[1 + i] = (char)(bits >> (56 - 8 * i));
	buf_add(b, bytes, sizeof bytes);
}

void
sortkey_string(struct buf *b, struct span text)
{
	const char *p = text.data, *end = p + text.len, *zero;

	sortkey_tag(b, SORTKEY_STRING);
	while (p < end && (zero = memchr(p, '\0', (size_t)(end - p)))) {
		buf_add(b, p, (size_t)(zero - p));
		buf_add(b, "\0\xff", 2);
		p = zero + 1;
	}
	if (p < end)
		buf_add(b, p, (size_t)(end - p));
	sortkey_tag(b, SORTKEY_END);
}
