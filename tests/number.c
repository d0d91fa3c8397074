/* number - scores in the service's form, exact against a slow reference. */
#include "number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "random.h"
#include "util.h"

static bool
score_is(double value, const char *expected)
{
	char out[NUMBER_SIZE];
	size_t len = number_score(out, value);

	if (!strcmp(out, expected) && len == strlen(expected))
		return true;
	printf("# %.17g: %s, expected %s\n", value, out, expected);
	return false;
}

static bool
json_is_number(double value, const char *expected)
{
	char out[NUMBER_SIZE];
	size_t len = number_json(out, value);

	if (!strcmp(out, expected) && len == strlen(expected))
		return true;
	printf("# %.17g: %s, expected %s\n", value, out, expected);
	return false;
}

/* Java's form of a decimal text with a point: 0.0003773 is 3.773E-4. */
static void
reference(char *out, const char *decimal)
{
	const char *point = strchr(decimal, '.'), *first = decimal;
	char digits[64];
	size_t n = 0;
	int exponent;

	first += strspn(first, "0.");
	if (!*first) {
		strcpy(out, "0.0");
		return;
	}
	exponent = first < point ? (int)(point - first) - 1 : (int)(point - first);
	for (const char *p = first; *p; p++)
		if (*p != '.')
			digits[n++] = *p;
	while (n > 1 && digits[n - 1] == '0')
		n--;
	if (exponent >= -3 && exponent < 7) {
		strcpy(out, decimal);
		for (n = strlen(out); out[n - 1] == '0' && out[n - 2] != '.'; n--)
			out[n - 1] = '\0';
		return;
	}
	sprintf(out, "%c.%.*sE%d", digits[0], n > 1 ? (int)n - 1 : 1,
	    n > 1 ? digits + 1 : "0", exponent);
}

/* Count the text up by one in its last digit. */
static void
count_up(char *decimal)
{
	char *p = decimal + strlen(decimal) - 1;

	while (*p == '9' || *p == '.') {
		if (*p == '9')
			*p = '0';
		p--;
	}
	++*p;
}

static void
every_rounded_score_is_exact(void)
{
	char decimal[] = "0.0000000", expected[64], out[NUMBER_SIZE], printed[32];
	size_t wrong = 0, len;

	for (int i = 0; i <= 10000000; i++) {
		reference(expected, decimal);
		len = number_score(out, i / 1e7);
		wrong += strcmp(out, expected) != 0 || len != strlen(out);
		if (i % 997 == 0) {
			snprintf(printed, sizeof printed, "%.7f", i / 1e7);
			wrong += strcmp(printed, decimal) != 0;
		}
		if (i < 10000000)
			count_up(decimal);
	}
	CHECK(!strcmp(decimal, "1.0000000"));
	CHECK(!wrong);
}

static void
known_scores_print_as_the_service_prints_them(void)
{
	CHECK(score_is(0.8449224, "0.8449224"));
	CHECK(score_is(0.0186943, "0.0186943"));
	CHECK(score_is(0.004015, "0.004015"));
	CHECK(score_is(0.00037734, "3.773E-4"));
	CHECK(score_is(7.17e-5, "7.17E-5"));
	CHECK(score_is(3.1e-5, "3.1E-5"));
	CHECK(score_is(0.001, "0.001"));
	CHECK(score_is(0.0009999, "9.999E-4"));
	CHECK(score_is(0.00099999996, "0.001"));
	CHECK(score_is(0.0001, "1.0E-4"));
	CHECK(score_is(1e-7, "1.0E-7"));
	CHECK(score_is(0.99999996, "1.0"));
	CHECK(score_is(1, "1.0"));
	CHECK(score_is(0, "0.0"));
	CHECK(score_is(0.1f, "0.1"));
}

static void
what_rounds_to_nothing_is_zero_without_a_sign(void)
{
	CHECK(score_is(-0.0, "0.0"));
	CHECK(score_is(4.9e-8, "0.0"));
	CHECK(score_is(-4.9e-8, "0.0"));
	CHECK(score_is(5e-324, "0.0"));
	CHECK(score_is(5.1e-8, "1.0E-7"));
	CHECK(score_is(-5.1e-8, "-1.0E-7"));
}

static void
values_outside_0_to_1_have_javas_form_too(void)
{
	CHECK(score_is(-0.188913, "-0.188913"));
	CHECK(score_is(-0.00012, "-1.2E-4"));
	CHECK(score_is(12.5, "12.5"));
	CHECK(score_is(9999999, "9999999.0"));
	CHECK(score_is(9999999.99999996, "1.0E7"));
	CHECK(score_is(1e7, "1.0E7"));
	CHECK(score_is(-12345678.5, "-1.23456785E7"));
	CHECK(score_is(899999999.5, "8.999999995E8"));
	CHECK(score_is(900000001, "9.00000001E8"));
	CHECK(score_is(9007199254740992.0, "9.007199254740992E15"));
	CHECK(score_is(1e22, "1.0E22"));
	CHECK(score_is(1.7976931348623157e308, "1.7976931348623157E308"));
	CHECK(score_is(-1.7976931348623157e308, "-1.7976931348623157E308"));
}

static void
what_is_not_finite_is_null(void)
{
	CHECK(score_is(NAN, "null"));
	CHECK(score_is(INFINITY, "null"));
	CHECK(score_is(-INFINITY, "null"));
	CHECK(json_is_number(NAN, "null"));
	CHECK(json_is_number(-INFINITY, "null"));
}

/* A double of any size between 10^-12 and 10^limit. */
static double
random_double(int limit)
{
	double mantissa = (double)(random_bits() >> 11) / 0x1p53 + 0.1;

	return mantissa * pow(10, (double)random_below((uint64_t)limit + 13) - 12);
}

static void
random_scores_agree_with_the_reference(void)
{
	char decimal[64], expected[64], negative[72];
	size_t wrong = 0;

	for (int i = 0; i < 200000; i++) {
		double value = random_double(8), rounded = nearbyint(value * 1e7);

		snprintf(decimal, sizeof decimal, "%.0f", floor(rounded / 1e7));
		snprintf(decimal + strlen(decimal), 16, ".%07.0f", fmod(rounded, 1e7));
		reference(expected, decimal);
		wrong += !score_is(value, expected);
		snprintf(negative, sizeof negative, "%s%s", rounded > 0 ? "-" : "",
		    expected);
		wrong += !score_is(-value, negative);
	}
	CHECK(!wrong);
}

static void
any_score_reads_back_within_half_a_digit(void)
{
	char out[NUMBER_SIZE];
	size_t wrong = 0;

	for (int i = 0; i < 200000; i++) {
		double value = random_double(300);
		size_t len = number_score(out, value);

		wrong += len >= NUMBER_SIZE || len != strlen(out) ||
			 fabs(strtod(out, NULL) - value) > 5.0001e-8 + value * 2.3e-16;
	}
	CHECK(!wrong);
}

static void
json_numbers_are_short(void)
{
	CHECK(json_is_number(0, "0"));
	CHECK(json_is_number(-0.0, "0"));
	CHECK(json_is_number(3, "3"));
	CHECK(json_is_number(-3.25, "-3.25"));
	CHECK(json_is_number(0.1, "0.1"));
	CHECK(json_is_number(1.0 / 3, "0.3333333333333333"));
	CHECK(json_is_number(1e14, "100000000000000"));
	CHECK(json_is_number(1e15, "1e+15"));
	CHECK(json_is_number(1234567890123456, "1234567890123456"));
	CHECK(json_is_number(5e-324, "5e-324"));
	CHECK(json_is_number(2.2250738585072014e-308, "2.2250738585072014e-308"));
	CHECK(json_is_number(1.7976931348623157e308, "1.7976931348623157e+308"));
}

/* No decimal of fewer digits may read back: try one digit less by printf. */
static void
json_numbers_read_back_and_none_is_shorter(void)
{
	char out[NUMBER_SIZE], less[NUMBER_SIZE];
	size_t wrong = 0;

	for (int i = 0; i < 200000; i++) {
		uint64_t bits = random_bits();
		double value;
		int digits = 0;

		memcpy(&value, &bits, sizeof value);
		if (!isfinite(value))
			continue;
		if (one_in(2))
			value = random_double(20);
		number_json(out, value);
		wrong += strtod(out, NULL) != value;
		for (const char *p = out; *p && *p != 'e'; p++)
			digits += *p >= '0' && *p <= '9' && (digits || *p > '0');
		if (digits < 2 || value == floor(value))
			continue;
		snprintf(less, sizeof less, "%.*e", digits - 2, value);
		wrong += strtod(less, NULL) == value;
	}
	CHECK(!wrong);
}

int
main(void)
{
	known_scores_print_as_the_service_prints_them();
	what_rounds_to_nothing_is_zero_without_a_sign();
	values_outside_0_to_1_have_javas_form_too();
	what_is_not_finite_is_null();
	every_rounded_score_is_exact();
	random_scores_agree_with_the_reference();
	any_score_reads_back_within_half_a_digit();
	json_numbers_are_short();
	json_numbers_read_back_and_none_is_shorter();
	return check_end();
}
