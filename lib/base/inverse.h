/*
 * inverse - of large symmetric positive definite matrices, in place.
 *
 * A matrix is kept as the tiles of its upper half, each with TILE rows of TILE floats:
 * 2 n^2 bytes and a little. It is inverted a tile of pivots at a time by the sweep
 * operator (Goodnight 1979, "A tutorial on the SWEEP operator"): with K the pivots and
 * D = A_KK^-1,
 *
 *	A_IJ -= A_IK D A_KJ,  A_KJ = D A_KJ,  A_KK = -D		for I, J but K
 *
 * which leaves -A^-1 once every tile was K. n^3 multiplications and additions, as by
 * Cholesky, nearly all in vec's outer product; so the result depends neither on the
 * CPU nor on the number of threads.
 */
#ifndef INVERSE_H
#define INVERSE_H

#include <stddef.h>

#include "vec.h"

enum { TILE = 192 }; /* a multiple of VEC_ROWS and VEC_COLS; strips fit L1 */

struct symmetric {
	size_t n;
	size_t tiles; /* a side */
	float *at;    /* [tiles (tiles + 1) / 2][TILE][TILE], row by row of tiles */
};

/* Zeros; what is behind n is the identity. Ends the process without memory. */
void symmetric_init(struct symmetric *a, size_t n);
void symmetric_release(struct symmetric *a);
/* The bytes that a matrix takes while it is inverted. */
double symmetric_bytes(size_t n);

/* Element i, j for i <= j; those behind it up to the tile's end are j + 1, ... */
float *symmetric_at(const struct symmetric *a, size_t i, size_t j);

/* Whole rows of one row of tiles, into rows [TILE][tiles * TILE]. */
void symmetric_rows(const struct symmetric *a, size_t tile, float *rows);

/* a = -a^-1. -1: a is not positive definite, as far as floats can tell. */
int symmetric_invert(struct symmetric *a, size_t threads);

#endif
