/*
 * filter_rules [CATALOGS [SEED]] - random filters against the rules, 100 a catalog;
 * make fuzz asks for many more than make check.
 */
#include "filter_rules.h"

#include "check.h"

/* How many of 100 random filters over each of so many random catalogs are wrong. */
static size_t
wrong_filters(long catalogs, bool jq)
{
	static struct rules_world w;
	size_t wrong = 0;

	for (long i = 0; i < catalogs && wrong < 5; i++) {
		rules_open(&w, false);
		wrong += rules_check(&w, 100, jq);
		rules_close(&w);
	}
	return wrong;
}

static void
random_filters_mean_what_the_rules_say(long catalogs)
{
	CHECK(wrong_filters(catalogs, false) == 0);
}

/* A program costs a process. */
static void
so_do_filters_with_jq_programs(void)
{
	CHECK(wrong_filters(5, true) == 0);
}

int
main(int argc, char *argv[])
{
	long catalogs = argc > 1 ? atol(argv[1]) : 1100;

	if (argc > 2)
		random_state = strtoull(argv[2], NULL, 10);
	printf(
	    "# %ld catalogs, seed %llu\n", catalogs, (unsigned long long)random_state);
	random_filters_mean_what_the_rules_say(catalogs);
	so_do_filters_with_jq_programs();
	return check_end();
}
