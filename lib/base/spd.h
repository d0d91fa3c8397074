/*
 * spd - symmetric positive definite systems, as least squares make them.
 *
 * dim is a positive multiple of VEC_COLS. Of matrices [dim][dim] the upper triangle
 * is kept; a little below it may be written, which nobody reads.
 */
#ifndef SPD_H
#define SPD_H

#include <stddef.h>

/* a += rows' rows for rows [n][dim]. */
void spd_add(float *a, const float *rows, size_t n, size_t dim);

/*
 * Rows are summed in SPD_PARTS pieces, whose sums are then added: those of pieces from
 * .. to of the first dim of rows [n][stride], into sum [dim][dim]. It is rare that the
 * order in which such sums are added tells in the 24 bits of a float.
 */
enum { SPD_PARTS = 64 };
void spd_gram_parts(const float *rows, size_t n, size_t dim, size_t stride, size_t from,
    size_t to, size_t threads, double *sum);

/* gram = factor rows' rows; the same for any number of threads. */
void spd_gram(const float *rows, size_t n, size_t dim, double factor, size_t threads,
    float *gram);
/* The same of the first dim of rows [n][stride]. */
void spd_gram_first(const float *rows, size_t n, size_t dim, size_t stride,
    double factor, size_t threads, float *gram);

/* a = U' U in place; pivot[k] = 1 / U[k][k]. -1 if a is not positive definite. */
int spd_factor(float *a, float *pivot, size_t dim);

/* x = (U' U)^-1 b; b is used up. */
void spd_solve(const float *u, const float *pivot, float *b, float *x, size_t dim);

/* inverse [dim][dim] = U^-1, whose lower triangle is 0. */
void spd_invert(const float *u, const float *pivot, float *inverse, size_t dim);

#endif
