/* check - unit tests that speak TAP. CHECK prints one line, check_end the plan. */
#ifndef CHECK_H
#define CHECK_H

#include <stdio.h>

static int check_count, check_failures;

static void
check_report(int ok, const char *test, const char *what, const char *file, int line)
{
	printf("%sok %d - %s: %s\n", ok ? "" : "not ", ++check_count, test, what);
	if (!ok) {
		check_failures++;
		printf("# %s:%d\n", file, line);
	}
	fflush(stdout);
}

static int
check_end(void)
{
	printf("1..%d\n", check_count);
	return check_failures != 0;
}

#define CHECK(cond) check_report(!!(cond), __func__, #cond, __FILE__, __LINE__)

#endif
