/*
 * segment - the users who are most likely to interact with an item, or any of several.
 *
 * The interactions of user u that are expected with items of a set M in the
 * next period,
 *
 *	v = lambda_u  sum over i in M of w(z_ui)  /  sum over all items j of w(z_uj)
 *
 * order the users; their probability to interact at all is 1 - exp(-v), if interactions
 * come as a Poisson process. lambda is in train/activity.h, z and w in weights.h; for
 * users without a vector an item's share of all pairs stands for w over its sum. Values
 * are float32 logarithms; ties go to the smaller user ID, bytewise.
 */
#ifndef SEGMENT_H
#define SEGMENT_H

#include "best.h"
#include "model.h"

struct segment_query {
	size_t n_items;
	const uint32_t *items;   /* [n_items] catalog numbers, distinct */
	const uint64_t *allowed; /* bit u: user u may be in it; NULL: all */
	/* Results: at is a user's number, value log v. To be freed. */
	size_t n;
	struct candidate *best;
};

/* Memory for one query: candidates while it runs, and its result. */
size_t segment_bytes(const struct model *m, size_t k, size_t threads);

/* The k best users for each query, in one pass over the users. */
void segment_scan(const struct model *m, struct segment_query *queries, size_t n,
    size_t k, size_t threads);

#endif
