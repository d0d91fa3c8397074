/*
 * json_string - what reader, values and writer of JSON know of the inside of strings.
 */
#ifndef JSON_STRING_H
#define JSON_STRING_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* A byte that stands for itself: no quote, backslash, control, nor part of more. */
static inline bool
json_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

/* The first byte from p on that is not plain, or end. Inline: short strings abound. */
static inline const char *
json_skip_plain(const char *p, const char *end)
{
#ifdef __SSE2__
	/* As signed bytes, controls and 8-bit ones are all below the space. */
	const __m128i quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\');
	const __m128i space = _mm_set1_epi8(' ');

	for (; end - p >= 16; p += 16) {
		__m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
		__m128i stop = _mm_or_si128(
		    _mm_cmplt_epi8(x, space), _mm_or_si128(_mm_cmpeq_epi8(x, quote),
						  _mm_cmpeq_epi8(x, backslash)));
		int mask = _mm_movemask_epi8(stop);

		if (mask)
			return p + __builtin_ctz((unsigned)mask);
	}
#endif
	while (p < end && json_plain((unsigned char)*p))
		p++;
	return p;
}

/* p stands behind "\u". The code point, and how many bytes it took; -1: not one. */
long json_unicode_escape(const char *p, const char *end, size_t *len);

#endif
