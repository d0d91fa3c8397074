/*
 * train - a model out of a dataset: one recipe, one solution version.
 */
#ifndef TRAIN_H
#define TRAIN_H

#include "dataset.h"
#include "factor_file.h"
#include "matrix.h"
#include "measure.h"
#include "model.h"
#include "ranks.h"
#include "recipe.h"

#define TRAIN_MINUTES 30

struct train_options {
	const struct recipe *recipe;
	struct hypers hypers;
	struct wanted wanted;
	/* Columns that are not looked at, as Items.PRICE; else all but the ID. */
	size_t n_excluded;
	const char **excluded; /* [n_excluded] */
	/* The only ones that are looked at of the datasets that they name. */
	size_t n_included;
	const char **included; /* [n_included] */
	/* The service's optimizationObjective: an item column of numbers, and how much
	 * one standard deviation of it adds to an item's z; NULL: none. */
	char *objective;
	double sensitivity;
	bool without_put; /* recipes for users of items: individual records do not count
			   */
	/* trainingMode UPDATE: the model whose item factors are kept, to be closed;
	 * NULL: FULL. */
	struct model *update;
	/* Factors trained elsewhere; no paths: they are trained here. */
	struct factor_source users, items;
	uint64_t seed;
	size_t threads;
	const struct ranks *ranks; /* NULL: this process does all */
	/* Algorithm auto: what it may take, in minutes of a nominal machine and bytes
	 * of memory; 0: TRAIN_MINUTES, and all the memory of this one. */
	double minutes, most_bytes;
	/* Called with a JSON object for each of its trials; may be NULL. */
	void (*tried)(void *context, const char *text, size_t len);
	/* Called after every step of the training; loss is 0 where there is none. */
	void (*report)(void *context, size_t step, size_t steps, double loss);
	void *context;
};

/* What there was to train on. The service's minimums are the caller's to judge. */
struct train_data {
	uint64_t interactions; /* that count */
	uint64_t pairs;        /* distinct users and items among them */
	size_t users;          /* with interactions */
	size_t users_with_two; /* with at least two */
	size_t items;
	/* Of factors trained elsewhere: rows of users and items that the dataset does
	 * not have, and users of the dataset with interactions of whom nothing is known
	 * for want of a row. */
	size_t users_left, items_left, users_unknown;
};

/*
 * Train. The dataset is unlocked once it is read. The model is closed with model_close;
 * *meta gets what model_save wants. NULL and *why (to be freed) where training is
 * impossible.
 */
struct model *train(struct dataset *d, const struct train_options *o,
    struct train_data *data, struct buf *meta, char **why);

/* Whether a column of "Items", "Users" or "Interactions" is looked at. Case ignored. */
bool train_looks_at(
    const struct train_options *o, const char *dataset, const char *column);

/*
 * The recipe of this name, with this algorithm, or the one that has all hyperparameters
 * of n texts NAME=VALUE if that is NULL. -1 and *why, as below.
 */
int train_set_recipe(struct train_options *o, const char *name, const char *algorithm,
    const char *const *texts, size_t n, char **why);
/* n texts NAME=VALUE, the others by default; the recipe is set. -1 and *why, as below.
 */
int train_set_hypers(
    struct train_options *o, const char *const *texts, size_t n, char **why);
/* COLUMN or COLUMN=SENSITIVITY; o->objective is to be freed. -1 and *why, as below. */
int train_set_objective(struct train_options *o, const char *text, char **why);
/*
 * Which interactions count: type (NULL: any) of at least threshold (NaN: any), or else
 * n texts as of wanted_add. -1 and *why, as below.
 */
int train_set_events(struct train_options *o, const char *type, double threshold,
    const char *const *texts, size_t n, char **why);
/*
 * users=FILE, items=FILE, user-ids=FILE or item-ids=FILE, borrowed: the recipe becomes
 * the one that takes factors. -1 and *why, as below.
 */
int train_set_factors(
    struct train_options *o, const char *const *texts, size_t n, char **why);
/*
 * Keep the item factors and hyperparameters of an older model. 0, or how the command
 * exits and *why (to be freed): it cannot be opened, or is not of a kind that can be
 * updated.
 */
int train_set_update(struct train_options *o, const char *path, char **why);

/*
 * What should be known of the data though a model came of it, a line each: less than
 * the service's minimums, factors that were left out.
 */
void train_remarks(
    struct buf *lines, const struct train_options *o, const struct train_data *d);
/* How good one of auto's trials was, in short. text is what `tried` is called with. */
void train_trial_note(char *note, size_t size, const char *text, size_t len);

#endif
