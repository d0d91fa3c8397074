/*
 * influence - what popularity and freshness make of an item's value: ranking influence.
 *
 * The value of item j is multiplied by
 *
 *	(1 - p + p popular_j) (1 - f + f fresh_j)
 *
 *	popular_j = log(1 + users of j) / log(1 + users of the most popular item)
 *	fresh_j   = share of all items that are not newer than j
 *
 * with the influences p and f from 0 to 1. An item begins as it does for exploration
 * (explore.h). So 0 leaves the order alone, 1 gives what nobody met, or what is
 * oldest, about nothing, and an item that is not like the one asked for stays out.
 * The formula is ours; the service does not publish its own.
 */
#ifndef INFLUENCE_H
#define INFLUENCE_H

#include "model.h"

struct influence {
	double popularity, freshness; /* 0..1 */
};

/*
 * POPULARITY=X,FRESHNESS=X in any order, case ignored, either left out. -1 and *why
 * (static), and i is as it was.
 */
int influence_parse(struct influence *i, const char *text, const char **why);

/* [n_items], to be freed; NULL: nothing changes. */
float *influence_of(const struct model *m, const struct influence *i);

#endif
