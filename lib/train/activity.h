/*
 * activity - how much each user is expected to do in the next period.
 *
 * The period is as long as the one in which the newest tenth of the interactions
 * happened. What users did before it predicts what they did in it, by a Poisson
 * regression (Nelder and Wedderburn 1972): with P the period's length,
 *
 *	log lambda = b0 + b1 log(1 + n) + b2 log(1 + age / P)
 *	           + sum over k of c_k log(1/100 + r(T_k))
 *
 * n interactions, age of the last one, r(T) the interactions fading as exp(-age / T),
 * T_k from 3 hundredths of a period to 10 periods. So lambda is a product of powers of
 * rates at several scales of time: who was active in the last hours of the data may
 * count many times what one counts who was in the last weeks. Each weight has a normal
 * prior of variance 1, which tells in small data only. The same weights then go with
 * what users have done by the end of the data.
 */
#ifndef ACTIVITY_H
#define ACTIVITY_H

#include "wanted.h"

/* lambda of each user, to be freed. NULL and *why (to be freed): times do not differ.
 */
double *activity_expected(const struct catalog *c, const struct wanted *w, char **why);

#endif
