/*
 * holdout - interactions kept from training to calibrate and measure a model.
 *
 * Of a sample of the users, chosen by the seed, the newest tenth of each one's
 * interactions (at least one, and at least one is left) is held out. Rows of one user,
 * one item and one second are one interaction, such as a watch and the click that began
 * it: if one of them were left, what is held out would look like something met before.
 */
#ifndef HOLDOUT_H
#define HOLDOUT_H

#include "matrix.h"

struct holdout {
	size_t n_users;
	uint32_t *user; /* [n_users] rising */
	uint32_t *
	    skip; /* [users of the catalog]: how many of the newest rows are held out */
	uint64_t *event; /* [n_users + 1]: item[event[k] .. event[k + 1]) */
	uint32_t *item;  /* their items, newest first; of an interaction once */
};

void holdout_choose(
    struct holdout *h, const struct catalog *c, const struct wanted *w, uint64_t seed);
void holdout_release(struct holdout *h);

#endif
