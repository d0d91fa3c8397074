/*
 * train_factors - users and items as vectors whose product is the score.
 */
#ifndef TRAIN_FACTORS_H
#define TRAIN_FACTORS_H

#include "als_run.h"

/*
 * What was learned becomes the model's arrays, with its weights: first the items, then
 * the users, whose array the model takes over. count says what each one's factors are
 * worth; those with 0 get what their metadata say. run's p.dim, p.used_dim, users,
 * items and their numbers are used.
 */
void factors_items(struct als_run *run, struct model *m, const uint32_t *count);
void factors_users(struct als_run *run, struct model *m, const uint32_t *count);

#endif
