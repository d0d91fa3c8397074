/* ranking - each metric from its definition, entry by entry. */
#include "ranking.h"

#include <math.h>
#include <stdbool.h>

#include "check.h"
#include "random.h"

enum { LENGTH_OF_LIST = 40 };

static bool
near(double a, double b)
{
	return fabs(a - b) < 1e-12;
}

/* A list as flags, extended by nothing: what the formulas of textbooks are about. */
static void
by_definition(double out[RANKING_METRICS], const bool *hit, size_t relevant, size_t k)
{
	double dcg = 0, ideal = 0, ap = 0, first = 0;
	size_t hits = 0, least = relevant < k ? relevant : k;

	for (size_t r = 1; r <= k; r++) {
		size_t so_far = 0;

		if (r <= relevant)
			ideal += 1 / (log((double)r + 1) / log(2));
		if (r > LENGTH_OF_LIST || !hit[r - 1])
			continue;
		for (size_t q = 1; q <= r; q++)
			so_far += hit[q - 1];
		hits++;
		dcg += 1 / (log((double)r + 1) / log(2));
		ap += (double)so_far / (double)r;
		if (first == 0)
			first = (double)r;
	}
	out[RANKING_NDCG] = dcg / ideal;
	out[RANKING_PRECISION] = (double)hits / (double)k;
	out[RANKING_RECALL] = (double)hits / (double)relevant;
	out[RANKING_CAPPED_RECALL] = (double)hits / (double)least;
	out[RANKING_HIT_RATE] = hits ? 1 : 0;
	out[RANKING_MRR] = hits ? 1 / first : 0;
	out[RANKING_MAP] = ap / (double)relevant;
	out[RANKING_CAPPED_MAP] = ap / (double)least;
}

static void
random_lists_have_the_metrics_of_their_definitions(void)
{
	bool same = true;

	for (int round = 0; round < 2000; round++) {
		bool hit[LENGTH_OF_LIST];
		size_t ranks[LENGTH_OF_LIST], n = 0, relevant, k;
		double a[RANKING_METRICS], b[RANKING_METRICS];
		uint64_t rare = 1 + random_below(12);

		for (size_t r = 0; r < LENGTH_OF_LIST; r++)
			if ((hit[r] = one_in(rare)))
				ranks[n++] = r + 1;
		relevant = n + random_below(4) + !n;
		k = 1 + random_below(LENGTH_OF_LIST + 10);
		ranking_measure(a, ranks, n, relevant, k);
		by_definition(b, hit, relevant, k);
		for (size_t m = 0; m < RANKING_METRICS; m++)
			same = same && near(a[m], b[m]);
	}
	CHECK(same);
}

static void
hits_at_ranks_two_and_five(void)
{
	double m[RANKING_METRICS];

	ranking_measure(m, (const size_t[]){ 2, 5 }, 2, 2, 5);
	CHECK(fabs(m[RANKING_NDCG] - 0.62405) < 5e-6);
	CHECK(near(m[RANKING_PRECISION], 0.4));
	CHECK(near(m[RANKING_MRR], 0.5));
	CHECK(near(m[RANKING_RECALL], 1));
	CHECK(near(m[RANKING_MAP], (1.0 / 2 + 2.0 / 5) / 2));
}

static void
the_two_normalisations_part_when_more_is_relevant_than_fits(void)
{
	double m[RANKING_METRICS];

	ranking_measure(m, (const size_t[]){ 1, 2 }, 2, 8, 2);
	CHECK(near(m[RANKING_RECALL], 0.25) && near(m[RANKING_CAPPED_RECALL], 1));
	CHECK(near(m[RANKING_MAP], 0.25) && near(m[RANKING_CAPPED_MAP], 1));
	CHECK(near(m[RANKING_NDCG], 1));
}

static void
nothing_relevant_and_nothing_found_are_zero(void)
{
	double m[RANKING_METRICS];

	for (size_t relevant = 0; relevant < 2; relevant++) {
		double sum = 0;

		ranking_measure(m, NULL, 0, relevant, 10);
		for (size_t i = 0; i < RANKING_METRICS; i++)
			sum += fabs(m[i]);
		CHECK(sum == 0);
	}
}

int
main(void)
{
	random_lists_have_the_metrics_of_their_definitions();
	hits_at_ranks_two_and_five();
	the_two_normalisations_part_when_more_is_relevant_than_fits();
	nothing_relevant_and_nothing_found_are_zero();
	return check_end();
}
