/*
 * recipe - the service's recipes: what each is for and which hyperparameters it has.
 */
#ifndef RECIPE_H
#define RECIPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum algorithm {
	ALGORITHM_ALS,           /* train_als.h */
	ALGORITHM_EASE,          /* ease.h */
	ALGORITHM_SLIST,         /* slist.h */
	ALGORITHM_GFCF,          /* gfcf.h */
	ALGORITHM_HABIT,         /* no taste: popularity, and what has been met */
	ALGORITHM_GIVEN,         /* factors trained elsewhere: train_given.c */
	ALGORITHM_AUTO,          /* the best of those above: train_auto.c */
	ALGORITHM_EASE_SIMILAR,  /* its weights alone */
	ALGORITHM_AFFINITY,      /* train_affinity.c */
	ALGORITHM_SIMILARITY,    /* train_similar.c */
	ALGORITHM_COINTERACTION, /* cointeraction.h */
	ALGORITHM_TEXT,          /* train_text.c */
	ALGORITHM_TRENDING,      /* train_trending.c */
	ALGORITHM_POPULARITY,    /* users per item, nothing to learn */
};

/* What a recipe's input records ask for. */
enum recipe_job {
	JOB_RECOMMEND,           /* userId: items for the user */
	JOB_RANK,                /* userId, itemList: the list, best first */
	JOB_RELATED,             /* itemId: items like it */
	JOB_USERS_OF_ITEM,       /* itemId: users for the item */
	JOB_USERS_OF_ATTRIBUTES, /* itemAttributes: users for items that have them */
};

struct hyper {
	const char *name; /* the service's where it has one */
	double value;     /* the default */
	double least, most;
	bool integer;
	const char *help;
};

enum { MAX_HYPERS = 16 };

struct recipe {
	const char *name; /* without "aws-" */
	const char *purpose;
	enum recipe_job job;
	enum algorithm algorithm;
	const char *algorithm_name;
	bool scores; /* output records carry scores */
	size_t n_hypers;
	struct hyper hypers[MAX_HYPERS];
};

/* A row for each algorithm of a recipe; its first is the default. */
extern const struct recipe recipes[];
extern const size_t n_recipes;

/*
 * By name; "aws-" in front and "-v2" behind are accepted. NULL and *why (static)
 * says whether the service has no batch for it, pz does not have it, or nobody has.
 */
const struct recipe *recipe_find(const char *name, const char **why);

/* The same recipe with another algorithm, by its name; NULL: it does not have it. */
const struct recipe *recipe_with(const struct recipe *r, const char *algorithm);
/* With its first algorithm that has all of hypers, each NAME or NAME=VALUE; else r. */
const struct recipe *recipe_having(
    const struct recipe *r, const char *const *hypers, size_t n);
/* The names of all that it has, the default first, with commas; to be freed. */
char *recipe_algorithms(const struct recipe *r);

/* All of them with their hyperparameters, for a person. */
void recipes_print(FILE *to);

/* Hyperparameter values of one training. */
struct hypers {
	double value[MAX_HYPERS];
};

/* Lines of a file that the service takes at most for segments; 0: they are none. */
size_t recipe_most_lines(const struct recipe *r);

void hypers_init(struct hypers *h, const struct recipe *r);
/* NAME=VALUE; true and false are 1 and 0. -1 and *why (to be freed). */
int hypers_set(struct hypers *h, const struct recipe *r, const char *text, char **why);
/* false: the recipe has no such hyperparameter, or the value is out of its range. */
bool hypers_put(
    struct hypers *h, const struct recipe *r, const char *name, double value);
double hypers_get(const struct hypers *h, const struct recipe *r, const char *name);

#endif
