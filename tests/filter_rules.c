#include "filter_rules.h"

#include "check.h"

/* How many of 100 random filters over each of so many random catalogs are wrong. */
static size_t
wrong_filters(int catalogs, bool jq)
{
	static struct rules_world w;
	size_t wrong = 0;

	for (int i = 0; i < catalogs && wrong < 5; i++) {
		rules_open(&w);
		wrong += rules_check(&w, 100, jq);
		rules_close(&w);
	}
	return wrong;
}

static void
random_filters_mean_what_the_rules_say(void)
{
	CHECK(wrong_filters(1100, false) == 0);
}

/* A program costs a process. */
static void
so_do_filters_with_jq_programs(void)
{
	CHECK(wrong_filters(12, true) == 0);
}

int
main(void)
{
	random_filters_mean_what_the_rules_say();
	so_do_filters_with_jq_programs();
	return check_end();
}
