/*
 * model - a solution version: one memory-mapped file (pz-model(5)).
 *
 * Letters used for sizes: n_users, n_items as in the catalog; n_scored the items
 * that have factors or links; dim their padded dimension, a multiple of VEC_COLS;
 * factors < dim those that were learned. Behind them, at [factors], stand what an item
 * adds for everybody and a 1 for each user, so that a dot product is z, but for what
 * the user has met (weights.h).
 */
#ifndef MODEL_H
#define MODEL_H

#include "model_blocks.h"
#include "weights.h"

/* Who met what, both ways, for what counts users. NULL in models without. */
struct pairs {
	size_t n_users, n_items;
	const uint64_t *user_row; /* [n_users + 1]: user_item[row[u] .. row[u + 1]) */
	const uint32_t *user_item;
	const uint64_t *item_row; /* [n_items + 1] */
	const uint32_t *item_user;
};

/*
 * The terms of the items' texts, both ways, with the same weights above 0: what
 * train_text.c makes. NULL in models without.
 */
struct texts {
	size_t n_items, n_terms;
	const uint64_t *item_row; /* [n_items + 1]: item_term[row[i] .. row[i + 1]) */
	const uint32_t *item_term;
	const float *item_weight;
	const uint64_t *term_row; /* [n_terms + 1] */
	const uint32_t *term_item;
	const float *term_weight;
};

/* Item-item weights among the scored items. NULL in models without. */
struct links {
	const uint64_t *row; /* [n_scored + 1]: at[row[i] .. row[i + 1]) */
	const uint32_t *at;  /* positions in scored, rising within a row */
	/* What having met the item of the row says for that at `at`. */
	const float *weight;
	/* [n_scored] for everybody, or NULL: the logarithm of what an item weighs
	 * beside what has been met; what it adds. */
	const float *base, *own;
	double decay; /* in items, of what has been met (links.h); 0: none */
	double bend;  /* of sums, where they begin to count less (links.h); 0: none */
};

enum { MODEL_CONTEXTS = 8 };

/*
 * A categorical column of the interactions: with value v, the item at place i of scored
 * gets base[i] more z, and at[k] for row[v] <= k < row[v + 1] also weight[k] (see
 * train/contexts.h).
 */
struct context {
	char *name;
	struct strings values; /* sorted bytewise */
	const float *base;     /* [n_scored] */
	const uint64_t *row;   /* [values.n + 1] */
	const uint32_t *at;    /* rising in each row */
	const float *weight;
};

struct model {
	struct catalog catalog;
	struct span meta;       /* JSON: recipe, hyperparameters, provenance, metrics */
	char *recipe;           /* as in the table of recipes */
	uint64_t n_events;      /* interactions trained on */
	size_t n_trained_items; /* of the catalog it was trained with */
	/* Users who interacted with each item, and the items by it, or by their growth.
	 */
	const uint32_t *count;   /* [n_items] */
	const uint32_t *shown;   /* [n_items] impressions; NULL: none are known */
	const uint32_t *popular; /* [n_items] count falling, then number rising */
	/* Factors. dim is 0 in models without. */
	size_t dim, factors;
	size_t n_scored; /* items with factors or links */
	/* [n_scored] item numbers, rising. Those that nobody met (count 0) have vectors
	 * from metadata. */
	const uint32_t *scored;
	/* Items in panels of VEC_COLS, zeros behind the last: [panel][dim][VEC_COLS] */
	const float *panels;
	/* log(expected interactions / sum of w), train_affinity.c; NULL in most models.
	 */
	const float *user_base; /* [n_users] */
	size_t n_user_rows;     /* 0 in models without users */
	const float *users;     /* [n_user_rows][dim], zeros: nothing known */
	struct pairs pairs;
	struct texts texts;
	struct links links; /* with scored; beside factors what they add (score.h) */
	size_t n_contexts;  /* at most MODEL_CONTEXTS */
	struct context *contexts;
	struct weights weights;
	struct wanted wanted; /* which interactions it was trained on */
	uint32_t *place;      /* [n_items] index into scored, NONE */
	/* The mapping behind the pointers, if the model came from a file. */
	void *map;
	size_t map_size;
	struct model_blocks blocks;
	unsigned char users_state; /* of model_check, once it is known */
};

/* Map and check a model file. NULL and *why (to be freed). */
struct model *model_open(const char *path, char **why);
/*
 * The same without reading most of it: of the factors and interactions of users, which
 * are nearly all of a large model, only those may be used that catalog_user_right finds
 * right, or all if catalog_users_right or model_check does.
 */
struct model *model_open_by_user(const char *path, char **why);
/* -1 and *why (to be freed) */
int model_check(struct model *m, const char *path, char **why);
void model_close(struct model *m); /* also of a model made in memory */

/* A member of the model's meta, e.g. "metrics". The value's type is 0 if absent. */
struct json_value;
struct json_value model_meta(const struct model *m, const char *name);

/* A hyperparameter it was trained with, or another value if it has none of the name. */
double model_hyper(const struct model *m, const char *name, double other);

/*
 * Write a model made in memory. meta is the JSON object to keep, without the
 * members that describe the file's own layout. -1 and *why (to be freed).
 */
int model_save(const struct model *m, struct span meta, const char *path, char **why);

/* Fill place from scored; model_open does it for models from files. */
void model_index(struct model *m);

const float *model_item(const struct model *m, size_t scored); /* step VEC_COLS */
/* A user's vector [dim]; NULL if nothing is known of them. */
const float *model_user(const struct model *m, uint32_t user);

#endif
