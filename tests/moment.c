#include "moment.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "check.h"
#include "random.h"

static void
dates_and_times_are_seconds(void)
{
	static const struct {
		const char *text;
		int64_t seconds;
	} moments[] = {
		{ "1970-01-01", 0 },
		{ "1970-01-01T00:00Z", 0 },
		{ "1969-12-31T23:59:59Z", -1 },
		{ "2001-09-09T01:46:40Z", 1000000000 },
		{ "2001-09-09 01:46:40", 1000000000 },
		{ "2001-09-09t03:46:40.999+02:00", 1000000000 },
		{ "2001-09-08T22:16:40-0330", 1000000000 },
		{ "2024-02-29", 1709164800 },
		{ "0001-01-01", -62135596800 },
		{ "9999-12-31T23:59:59Z", 253402300799 },
	};
	int64_t seconds;

	for (size_t i = 0; i < LENGTH(moments); i++)
		check_report(moment_parse(span_of(moments[i].text), &seconds) &&
				 seconds == moments[i].seconds,
		    __func__, moments[i].text, __FILE__, __LINE__);
}

static void
other_texts_are_none(void)
{
	static const char *const texts[] = { "", "2024", "2024-01", "2024-1-01",
		"2024-13-01", "2024-00-01", "2024-01-00", "2024-01-32", "2023-02-29",
		"1900-02-29", "2024-04-31", "0000-01-01", "2024-01-01T", "2024-01-01Z",
		"2024-01-01T1:00", "2024-01-01T24:00", "2024-01-01T12",
		"2024-01-01T12:60", "2024-01-01T12:00:60",
		"2024-01-01T12:00:", "2024-01-01T12:00:00.",
		"2024-01-01T12:00:00+25:00", "2024-01-01T12:00:00+1",
		"2024-01-01T12:00:00Zx", " 2024-01-01", "2024-01-01 ", "-2024-01-01",
		"24-01-01", "2024/01/01" };
	int64_t seconds;

	for (size_t i = 0; i < LENGTH(texts); i++)
		check_report(!moment_parse(span_of(texts[i]), &seconds), __func__,
		    texts[i], __FILE__, __LINE__);
}

/* The C library's calendar, day by day in four centuries and at random times. */
static void
the_calendar_is_that_of_the_c_library(void)
{
	char text[64];
	int64_t seconds;
	size_t wrong = 0;

	for (int64_t day = -80000; day < 80000; day++) {
		int64_t at = day * 86400 + (int64_t)random_below(86400);
		time_t t = at;
		struct tm tm;

		gmtime_r(&t, &tm);
		strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm);
		wrong += !moment_parse(span_of(text), &seconds) || seconds != at;
	}
	CHECK(wrong == 0);
}

int
main(void)
{
	dates_and_times_are_seconds();
	other_texts_are_none();
	the_calendar_is_that_of_the_c_library();
	return check_end();
}
