/* ranking - how good an ordered list is, by the ranks of its relevant entries. */
#include "ranking.h"

#include <math.h>

#include "util.h"

const char *const ranking_names[RANKING_METRICS] = {
	"normalized_discounted_cumulative_gain",
	"precision",
	"recall",
	"capped_recall",
	"hit_rate",
	"mean_reciprocal_rank",
	"mean_average_precision",
	"capped_mean_average_precision",
};

void
ranking_measure(double out[RANKING_METRICS], const size_t *ranks, size_t n,
    size_t relevant, size_t k)
{
	size_t hits = 0, most = MIN(k, relevant);
	double gain = 0, ideal = 0, precisions = 0;

	for (size_t m = 0; m < RANKING_METRICS; m++)
		out[m] = 0;
	if (!relevant)
		return;
	for (; hits < n && ranks[hits] <= k; hits++) {
		gain += 1 / log2((double)ranks[hits] + 1);
		precisions += (double)(hits + 1) / (double)ranks[hits];
	}
	for (size_t r = 1; hits && r <= most; r++)
		ideal += 1 / log2((double)r + 1);
	if (hits) {
		out[RANKING_NDCG] = gain / ideal;
		out[RANKING_HIT_RATE] = 1;
		out[RANKING_MRR] = 1 / (double)ranks[0];
	}
	out[RANKING_PRECISION] = (double)hits / (double)k;
	out[RANKING_RECALL] = (double)hits / (double)relevant;
	out[RANKING_CAPPED_RECALL] = (double)hits / (double)most;
	out[RANKING_MAP] = precisions / (double)relevant;
	out[RANKING_CAPPED_MAP] = precisions / (double)most;
}
