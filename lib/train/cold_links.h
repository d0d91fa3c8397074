/*
 * cold_links - links for items without interactions, from those of items like them.
 *
 * Likeness s is the cosine of metadata (metadata.h), each feature also times
 * log(items / items with it). Of the COLD_LIKE items k that are most like item j and
 * have links,
 *
 *	B_ij = sum of s_k B_ik / sum of s_k,	B_ji = sum of s_k B_ki / sum of s_k,
 *
 * the `most` greatest of either, whatever their sign: what is expected of an item of
 * which nothing but that is known.
 */
#ifndef COLD_LINKS_H
#define COLD_LINKS_H

#include "model.h"

enum { COLD_LIKE = 100 };

/*
 * scored [*n], catalog numbers, rising, and the links among them are both replaced by
 * ones that have the items of t, too, that are like any. count: users by catalog
 * number. What is replaced is freed.
 */
void cold_links(struct links *l, uint32_t **scored, size_t *n, const struct table *t,
    size_t most, size_t threads);

#endif
