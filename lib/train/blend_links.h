/*
 * blend_links - item-item weights of two algorithms as one.
 *
 * What A and C say of an item is on scales of their own, so that
 *
 *	B = A + share |A| / |C| C
 *
 * with |.| the root of the sum of all weights squared (Frobenius).
 */
#ifndef BLEND_LINKS_H
#define BLEND_LINKS_H

#include "model.h"

/*
 * to = B of n items, of A = *to and C = more, the greatest n * most weights of it
 * (prune.h). *to is replaced, to be released by links_release; more stays.
 */
void blend_links(struct links *to, const struct links *more, double share, size_t n,
    size_t most, size_t threads);

#endif
