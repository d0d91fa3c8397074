/*
 * lowpass - in which directions of the items users' histories lie most.
 *
 * With R the users' weights for items, D_U and D_I the sums of its rows and columns,
 * the eigenvectors of the greatest eigenvalues of S'S, S = D_U^-1/2 R D_I^-1/2: the
 * ideal low-pass filter of Shen et al. 2021, "How powerful is graph convolution for
 * recommendation?" (GF-CF). By subspace iteration from random columns, the generator
 * seeded (Halko, Martinsson, Tropp 2011, "Finding structure with randomness", algorithm
 * 4.4), orthonormal by Cholesky factors of a shifted Gram matrix (Fukaya et al. 2020).
 */
#ifndef LOWPASS_H
#define LOWPASS_H

#include "matrix.h"
#include "training.h"

/* How many directions there are among n items and some users when `most` are asked for:
 * at most half of what either allows, a multiple of VEC_COLS, perhaps 0. */
size_t lowpass_dim(size_t most, size_t n, size_t users);

/*
 * Y [n][dim], the columns of which are orthonormal, for the items scored[n], catalog
 * numbers; dim by lowpass_dim, not 0. The same for any number of threads. To be freed.
 */
float *lowpass_basis(const struct pair *pair, const uint32_t *scored, size_t n,
    size_t dim, uint64_t seed, size_t threads);

#endif
