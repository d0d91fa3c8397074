/*
 * split - which interactions of a dataset a model may see, and which it has to guess.
 *
 * Every row goes to one place. Rows of one user, item and second are one interaction,
 * which is held out whole, whatever event types it has. The order of a user's
 * interactions is that of the history (catalog.h): by time, of the same second the one
 * with the later row is newer.
 */
#ifndef SPLIT_H
#define SPLIT_H

#include "dataset.h"
#include "idmap.h"
#include "wanted.h"

enum split_rule {
	SPLIT_NEWEST, /* the newest part of each user's interactions */
	SPLIT_LAST,   /* the last one of each user */
	SPLIT_TIME,   /* the newest part of all interactions */
	SPLIT_RANDOM, /* a random part of each user's */
	SPLIT_GIVEN,  /* those of another dataset */
};

struct protocol {
	const char *name;
	enum split_rule rule;
	double users;    /* the share of users that are tested */
	double fraction; /* of their interactions that is held out */
	bool segments;   /* the truth is users, for items or attributes */
	const char *purpose;
};

extern const struct protocol protocols[];
extern const size_t n_protocols;
const struct protocol *protocol_find(const char *name); /* NULL: none */

struct split_options {
	const struct protocol *protocol;
	double users, fraction;
	uint64_t seed;
	struct wanted wanted; /* only such interactions are held out */
	bool validation;      /* hold out twice */
	bool only_new;   /* no truth that the user has met before, in what is left */
	bool only_known; /* no truth of users and items that are not in train */
};

enum split_place {
	PLACE_TRAIN,
	PLACE_VALIDATION,
	PLACE_HISTORY, /* told by the validation, or not wanted there */
	PLACE_TRUTH,
	PLACE_NOWHERE, /* told by the truth, or not wanted there */
	PLACES
};

struct split {
	struct idmap *users, *items;
	size_t n, n_own; /* rows; the first n_own are the dataset's, in order */
	uint32_t *user, *item;
	int64_t *time;
	bool *counts;    /* wanted */
	uint8_t *place;  /* [n] enum split_place */
	uint64_t *start; /* [users + 1] */
	uint32_t *order; /* [n]: order[start[u] .. start[u + 1]), oldest first */
	uint32_t *whole; /* [n] the last row of the same interaction */
	size_t total[PLACES];
};

/* given is NULL but for SPLIT_GIVEN. -1 and *why (to be freed). */
int split_make(struct split *s, const struct dataset *d, const struct dataset *given,
    const struct split_options *o, char **why);
void split_release(struct split *s);

#endif
