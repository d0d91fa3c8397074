/*
 * gfcf - item-item weights by two graph filters, without equations.
 *
 * With R the users' weights for items, D_U and D_I the sums of its rows and columns,
 * and Y the directions in which histories lie most (lowpass.h),
 *
 *	F = D_U^-alpha R D_I^(alpha - 1)
 *	B = (F'F) ^ exponent + low_pass D_I^-1/2 Y Y' D_I^1/2
 *
 * the power of each element on its own: the linear filter of Park, Shin, Shin 2024,
 * "Turbo-CF: matrix decomposition-free graph filtering for fast recommendation", and
 * the ideal low-pass filter of Shen et al. 2021 (GF-CF). Times what makes the mean
 * length of B's rows 1, so that calibration starts where it does for other weights.
 * Work grows with the pairs of items that share users, and with items x items x
 * dimensions.
 */
#ifndef GFCF_H
#define GFCF_H

#include "model.h"
#include "training.h"

struct gfcf_params {
	double alpha;    /* 0..1 */
	double exponent; /* > 0 */
	double low_pass; /* 0: none */
	size_t dim;      /* of Y, at most */
	uint64_t seed;   /* Y's first columns */
	size_t most;     /* weights to keep an item on average (prune.h) */
	size_t threads;  /* > 0 */
};

/*
 * All but seed and threads: what to keep is the recipe's hyperparameter, the others too
 * if it is of gfcf, else their defaults. It is a recipe that gfcf is an algorithm of.
 */
struct gfcf_params gfcf_params_of(const struct recipe *r, const struct hypers *h);

/* Among scored[n], catalog numbers, rising; to be released by links_release. */
void gfcf_train(struct links *to, const struct gfcf_params *p, const struct pair *pair,
    const uint32_t *scored, size_t n);

/* The memory that it takes, the links included. */
double gfcf_bytes(const struct gfcf_params *p, size_t n, size_t users);

#endif
