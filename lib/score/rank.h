/*
 * rank - the items of a list in the order of their scores for a user.
 *
 * The scores are those of score.h, but for the sum, which is over the list alone:
 * repeats count each, items that the model does not score have 0. For a user of whom
 * nothing is known, items stand by their users, as in score.h.
 */
#ifndef RANK_H
#define RANK_H

#include "context.h"

struct ranked {
	size_t at; /* position in the list that was given */
	double z;  /* items with greater ones come first; -INFINITY: not scored */
	double score;
};

struct ranker; /* the working memory of one thread */

struct ranker *ranker_new(const struct model *m);
void ranker_free(struct ranker *r); /* NULL is fine */

/*
 * vector is the user's [dim], NULL: nothing is known, or links know; user says what was
 * met.
 * contexts[n_contexts] are the record's (context.h).
 * items[n] are catalog numbers, NONE for one that is unknown. ranked[n]: best first,
 * ties by item number, then position; then those not scored, by position.
 */
void rank_items(struct ranker *r, const float *vector, uint32_t user,
    const struct context_value *contexts, size_t n_contexts, const uint32_t *items,
    size_t n, struct ranked *ranked);

#endif
