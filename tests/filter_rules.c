#include "filter_rules.h"

#include "check.h"

static void
random_filters_mean_what_the_rules_say(void)
{
	enum { CATALOGS = 1100, FILTERS = 100 };
	size_t wrong = 0;

	for (int i = 0; i < CATALOGS && wrong < 5; i++)
		wrong += rules_check(FILTERS, false);
	CHECK(wrong == 0);
}

/* A program costs a process. */
static void
so_do_filters_with_jq_programs(void)
{
	size_t wrong = 0;

	for (int i = 0; i < 12 && wrong < 5; i++)
		wrong += rules_check(100, true);
	CHECK(wrong == 0);
}

int
main(void)
{
	random_filters_mean_what_the_rules_say();
	so_do_filters_with_jq_programs();
	return check_end();
}
