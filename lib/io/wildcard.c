/* wildcard - names by a pattern: * any text, ? any character, [a-z] and [!a-z] one of.
 */
#include "wildcard.h"

#include <string.h>

/* Past one character of UTF-8, or one byte that belongs to none. */
static const char *
step(const char *p)
{
	for (p++; ((unsigned char)*p & 0xc0) == 0x80; p++)
		;
	return p;
}

/* The code of a character as one comparable number; any of bytes that are no UTF-8. */
static unsigned long
code(const char *p)
{
	const char *end = step(p);
	unsigned long x = 0;

	for (; p < end && p < end + 8; p++)
		x = x << 8 | (unsigned char)*p;
	return x;
}

/* Behind the ']' that closes a set, NULL if nothing does: then '[' is a letter. */
static const char *
set_end(const char *p)
{
	p++;
	p += *p == '!' || *p == '^';
	p += *p == ']'; /* as the first it is a member */
	p = strchr(p, ']');
	return p ? p + 1 : NULL;
}

static bool
in_set(const char *p, const char *end, unsigned long c)
{
	bool negated = p[1] == '!' || p[1] == '^', found = false;
	const char *last = end - 1;

	for (p += 1 + negated; p < last;) {
		unsigned long from = code(p), to = from;

		p = step(p);
		if (*p == '-' && p + 1 < last) {
			to = code(p + 1);
			p = step(p + 1);
		}
		found |= from <= c && c <= to;
	}
	return found != negated;
}

size_t
wildcard_fixed(const char *pattern)
{
	return strcspn(pattern, "*?[");
}

/*
 * Without recursion: after a mismatch the last '*' takes one character more; earlier
 * ones need never be tried again, as the last can take whatever they would.
 */
bool
wildcard_match(const char *pattern, const char *text)
{
	const char *star = NULL, *resume = NULL, *end;

	while (*text) {
		bool one = false;

		if (*pattern == '*') {
			star = ++pattern;
			resume = text;
			continue;
		}
		end = *pattern == '[' ? set_end(pattern) : NULL;
		if (*pattern == '?') {
			one = true;
			end = pattern + 1;
		} else if (end)
			one = in_set(pattern, end, code(text));
		else if (*pattern) {
			one = code(pattern) == code(text);
			end = step(pattern);
		}
		if (one) {
			pattern = end;
			text = step(text);
		} else if (star) {
			pattern = star;
			text = resume = step(resume);
		} else
			return false;
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}
