/*
 * ranking - how good an ordered list is, by the ranks of its relevant entries.
 *
 * Let r_1 < r_2 < ... be the ranks (from 1) of the n relevant entries among the first
 * k, and T > 0 how many entries would be relevant, in the list or not:
 *
 *	NDCG       sum over i of 1 / log2(1 + r_i)  /  sum over r <= min(k, T) of the
 *	           same (Jarvelin, Kekalainen 2002, ACM TOIS 20(4), binary relevance)
 *	precision  n / k
 *	recall     n / T;  capped: n / min(k, T)
 *	hit rate   1 if n > 0, else 0
 *	MRR        1 / r_1, 0 if n = 0
 *	MAP        sum over i of i / r_i,  / T;  capped: / min(k, T)
 *	           (Manning, Raghavan, Schutze 2008, section 8.4)
 *
 * A list that ends before k has entries behind its end that are not relevant.
 */
#ifndef RANKING_H
#define RANKING_H

#include <stddef.h>

enum ranking_metric {
	RANKING_NDCG,
	RANKING_PRECISION,
	RANKING_RECALL,
	RANKING_CAPPED_RECALL,
	RANKING_HIT_RATE,
	RANKING_MRR,
	RANKING_MAP,
	RANKING_CAPPED_MAP,
	RANKING_METRICS
};

/* As printed, "_at_" and k behind. */
extern const char *const ranking_names[RANKING_METRICS];

/* ranks [n] may go beyond k; k > 0. All 0 if relevant is 0. */
void ranking_measure(double out[RANKING_METRICS], const size_t *ranks, size_t n,
    size_t relevant, size_t k);

#endif
