/*
 * eigen - eigenvalues and eigenvectors of a symmetric matrix.
 *
 * Householder's reduction to a tridiagonal matrix, then implicit QL steps with
 * Wilkinson's shift (Golub, Van Loan, "Matrix Computations", 8.3). About 5 n^3
 * multiply-adds in double.
 */
#ifndef EIGEN_H
#define EIGEN_H

#include <stddef.h>

/*
 * a [n][n], symmetric and finite, becomes the eigenvectors, a row each, orthonormal;
 * values [n] their eigenvalues, in no order. Their errors are some 1e-15 of the
 * greatest. The same for any number of threads.
 */
void eigen(double *a, double *values, size_t n, size_t threads);

#endif
