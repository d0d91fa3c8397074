/* json_string - the inside of JSON strings. */
#include "json_string.h"

static int
hex4(const char *p, const char *end)
{
	int value = 0;

	if (end - p < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		char c = p[i];
		int digit = c >= '0' && c <= '9'   ? c - '0'
			    : c >= 'a' && c <= 'f' ? c - 'a' + 10
			    : c >= 'A' && c <= 'F' ? c - 'A' + 10
						   : -1;

		if (digit < 0)
			return -1;
		value = value * 16 + digit;
	}
	return value;
}

long
json_unicode_escape(const char *p, const char *end, size_t *len)
{
	long high = hex4(p, end), low;

	*len = 4;
	if (high < 0xd800 || high > 0xdfff)
		return high;
	if (high > 0xdbff || end - p < 10 || p[4] != '\\' || p[5] != 'u')
		return -1;
	low = hex4(p + 6, end);
	if (low < 0xdc00 || low > 0xdfff)
		return -1;
	*len = 10;
	return 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
}
