/*
 * training - what every recipe's training is given, and the one file a recipe fills.
 */
#ifndef TRAINING_H
#define TRAINING_H

#include "matrix.h"
#include "model.h"
#include "popularity.h"
#include "train.h"

/* The pairs that interacted, both ways. */
struct pair {
	struct matrix by_user, by_item;
};

void pair_init(struct pair *p, const struct catalog *c, const struct wanted *w,
    const uint32_t *skip);
void pair_release(struct pair *p);
/* A pair without the users whose histories are too short or too long, by percentiles.
 */
void pair_between(struct pair *p, const struct pair *all, double least, double most);
uint64_t row_count(const struct matrix *m, size_t row);
/* The numbers of the items that have interactions, to be freed. */
uint32_t *scored_items(const struct matrix *by_item, size_t *n);

struct training {
	const struct train_options *o;
	const struct pair *pair;
	const struct popularity *popularity;
	struct train_data *data;
	bool trial; /* to be compared, so calibrated quickly */
};

/* A hyperparameter by its name. */
double training_hyper(const struct training *t, const char *name);
/* -1 and *why (to be freed): the recipe asks for attributes of items, they have none.
 */
int training_attributes(
    const struct training *t, const struct table *items, char **why);

/*
 * Each fills the arrays of m, whose catalog and popularity are there, and appends
 * members to meta, each with a comma in front. -1 and *why (to be freed).
 */
int train_factors(
    struct model *m, const struct training *t, struct buf *meta, char **why);
int train_given(
    struct model *m, const struct training *t, struct buf *meta, char **why);
int train_links(
    struct model *m, const struct training *t, struct buf *meta, char **why);
int train_links_similar(
    struct model *m, const struct training *t, struct buf *meta, char **why);
/* What the first half of the training shows. -1 and *why (to be freed). */
int measure_factors(
    const struct training *t, const struct catalog *c, struct metrics *m, char **why);
int measure_links(
    const struct training *t, const struct catalog *c, struct metrics *m, char **why);
/*
 * Algorithm auto: recipe and hyperparameters into chosen, JSON objects of all trials
 * into tried. -1 and *why (to be freed).
 */
int auto_choose(struct train_options *chosen, const struct training *t,
    const struct catalog *c, struct buf *tried, char **why);
int train_affinity(
    struct model *m, const struct training *t, struct buf *meta, char **why);
int train_similar(
    struct model *m, const struct training *t, struct buf *meta, char **why);
int train_cointeraction(
    struct model *m, const struct training *t, struct buf *meta, char **why);
int train_text(struct model *m, const struct training *t, struct buf *meta, char **why);
int train_trending(
    struct model *m, const struct training *t, struct buf *meta, char **why);

#endif
