/*
 * shortlist - the candidates for one query's k best, and the sum of all weights.
 *
 * Items pass in stretches with values of z that are wrong by `bound` at most. What
 * might be among the k best allowed items is kept: what is above the k-th best value so
 * far less twice the bound. What weighs much in the sum is kept too, allowed or not, so
 * that it can be added exactly in the end.
 */
#ifndef SHORTLIST_H
#define SHORTLIST_H

#include "weights.h"

struct shortlist {
	size_t k, n_items;
	const struct weights *weights;
	double bound; /* 0: values are exact */
	double share; /* of the sum, which makes an item weigh much; 1: none does;
			 above: there is no sum */
	bool bold;    /* see shortlist_start */
	/* Of all values so far: the greatest, and the sum of weights_odds. */
	float most, damping;
	double sum, heavy_sum; /* the latter was behind heavy */
	float least, heavy;    /* what is above one of them is kept */
	size_t n, cap, full;
	float *value;    /* [cap] */
	uint32_t *entry; /* [cap] twice the place, and 1 if it is allowed */
	float *exact;    /* [cap] the caller's, after the end */
};

static inline uint32_t
shortlist_at(uint32_t entry)
{
	return entry / 2;
}

/*
 * Begin anew, with the memory there is; start from zeroes. bold: guess from the first
 * stretch where the k best of all n_items end, and let everything below pass, which may
 * be too much: see shortlist_failed.
 */
void shortlist_start(struct shortlist *s, size_t k, size_t n_items,
    const struct weights *w, double bound, double share, bool bold);
void shortlist_release(struct shortlist *s);

/*
 * Values x[vec_padded(n)] of the items at places first .. first + n of scored,
 * -infinity behind them, and the greatest, or a little more. allowed: by item number;
 * NULL: all.
 */
void shortlist_take(struct shortlist *s, const float *x, float most, size_t first,
    size_t n, const uint64_t *allowed, const uint32_t *scored);

/* Leave what may be among the k best, and what weighs much; places rise. */
void shortlist_end(struct shortlist *s);

/* After the end: the guess was too bold, and all must be taken again without. */
bool shortlist_failed(const struct shortlist *s);

#endif
