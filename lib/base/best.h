/*
 * best - the k best of many candidates: greater values first, then smaller numbers.
 */
#ifndef BEST_H
#define BEST_H

#include <stddef.h>
#include <stdint.h>

struct candidate {
	float value; /* no NaN */
	uint32_t at;
};

/* Bring the k best of n to the front, the k-th at its place; 0 < k <= n. */
void best_select(struct candidate *c, size_t n, size_t k);
void best_sort(struct candidate *c, size_t n); /* best first */
void best_sort_few(
    struct candidate *c, size_t n); /* the same, faster for some dozens */

/*
 * The same for lists of any length whose numbers rise, in linear time: the k best move
 * to the front and keep their order, 0 < k <= n; the value of the last of them.
 */
float best_cut(struct candidate *c, size_t n, size_t k);
/* Such a list, best first; room for n more is needed. */
void best_sort_rising(struct candidate *c, size_t n, struct candidate *room);

#endif
