/* diversify - values are the definition's, whichever were skipped before. */
#include "diversify.h"

#include <math.h>
#include <stdlib.h>

#include "check.h"
#include "market.h"

enum { MOST = 25 };

static const double close = 1e-6;

static double
slow_likeness(const struct market *m, const uint32_t *item, size_t i,
    const size_t *chosen, size_t n_chosen)
{
	double like = n_chosen ? -2 : 0;

	for (size_t k = 0; k < n_chosen; k++)
		like = MAX(like, market_cosine(m, (int)item[i], (int)item[chosen[k]]));
	return like;
}

/* Some choices among random items, unknown ones (NONE, as int -1) among them. */
static bool
values_are_right(const struct market *m, struct diversify *d)
{
	size_t n = 1 + random_below(MOST), chosen[MOST], n_chosen = 0;
	double lambda = (double)random_below(5) / 4;
	uint32_t item[MOST];
	bool right = true;

	diversify_start(d, n);
	for (size_t i = 0; i < n; i++) {
		item[i] = one_in(9) ? NONE : (uint32_t)random_below(MARKET_ITEMS);
		diversify_set(d, i, item[i]);
	}
	for (size_t slot = 0; slot < n; slot++) {
		for (size_t i = 0; i < n; i++) {
			double relevance = 1 - (double)i / MOST, expected, value, least;

			expected =
			    lambda * relevance -
			    (1 - lambda) * slow_likeness(m, item, i, chosen, n_chosen);
			least = one_in(2) ? -INFINITY
					  : (double)random_below(2001) / 1000 - 1;
			value = diversify_value(d, i, relevance, lambda, least);
			if (fabs(expected - least) < close)
				continue;
			right =
			    right && (expected > least ? fabs(value - expected) < close
						       : value <= least);
		}
		chosen[n_chosen++] = random_below(n);
		diversify_choose(d, chosen[n_chosen - 1]);
	}
	return right;
}

static void
values_are_those_of_cosines_with_all_chosen(void)
{
	struct market *m = market_new();
	struct diversify *d = diversify_new(&m->model);
	bool right = true;

	for (int round = 0; right && round < 1000; round++)
		right = values_are_right(m, d);
	CHECK(right);
	diversify_free(d);
	market_free(m);
}

static void
a_model_without_factors_has_none(void)
{
	struct model m = { 0 };

	CHECK(!diversify_new(&m));
	diversify_free(NULL);
}

int
main(void)
{
	values_are_those_of_cosines_with_all_chosen();
	a_model_without_factors_has_none();
	return check_end();
}
