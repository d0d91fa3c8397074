/*
 * als_subspace - one side of alternating least squares, a block of dimensions at a
 * time.
 *
 * For the objective of train_als.h and fixed rows `from`, a row x of the other side is
 * not solved for at once but block by block, B the dimensions of one and s = x . y the
 * predictions so far:
 *
 *	(sum over S_x of w y_B y_B' + alpha F_BB + reg I) d =
 *	    sum over S_x of w (1 - s) y_B - alpha F_B: x - reg x_B,   F = from' from
 *	x_B += d,  s += d . y_B
 *
 * Each step is the minimum over x_B with the rest as it is, so that the objective never
 * rises; a block of all dimensions is the full solution. For blocks of b dimensions of
 * D an interaction costs about D b / 2 multiply-adds instead of D^2 / 2, a row D b^2 /
 *6 instead of D^3 / 6.
 *
 * Rendle, Krichene, Zhang, Koren 2021, "iALS++: Speeding up matrix factorization with
 * subspace optimization", algorithm 3, with the predictions of all interactions kept
 * while all blocks of one side go by.
 */
#ifndef ALS_SUBSPACE_H
#define ALS_SUBSPACE_H

#include "als_side.h"

/*
 * Improve s->to, block by block of `block`, a multiple of VEC_COLS below s->work. -1 if
 * a system was not positive definite. The same for any number of threads.
 */
int als_subspace(const struct als_side *s, size_t block);

#endif
