/*
 * activity - how much each user is expected to do in the next period.
 *
 * The period is as long as the one in which the newest tenth of the interactions
 * happened. What users did before it predicts what they did in it, by a Poisson
 * regression (Nelder and Wedderburn 1972): with P the period's length,
 *
 *	log lambda = b0 + b1 log(1 + n) + b2 log(1 + r(P)) + b3 log(1 + r(4 P))
 *	           + b4 log(1 + age / P)
 *
 * n interactions, r(T) the same fading as exp(-age / T), age of the last one. The same
 * weights then go with what they have done by the end of the data.
 */
#ifndef ACTIVITY_H
#define ACTIVITY_H

#include "wanted.h"

/* lambda of each user, to be freed. NULL and *why (to be freed): times do not differ.
 */
double *activity_expected(const struct catalog *c, const struct wanted *w, char **why);

#endif
