/*
 * fold - a user's vector from their latest interactions, with the items as they are.
 *
 * What alternating least squares does for a user, once (train_als.h):
 *
 *	x = (sum over items met of w y y' + alpha Y'Y + reg I)^-1  sum over them of w y
 *
 * then multiplied as the model's own users are (weights.h). For factors that were
 * trained elsewhere, what Hu, Koren, Volinsky 2008 do, with c = fold_confidence:
 *
 *	x = (Y'Y + c sum of w y y' + reg I)^-1  sum of (1 + c w) y
 *
 *	reg = fold_regularization n^fold_regularization_exponent, n items met
 *
 * which is the same but for alpha = 1 / c, reg / c, and w + alpha in the last sum.
 */
#ifndef FOLD_H
#define FOLD_H

#include "model.h"

/* Of the formula with w y + more y in the last sum. */
struct fold_penalty {
	double alpha;
	double regularization; /* 0: nobody is folded in */
	double exponent;       /* reg = regularization (n + unmet)^exponent */
	double unmet;
	double more;
};

/* The second formula's. confidence > 0 */
struct fold_penalty fold_given(
    double confidence, double regularization, double exponent);

/* What all threads share: alpha Y'Y over the items of the model. */
struct fold_base;

/* As a model from a file was trained, or as p says. */
struct fold_base *fold_base_new(const struct model *m, size_t threads);
struct fold_base *fold_base_with(
    const struct model *m, const struct fold_penalty *p, size_t threads);
void fold_base_free(struct fold_base *b);

struct fold; /* the working memory of one thread */

/* history: whose users are folded; its items have the model's numbers, or greater. */
struct fold *fold_new(const struct fold_base *b, const struct catalog *history);
void fold_free(struct fold *f);

/* Into x [dim]. false: nothing is known of them, or the system has no solution. */
bool fold_user(struct fold *f, uint32_t user, float *x);

#endif
