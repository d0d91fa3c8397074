/*
 * als_run - alternating least squares from its start through its epochs.
 */
#ifndef ALS_RUN_H
#define ALS_RUN_H

#include "train_als.h"
#include "training.h"

struct als_run {
	const struct training *t;
	struct als_params p; /* dim has room for one more than used_dim */
	size_t n_users, n_items, epochs;
	size_t step, steps;   /* for the report; steps is epochs, but may be set */
	float *users, *items; /* [n_users or n_items][p.dim] */
	double loss;
};

/* The hyperparameters of the recipe; dim_name is what it calls the dimension. */
void als_run_init(struct als_run *run, const struct training *t, const char *dim_name);
void als_run_release(struct als_run *run);
/* -1 and *why (to be freed). */
int als_run_epochs(
    struct als_run *run, const struct pair *pair, size_t epochs, char **why);
/* Only the users, for the items as they are. */
void als_run_users(struct als_run *run, const struct matrix *by_user);

#endif
