/*
 * fold - a user's vector from their latest interactions, with the items as they are.
 *
 * What alternating least squares does for a user, once (train_als.h):
 *
 *	x = (sum over items met of w y y' + alpha Y'Y + reg I)^-1  sum over them of w y
 *
 * then multiplied as the model's own users are (weights.h).
 */
#ifndef FOLD_H
#define FOLD_H

#include "model.h"

/* What all threads share: alpha Y'Y over the items of the model. */
struct fold_base;

struct fold_base *fold_base_new(const struct model *m, size_t threads);
void fold_base_free(struct fold_base *b);

struct fold; /* the working memory of one thread */

/* history: whose users are folded; its items have the model's numbers, or greater. */
struct fold *fold_new(const struct fold_base *b, const struct catalog *history);
void fold_free(struct fold *f);

/* Into x [dim]. false: nothing is known of them, or the system has no solution. */
bool fold_user(struct fold *f, uint32_t user, float *x);

#endif
