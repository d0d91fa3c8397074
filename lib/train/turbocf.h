/*
 * turbocf - item-item weights by a graph filter, sparse and without equations
 *(Turbo-CF).
 *
 * With R the users' weights for items, D_U and D_I the sums of its rows and columns,
 *
 *	F = D_U^-alpha R D_I^(alpha - 1),  B = (F'F) ^ exponent, each element on its own
 *
 * Park, Shin, Shin 2024, "Turbo-CF: matrix decomposition-free graph filtering for fast
 * recommendation", the linear filter. Times what makes the mean length of B's rows 1,
 * so that calibration starts where it does for other weights. Work and memory grow with
 * the pairs of items that share users.
 */
#ifndef TURBOCF_H
#define TURBOCF_H

#include "model.h"
#include "training.h"

struct turbocf_params {
	double alpha;    /* 0..1 */
	double exponent; /* > 0 */
	size_t most;     /* weights to keep per column (prune.h) */
	size_t threads;  /* > 0 */
};

/* Among scored[n], catalog numbers, rising; to be released by links_release. */
void turbocf_train(struct links *to, const struct turbocf_params *p,
    const struct pair *pair, const uint32_t *scored, size_t n);

#endif
