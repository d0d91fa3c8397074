/* number - print doubles as the service does. */
#include "number.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Write the digits of n so that they end before end. Where they start. */
static char *
digits_of(uint64_t n, char *end)
{
	do
		*--end = (char)('0' + n % 10);
	while (n /= 10);
	return end;
}

/* Exponents of doubles have at most three digits. */
static size_t
put_exponent(char *out, int exponent)
{
	char digits[20], *end = digits + sizeof digits, *p = out;
	char *from = digits_of((uint64_t)abs(exponent), end);
	size_t len = (size_t)(end - from);

	*p++ = 'E';
	if (exponent < 0)
		*p++ = '-';
	memcpy(p, from, len);
	p[len] = '\0';
	return (size_t)(p - out) + len;
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
		return (size_t)(p - out) + put_exponent(p, exponent - 1);
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

/* How many digits value needs to be read back. */
static int
digits_needed(double value)
{
	/* Up to 15 always survive; subnormal numbers hold fewer than that. */
	int n = fpclassify(value) == FP_SUBNORMAL ? 1 : 15;
	char text[NUMBER_SIZE];

	for (; n < 17; n++) {
		snprintf(text, sizeof text, "%.*e", n - 1, value);
		if (strtod(text, NULL) == value)
			break;
	}
	return n;
}

/* In Java's form without rounding: a double so big has no decimals to round. */
static size_t
java_shortest(char out[NUMBER_SIZE], double value)
{
	char text[NUMBER_SIZE], digits[NUMBER_SIZE], *p = text;
	size_t sign = value < 0, len = 0;

	snprintf(text, sizeof text, "%.*e", digits_needed(value) - 1, fabs(value));
	for (; *p != 'e'; p++)
		if (*p != '.')
			digits[len++] = *p;
	if (sign)
		*out = '-';
	return sign + java_form(out + sign, digits, len, atoi(p + 1) + 1);
}

/* From 0.001 to below 1: seven digits behind the point, but for zeros at the end. */
static size_t
java_fraction(char *out, uint32_t rounded)
{
	size_t len = 9;

	out[0] = '0';
	out[1] = '.';
	for (int i = 8; i >= 2; i--, rounded /= 10)
		out[i] = (char)('0' + rounded % 10);
	while (len > 3 && out[len - 1] == '0')
		len--;
	out[len] = '\0';
	return len;
}

size_t
number_score(char out[NUMBER_SIZE], double value)
{
	double scaled = fabs(value) * 1e7;
	char digits[20], *end = digits + sizeof digits, *from;
	size_t sign = value < 0, len;
	uint64_t rounded;

	if (!isfinite(value))
		return number_json(out, value);
	if (scaled > 9e15) /* nearly 2^53 */
		return java_shortest(out, value);
	rounded = (uint64_t)llrint(scaled);
	if (!rounded) {
		memcpy(out, "0.0", 4);
		return 3;
	}
	if (sign)
		*out = '-';
	if (rounded >= 10000 && rounded < 10000000)
		return sign + java_fraction(out + sign, (uint32_t)rounded);
	from = digits_of(rounded, end);
	len = (size_t)(end - from);
	return sign + java_form(out + sign, from, len, (int)len - 7);
}

size_t
number_json(char out[NUMBER_SIZE], double value)
{
	int len;

	if (!isfinite(value))
		len = snprintf(out, NUMBER_SIZE, "null");
	else if (value == floor(value) && fabs(value) < 1e15)
		len = snprintf(out, NUMBER_SIZE, "%.0f", value + 0.0);
	else
		len = snprintf(out, NUMBER_SIZE, "%.*g", digits_needed(value), value);
	return (size_t)len;
}
