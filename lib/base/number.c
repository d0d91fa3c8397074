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

/* Two digits of n < 100. */
static void
put_pair(char *out, uint32_t n)
{
	static const char pairs[] =
	    "00010203040506070809101112131415161718192021222324"
	    "25262728293031323334353637383940414243444546474849"
	    "50515253545556575859606162636465666768697071727374"
	    "75767778798081828384858687888990919293949596979899";

	memcpy(out, pairs + 2 * (size_t)n, 2);
}

/* Up to `end`, without zeros there but for the one behind the point. */
static char *
without_zeros(char *point, char *end)
{
	while (end > point + 2 && end[-1] == '0')
		end--;
	return end;
}

/* From 0.001 to below 1: seven digits behind the point. */
static size_t
java_fraction(char *out, uint32_t rounded)
{
	uint32_t high = rounded / 10000, low = rounded % 10000;
	char *end;

	memcpy(out, "0.", 2);
	out[2] = (char)('0' + high / 100);
	put_pair(out + 3, high % 100);
	put_pair(out + 5, low / 100);
	put_pair(out + 7, low % 100);
	end = without_zeros(out + 1, out + 9);
	*end = '\0';
	return (size_t)(end - out);
}

/* Below 0.001: one digit before the point, three behind it, and the exponent. */
static size_t
java_small(char *out, uint32_t rounded)
{
	char digits[4], *end, exponent = '4';

	for (; rounded < 1000; rounded *= 10)
		exponent++;
	put_pair(digits, rounded / 100);
	put_pair(digits + 2, rounded % 100);
	out[0] = digits[0];
	out[1] = '.';
	memcpy(out + 2, digits + 1, 3);
	end = without_zeros(out + 1, out + 5);
	memcpy(end, "E-", 2);
	end[2] = exponent;
	end[3] = '\0';
	return (size_t)(end + 3 - out);
}

/* All else that is not too great. */
static size_t
java_long(char *out, uint64_t rounded)
{
	char digits[20], *end = digits + sizeof digits;
	char *from = digits_of(rounded, end);
	size_t len = (size_t)(end - from);

	return java_form(out, from, len, (int)len - 7);
}

size_t
number_score(char out[NUMBER_SIZE], double value)
{
	double scaled = fabs(value) * 1e7;
	size_t sign = value < 0;
	uint64_t rounded;

	if (!(scaled <= 9e15)) /* nearly 2^53 */
		return isfinite(value) ? java_shortest(out, value)
				       : number_json(out, value);
	rounded = (uint64_t)llrint(scaled);
	if (!rounded) {
		memcpy(out, "0.0", 4);
		return 3;
	}
	out[0] = '-';
	if (rounded < 10000)
		return sign + java_small(out + sign, (uint32_t)rounded);
	if (rounded < 10000000)
		return sign + java_fraction(out + sign, (uint32_t)rounded);
	return sign + java_long(out + sign, rounded);
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
