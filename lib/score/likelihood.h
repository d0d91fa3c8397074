/*
 * likelihood - how likely weights make what was held out, and its derivatives.
 *
 * The formula is in weights.h. With features x, 1 for the weight of saturation s, an
 * item's log w = z - log(1 + exp(z + s)) has the derivatives r x, but for a constant,
 * where r = 1 / (1 + exp(z + s)), and the second ones -r (1 - r) x x'. From these and
 * log p = log w - log sum w follow those of the likelihood, by the rules of exponential
 * families: expected minus observed, and covariances.
 *
 * With links z has log(exp(a) + exp(b)) of the terms of taste a and of what everybody
 * meets b: with t = 1 / (1 + exp(b - a)) the features of a count t, those of b 1 - t,
 * and z itself has the second derivatives t (1 - t) y y', y being the features of a and
 * the negative ones of b.
 */
#ifndef LIKELIHOOD_H
#define LIKELIHOOD_H

#include "calibrate.h"

/* Its negative logarithm, its derivatives, and as a scale of the second ones the
 * diagonal of Fisher's information, which is never negative.
 */
struct likelihood {
	double nll, slope[WEIGHTS], curve[WEIGHTS][WEIGHTS], scale[WEIGHTS];
};

struct likelihoods;

/* On so many of the held-out users of e, evenly; to be freed. */
struct likelihoods *likelihoods_new(
    const struct evidence *e, size_t users, size_t threads);
void likelihoods_free(struct likelihoods *l);

/* At w, the prior (calibrate.h) included; threads change nothing. */
struct likelihood likelihood_at(struct likelihoods *l, const struct weights *w);

#endif
