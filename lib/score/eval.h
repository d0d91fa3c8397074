/*
 * eval - output records against the truth: each input's metrics, and all together.
 *
 * Formulas are in ranking.h (lists), bins.h (scores), and here. p(i) is the printed
 * score of item i, or for one that is not listed what the scores leave of 1, divided
 * evenly among the catalogue's items that are not listed; at least EVAL_LEAST.
 *
 *	NLL        - sum of ln p(i) / events, over held-out interactions with an item
 *	           that has interactions in the background; popularity's: p(i) is the
 *	           item's share of the distinct pairs of users and items there
 *	surprise   mean over the first k entries of log2 (users / users who met it)
 *	           (Zhou et al. 2010, PNAS 107(10), self-information); mean over lists
 *	coverage   distinct items among the first k entries, / items of the catalogue
 *	Gini       sum over i of (2 i - n - 1) x_i / (n sum of x), x_i rising: how often
 *	           each of the n items of the catalogue is among the first k entries
 *
 * What is asked for and not answered, or with an error, is an empty list.
 */
#ifndef EVAL_H
#define EVAL_H

#include "background.h"
#include "bins.h"
#include "ranking.h"
#include "truth.h"

#define EVAL_LEAST 5e-8 /* half the last decimal of a printed score */

/* A mean over inputs: the sum of one column over the sum of another. */
struct eval_metric {
	char *name;
	size_t over, per;
};

/* What has no value for a single input. */
struct eval_figure {
	char *name;
	double value;
};

struct eval_options {
	const size_t *k; /* [n_k] > 0 */
	size_t n_k;
	const struct background *background; /* NULL: not known */
};

struct eval {
	const struct eval_options *o;
	struct truth *truth; /* its ids grow */
	size_t n_columns;
	double *rows; /* [truth n][n_columns] */
	struct eval_metric *metrics;
	size_t n_metrics;
	struct eval_figure *figures; /* by eval_finish */
	size_t n_figures;
	/* How many inputs, records, interactions. */
	size_t without_output, errors, not_asked, repeated;
	size_t events, events_unknown; /* held out; with items nobody has met */
	bool has_scores;
	struct eval_state *state;
};

struct eval *eval_new(struct truth *t, const struct eval_options *o);
void eval_free(struct eval *e); /* NULL is fine */

/*
 * One more output record. -1 and *why (static, or NULL if the record itself is an
 * error record): there is no list in it; the input then has an empty one.
 */
int eval_add(struct eval *e, struct span line, const char **why);
void eval_finish(struct eval *e);

#endif
