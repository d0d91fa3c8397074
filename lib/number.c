/* number - print doubles as the service does. */
#include "number.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The digits of n, most significant first. How many. */
static size_t
digits_of(uint64_t n, char digits[20])
{
	char reversed[20];
	size_t len = 0;

	do
		reversed[len++] = (char)('0' + n % 10);
	while (n /= 10);
	for (size_t i = 0; i < len; i++)
		digits[i] = reversed[len - 1 - i];
	return len;
}

/*
 * Print digits d1 d2 d3... meaning 0.d1d2d3... * 10^exponent in Java's form.
 */
static size_t
java_form(char *out, const char *digits, size_t len, int exponent)
{
	char *p = out;

	while (len > 1 && digits[len - 1] == '0')
		len--;
	if (exponent > 7 || exponent < -2) {
		*p++ = digits[0];
		*p++ = '.';
		for (size_t i = 1; i < len; i++)
			*p++ = digits[i];
		if (len == 1)
			*p++ = '0';
		return (size_t)(p - out) + (size_t)sprintf(p, "E%d", exponent - 1);
	}
	for (int i = 0; i < exponent; i++)
		*p++ = (size_t)i < len ? digits[i] : '0';
	if (exponent <= 0)
		*p++ = '0';
	*p++ = '.';
	for (int i = exponent; i < 0; i++)
		*p++ = '0';
	for (size_t i = exponent > 0 ? (size_t)exponent : 0; i < len; i++)
		*p++ = digits[i];
	if (p[-1] == '.')
		*p++ = '0';
	*p = '\0';
	return (size_t)(p - out);
}

size_t
number_score(char out[NUMBER_SIZE], double value)
{
	double scaled = nearbyint(fabs(value) * 1e7);
	char digits[20];
	size_t sign = value < 0 && scaled > 0, len;

	if (sign)
		*out = '-';
	if (scaled < 1) {
		memcpy(out, "0.0", 4);
		return 3;
	}
	/* Beyond 2^53 there are no decimals to round: print what is there. */
	if (scaled > 9e15)
		return number_json(out, value);
	len = digits_of((uint64_t)scaled, digits);
	return sign + java_form(out + sign, digits, len, (int)len - 7);
}

size_t
number_json(char out[NUMBER_SIZE], double value)
{
	int len = 0;

	if (!isfinite(value)) {
		memcpy(out, "null", 5);
		return 4;
	}
	if (value == floor(value) && fabs(value) < 1e15)
		return (size_t)snprintf(out, NUMBER_SIZE, "%.0f", value + 0.0);
	for (int precision = 15; precision <= 17; precision++) {
		len = snprintf(out, NUMBER_SIZE, "%.*g", precision, value);
		if (strtod(out, NULL) == value)
			break;
	}
	return (size_t)len;
}
