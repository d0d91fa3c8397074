/*
 * slist - item-item weights that know the order of events (SLIST).
 *
 * A user's items, oldest first, are cut in two at every place: t are the last of the
 * past. With w how much having met an item counts, S the weights of the past,
 * w exp(-(t - a) / decay) for the item at a, and T those of the future,
 * w exp(-(b - t - 1) / decay) for the item at b, one row for each cut of each user,
 *
 *	B = mix E + (S'S + lambda I)^-1 S'T
 *
 * where E are the weights of EASE (ease.h) with its own lambda. Choi, Kim, Lee, Shim,
 * Lee 2021, "Session-aware linear item-item models for session-based recommendation",
 * equations 9 to 12: SLIT, and with E SLIST, here as a sum. At scoring the items met
 * fade in the same way (links.h). Repeats are left out: an item stands where it was
 * met last.
 *
 * The sums over cuts are closed: for a < b of n items
 *
 *	(S'S)_ab = w w exp(-(b - a) / decay) sum over m < n - 1 - b of exp(-2 m / decay)
 *	(S'T)_ab = w w (b - a) exp(-(b - a - 1) / decay)
 */
#ifndef SLIST_H
#define SLIST_H

#include "ease.h"

struct slist_params {
	struct ease_params ease; /* lambda is EASE's; most and threads are of all */
	double lambda;           /* > 0 */
	double decay;            /* > 0, in items */
	double mix;              /* >= 0; 0 leaves EASE out */
};

/*
 * As ease_train. The newest skip[u] interactions of user u are left out; skip may be
 * NULL; users without a row in the pair are left out.
 */
int slist_train(struct links *to, const struct slist_params *p, const struct catalog *c,
    const struct wanted *w, const uint32_t *skip, const struct pair *pair,
    const uint32_t *scored, size_t n, char **why);

#endif
