/*
 * ridge - a linear map from what is known of rows to vectors, for rows without one.
 *
 * For features F [n][f], vectors Y [n][dim] and weights d >= 0 of the rows, W minimises
 *
 *	sum over rows of d_r |y_r - f_r W|^2  +  RIDGE_PENALTY |W but its first row|^2
 *
 * (Hoerl and Kennard 1970; feature 0, the constant, is not penalised). Solved by
 * conjugate gradients (Hestenes and Stiefel 1952), each column of Y on its own.
 */
#ifndef RIDGE_H
#define RIDGE_H

#include "metadata.h"

#define RIDGE_PENALTY 1.0

/* W [n_features][dim], to be freed. y's rows are stride apart. */
float *ridge_fit(const struct metadata *f, const float *y, size_t stride, size_t dim,
    const double *weight);

/* f_r W into out [dim]. */
void ridge_apply(
    const struct metadata *f, size_t r, const float *w, size_t dim, float *out);

#endif
