/*
 * ease - item-item weights in closed form (EASE).
 *
 * With X the users' weights for items (matrix.h), B minimises
 *
 *	|X - X B|^2  +  lambda |B|^2		with a diagonal of zeros
 *
 * Steck 2019, "Embarrassingly shallow autoencoders for sparse data", equation 8:
 *
 *	P = (X'X + lambda I)^-1,  B_ij = - P_ij / P_jj
 *
 * Of each column, what says how item j is predicted, only the greatest weights are
 *kept. The result depends neither on the CPU nor on the number of threads.
 */
#ifndef EASE_H
#define EASE_H

#include "model.h"
#include "training.h"

struct ease_params {
	double lambda; /* > 0 */
	size_t most;   /* weights to keep per column */
	size_t threads;
};

/*
 * Among scored[n], catalog numbers, rising. links_release frees what it makes, without
 * own. -1 and *why (to be freed): the machine's memory is too small for n items.
 */
int ease_train(struct links *to, const struct ease_params *p, const struct pair *pair,
    const uint32_t *scored, size_t n, char **why);
void links_release(struct links *l);

#endif
