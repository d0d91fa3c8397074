/*
 * score - the best items for many users at once, exactly.
 *
 * For user vector x and items y_j let
 *
 *	z_j = x . y_j + what exploration adds + what having met item j adds,
 *
 * + what the context adds (explore.h, weights.h, context.h), float32 sums, the dot
 * product's in the order of vec.h; in models with links, what links.h finds stands for
 * the dot product, and with both, the weights of q->item's links are added to that of
 * its vector; the score of item j is
 *
 *	w(z_j) / sum over all scored i of w(z_i)
 *
 * (the service's softmax, over all items before filter and cut). Items are ordered by
 * z, ties by item number, which is the bytewise order of IDs. A result
 * depends on its own query alone, not on the others, nor on kernels or threads.
 *
 * z is exact. The sum takes items that weigh little by products of whole numbers
 * (coarse.h), which is right to about 4e-6 of it.
 */
#ifndef SCORE_H
#define SCORE_H

#include "context.h"
#include "model.h"
#include "vec.h"

enum { SCORE_USERS = 20 * VEC_ROWS }; /* queries that share one pass over the items */

struct scored_item {
	uint32_t item; /* catalog number */
	float z;
	double score; /* 0..1; 0 if the query is an item */
};

struct score_query {
	const float *vector; /* [dim] the user's; NULL: links, or popular items */
	uint32_t user;       /* whose history says what was met, NONE: nothing */
	uint32_t item;       /* links: instead of a history; NONE: none */
	const struct context_value *contexts; /* [n_contexts], MODEL_CONTEXTS at most */
	size_t n_contexts;
	const uint64_t *allowed; /* bit i: item i may be recommended; NULL: all may */
	bool popular;            /* result: nothing is known, items are popular ones */
	size_t n;                /* result: how many of items[] are filled */
	struct scored_item *items; /* [k], best first */
};

struct coarse;
struct scorer; /* the working memory of one thread */

/*
 * What scorers of a model share; coarse_free. NULL if it has no factors, or too great
 * ones.
 */
struct coarse *score_prepare(const struct model *m, size_t threads);

/*
 * k > 0; bonus, borrowed, is added to the z of the scored items (explore.h), or NULL.
 * coarse, borrowed, is of score_prepare; NULL: it makes its own.
 */
struct scorer *scorer_new(
    const struct model *m, const struct coarse *coarse, size_t k, const float *bonus);
void scorer_free(struct scorer *s);
void score_users(
    struct scorer *s, struct score_query *queries, size_t n); /* n <= SCORE_USERS */

#endif
