/*
 * neighbors - the items whose factors point the same way as an item's, or to which its
 * links are strongest.
 *
 *	cosine(i, j) = y_i . y_j / sqrt(|y_i|^2 |y_j|^2),  0 if either is 0
 *
 * in double, over all scored items but i itself; or B_ij, over those that it is linked
 * to (model.h); or y_i . y_j + B_ij in models with both, over all scored items. Ties by
 * item number.
 */
#ifndef NEIGHBORS_H
#define NEIGHBORS_H

#include "model.h"

struct neighbor {
	double likeness; /* the cosine, -1..1, the weight of the link, or their sum */
	uint32_t item;   /* catalog number */
};

struct neighbors; /* works out the lengths of all vectors once */

struct neighbors *neighbors_new(const struct model *m); /* NULL: neither */
void neighbors_free(struct neighbors *n);
/* The nearest of an item, nearest first; borrowed until the next call. How many. */
size_t neighbors_of(
    struct neighbors *n, uint32_t item, size_t k, const struct neighbor **nearest);

#endif
