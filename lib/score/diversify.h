/*
 * diversify - how like the items already chosen a candidate is.
 *
 *	likeness(i) = greatest cos(y_i, y_j) over the chosen j
 *
 * over the item factors that were learned, without what an item adds for everybody
 * (model.h); 0 before the first choice, and for items without factors. It is the second
 * half of maximal marginal relevance (Carbonell, Goldstein 1998).
 */
#ifndef DIVERSIFY_H
#define DIVERSIFY_H

#include "model.h"

struct diversify;

/* NULL: the model has no factors. */
struct diversify *diversify_new(const struct model *m);
void diversify_free(struct diversify *d); /* NULL is fine */

/* n candidates of one record; nothing is chosen yet. */
void diversify_start(struct diversify *d, size_t n);
/* Candidate i's item, before any other call on i; NONE, or the model knows none. */
void diversify_set(struct diversify *d, size_t i, uint32_t item);
void diversify_choose(struct diversify *d, size_t i);

/*
 * relevance * lambda - likeness(i) * (1 - lambda), if that is above least; else
 * anything up to least, which spares most of the work. 0 <= lambda <= 1.
 */
double diversify_value(
    struct diversify *d, size_t i, double relevance, double lambda, double least);

#endif
