/*
 * links - what item-item weights say of all items, for what has been met.
 *
 *	z_j  = own_j + log(exp(rate g(s_j)) + exp(base_j))
 *	s_j  = sum over the items i met of w_i exp(-a_i / decay) B_ij
 *	g(s) = log(1 + s / bend),  g(-s) = -g(s) / LINKS_AGAINST
 *	g(s) = s if bend is 0
 *
 * with w_i how much having met i counts (wanted.h), a_i how many scored items were met
 * since (0: it was the last), at most LINKS_REACH decay; without decay the exponential
 * is 1. float32, items met last first. Sums are shares of an interaction rather than
 * logarithms of odds: with g probabilities are about a power of them. What everybody
 * meets, exp(base), adds to that instead of multiplying it, as in Dirichlet's smoothing
 * of a language model (Zhai and Lafferty 2001): links know already what is popular, so
 * it should speak only where they say little. Without base z is own + rate g.
 * That is all there is to know of a user, so new users and new interactions are as good
 * as those of the training.
 */
#ifndef LINKS_H
#define LINKS_H

#include "model.h"

/* What speaks against an item says less than what speaks for it: chosen by the
 * likelihood of what was held out of personalize-samples. */
#define LINKS_AGAINST 8
#define LINKS_REACH 14 /* exp(-14) is below a millionth */

/*
 * Into z [n], the scored items. place: their positions by catalog number, or NONE.
 * false: none of the items met is scored, and z is what items have by themselves.
 */
bool links_scan(const struct links *l, size_t n, const uint32_t *place,
    const struct seen_item *met, size_t n_met, double rate, float *z);

/* The same of a model: for a user's history, NONE's being empty, and for an item as if
 * it were all. */
bool links_user(const struct model *m, struct seen *seen, uint32_t user, float *z);
bool links_item(const struct model *m, uint32_t item, float *z);

#endif
