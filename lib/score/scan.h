/*
 * scan - the scores of a few users with every scored item, a stretch at a time.
 *
 * The one place where users meet items: scoring, calibration and evaluation read
 * the same numbers. scores[i] = vec_dot(user, item i), to the bit.
 */
#ifndef SCAN_H
#define SCAN_H

#include <stddef.h>

#include "vec.h"

enum {
	/* Items of a stretch: 12 rows of 512 floats are 24 KiB, so they stay in L1. */
	SCAN_ITEMS = 512,
};

struct item_factors {
	size_t n;            /* items */
	size_t dim;          /* a multiple of VEC_COLS */
	const float *panels; /* [panels][dim][VEC_COLS] */
};

/* Up to VEC_ROWS users side by side: packed[d * VEC_ROWS + r]. */
void scan_pack(float *packed, const float *const *users, size_t n, size_t dim);

/*
 * The scores of n packed users with the items from `first`, a multiple of
 * SCAN_ITEMS, into scores[r * SCAN_ITEMS + i]. Returns how many items there are;
 * up to the next multiple of VEC_COLS behind them scores are -infinity.
 */
size_t scan_scores(const struct item_factors *items, const float *packed, size_t n,
    size_t first, float *scores);

/*
 * All scores of n <= VEC_ROWS users, given by their row of users [][items->dim]:
 * scores[r * padded + i], padded = vec_padded(items->n).
 */
void scan_users(const struct item_factors *items, const float *users,
    const uint32_t *user, size_t n, float *scores);

/* Lay rows [n][dim] out as panels; rows are picked by number. */
void scan_panels(
    float *panels, const float *rows, const uint32_t *number, size_t n, size_t dim);

#endif
