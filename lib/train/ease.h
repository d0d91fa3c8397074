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
 * kept. The result depends neither on the CPU nor on the number of threads.
 */
#ifndef EASE_H
#define EASE_H

#include "inverse.h"
#include "model.h"
#include "training.h"

struct ease_params {
	double lambda; /* > 0 */
	size_t most;   /* weights to keep per column */
	size_t threads;
};

/*
 * Among scored[n], catalog numbers, rising. links_release frees what it makes. -1 and
 * *why (to be freed): the machine's memory is too small for n items, or lambda is.
 */
int ease_train(struct links *to, const struct ease_params *p, const struct pair *pair,
    const uint32_t *scored, size_t n, char **why);

/* The same in steps. -P, to be released; threads > 0. */
int ease_invert(struct symmetric *a, const struct pair *pair, double lambda,
    const uint32_t *scored, size_t n, size_t threads, char **why);
/* Of B the rows of one row of tiles, rows [TILE][tiles * TILE]; its diagonal is -1. */
void ease_rows(const struct symmetric *a, size_t tile, float *rows);
/* -1 and *why: so many bytes are more than the machine has. */
int ease_fits(double bytes, size_t n, char **why);

#endif
