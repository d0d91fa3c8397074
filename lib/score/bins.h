/*
 * bins - whether printed scores happen as often as they say.
 *
 * A trial is one held-out interaction and one entry of the list: the score is the
 * probability that they are the same item. Trials sorted by score are cut into ten
 * bins; trials of equal score are alike, so a cut through them divides them evenly.
 */
#ifndef BINS_H
#define BINS_H

#include <stddef.h>

enum { BINS = 10 };

struct cell {
	double score;
	double trials;
	double hits;
};

struct bins { /* start from zeros */
	struct cell *cells;
	size_t n, cap;
};

void bins_add(struct bins *b, double score, double trials, double hits);
void bins_release(struct bins *b);

/*
 * Bins of equal numbers of trials: sum over bins of (share of the trials) |mean score -
 * share of hits| (Roelofs, Cain, Shlens, Mozer 2022, "Mitigating bias in calibration
 * error estimation", equal mass). 0 without trials.
 */
double bins_by_trials(struct bins *b);

/*
 * Bins of equal sums of scores: sum over bins of |sum of scores - hits|, / events. Few
 * entries carry most of the probability, and this asks about them.
 */
double bins_by_score(struct bins *b, double events);

#endif
