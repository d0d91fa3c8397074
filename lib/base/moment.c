/* moment - points in time as people write them (ISO 8601). */
#include "moment.h"

#include <stddef.h>
#include <time.h>

enum { MINUTE = 60, HOUR = 60 * MINUTE, DAY = 24 * HOUR };

/* The next n digits as a number, taken off the front; -1: they are not there. */
static int
take_number(struct span *s, size_t n)
{
	int number = 0;

	if (s->len < n)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (s->data[i] < '0' || s->data[i] > '9')
			return -1;
		number = 10 * number + (s->data[i] - '0');
	}
	*s = (struct span){ s->data + n, s->len - n };
	return number;
}

/* One of the characters, which it returns; '\0': none of them is next. */
static char
take_any(struct span *s, const char *characters)
{
	for (; s->len && *characters; characters++)
		if (*s->data == *characters) {
			*s = (struct span){ s->data + 1, s->len - 1 };
			return *characters;
		}
	return '\0';
}

static bool
is_leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* Days from 0001-01-01 to the first of January of the year. */
static int64_t
days_before_year(int year)
{
	int64_t y = year - 1;

	return 365 * y + y / 4 - y / 100 + y / 400;
}

static bool
take_date(struct span *s, int64_t *days)
{
	static const int before[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304,
		334, 365 };
	int year = take_number(s, 4);
	int month = take_any(s, "-") ? take_number(s, 2) : -1;
	int day = take_any(s, "-") ? take_number(s, 2) : -1;
	bool leap = is_leap(year);

	if (year < 1 || month < 1 || month > 12 || day < 1 ||
	    day > before[month] - before[month - 1] + (leap && month == 2))
		return false;
	*days = days_before_year(year) - days_before_year(1970) + before[month - 1] +
		(leap && month > 2) + day - 1;
	return true;
}

/* 24:00 and leap seconds are not times here. */
static bool
take_clock(struct span *s, bool colon, int64_t *seconds)
{
	int hour = take_number(s, 2), minute;

	if (!take_any(s, ":") && colon)
		return false;
	minute = take_number(s, 2);
	*seconds = hour * HOUR + minute * MINUTE;
	return hour >= 0 && hour < 24 && minute >= 0 && minute < 60;
}

static bool
take_seconds(struct span *s, int64_t *seconds)
{
	int second = take_number(s, 2);

	if (second < 0 || second > 59)
		return false;
	*seconds += second;
	if (!take_any(s, "."))
		return true;
	if (take_number(s, 1) < 0)
		return false;
	while (take_number(s, 1) >= 0)
		;
	return true;
}

static bool
take_zone(struct span *s, int64_t *seconds)
{
	char sign = take_any(s, "+-Zz");
	int64_t zone;

	if (sign != '+' && sign != '-')
		return true;
	if (!take_clock(s, false, &zone))
		return false;
	*seconds += sign == '+' ? -zone : zone;
	return true;
}

bool
moment_parse(struct span text, int64_t *seconds)
{
	int64_t days, time = 0;

	if (!take_date(&text, &days))
		return false;
	if (text.len) {
		if (!take_any(&text, "Tt ") || !take_clock(&text, true, &time))
			return false;
		if (take_any(&text, ":") && !take_seconds(&text, &time))
			return false;
		if (!take_zone(&text, &time))
			return false;
	}
	*seconds = days * DAY + time;
	return !text.len;
}

int64_t
moment_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return t.tv_sec;
}
