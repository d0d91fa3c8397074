/*
 * rules - what a shop asks of a list beyond its order: boosts, promotions, caps.
 *
 * In this order:
 *
 *	boost     scores are multiplied where a condition holds, and sorted anew
 *	least     candidates with a smaller score leave
 *	slots     1, 2, ... k, each takes the best candidate that is left and that
 *	          no cap forbids; a slot t at which fewer than floor(share t) promoted
 *	          ones would be chosen takes the best promoted one, if there is any
 *
 * The best is the first one, or with diversify, lambda, the one of the greatest
 *
 *	lambda relevance(i) - (1 - lambda) likeness(i)
 *
 * ties to the first one, where relevance is (score_i - least) / (greatest - least) over
 * all candidates that are left after the second step, 1 if these are the same; without
 * scores places count as scores that fall evenly. diversify.h has likeness.
 */
#ifndef RULES_H
#define RULES_H

#include "fuse.h"
#include "model.h"

struct rules_options {
	size_t k;
	const struct catalog *catalog; /* needed by all but k and min_score */
	const struct model *model;     /* needed by diversify; the catalog is of it */
	const char *const *boosts;     /* [n_boosts] CONDITION=FACTOR */
	size_t n_boosts;
	const char *const *caps; /* [n_caps] COLUMN=N */
	size_t n_caps;
	const char *promote; /* a condition; NULL: none */
	double share;
	double min_score; /* NaN: none */
	double diversify; /* NaN: none, else 0..1 */
};

struct rules;

/* NULL and *why (to be freed): a wrong text, or something needed is not there. */
struct rules *rules_new(const struct rules_options *o, char **why);
void rules_free(struct rules *r);             /* NULL is fine */
bool rules_need_items(const struct rules *r); /* they say nothing of users */

/*
 * The chosen ones of a record's candidates, best first: c->list[chosen[i]], borrowed
 * until the next call. Candidates may leave c and change places. How many in *n. -1 and
 * *why, until the next call: the rules cannot hold for this record.
 */
int rules_choose(struct rules *r, struct candidates *c, const struct record *record,
    const uint32_t **chosen, size_t *n, const char **why);

#endif
