/*
 * contexts - what the circumstances of interactions say of items.
 *
 * A categorical column of the interactions is a context: a device, a cabin. With n_iv
 * the interactions of item i under its value v, n_i those under any value, q_v the
 * share of v in all of them, and K = CONTEXT_PRIOR,
 *
 *	p(v | i)   = (n_iv + K q_v) / (n_i + K)
 *	lift(v, i) = log p(v | i) / q_v
 *	           = log K / (n_i + K) + log (1 + n_iv / (K q_v))
 *
 * By Bayes' rule p(i | u, v) is proportional to p(i | u) p(v | i, u), and if the value
 * depends on the item more than on the user, p(v | i, u) is p(v | i): the lift is what
 * a context adds to the logarithm of an item's odds. The model keeps the first term for
 * each item and the second for each pair that happened (struct context).
 */
#ifndef CONTEXTS_H
#define CONTEXTS_H

#include "training.h"

#define CONTEXT_PRIOR 30.0

/* Counts of pairs, gathered while the dataset is open. Start from zeros. */
struct contexts_read {
	size_t n;
	struct context_read *columns;
};

/*
 * Read the interactions that count under o. Without columns nothing is read. -1 and
 * *why (to be freed); released either way by contexts_release.
 */
int contexts_read(struct contexts_read *r, const struct dataset *d,
    const struct catalog *c, const struct train_options *o, char **why);
/* Into m, whose scored items are there. */
void contexts_build(struct model *m, const struct contexts_read *r);
void contexts_release(struct contexts_read *r);

#endif
