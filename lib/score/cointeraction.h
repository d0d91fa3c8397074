/*
 * cointeraction - items that the users of an item also met.
 *
 * The value of item j for item i, with c the users of both and n_j those of j,
 *
 *	c / n_j ^ popularity_discount_factor		if c >= min_cointeraction_count
 *
 * orders the items (Deshpande and Karypis 2004, "Item-based top-N recommendation
 * algorithms", equation 5, without what is the same for all j). At 0 the most popular
 * come first, at 1 those whose users are most of all users of i.
 */
#ifndef COINTERACTION_H
#define COINTERACTION_H

#include "best.h"
#include "model.h"

struct cointeraction; /* the working memory of one thread */

struct cointeraction *cointeraction_new(const struct model *m);
void cointeraction_free(struct cointeraction *c); /* NULL is fine */

/*
 * The k best of the allowed items (NULL: all), but for the item itself; at is their
 * catalog number. *best is valid until the next call. -1 if no item shares enough users
 * with it, whatever is allowed.
 */
long cointeraction_of(struct cointeraction *c, uint32_t item, const uint64_t *allowed,
    size_t k, const struct candidate **best);

#endif
