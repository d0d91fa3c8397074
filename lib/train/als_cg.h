/*
 * als_cg - one side of alternating least squares by conjugate gradients.
 *
 * For the objective of train_als.h, F = from' from and rows `from` that are fixed, a
 * row x of the other side is the solution of
 *
 *	(sum over S_x of w y y' + alpha F + reg I) x = sum over S_x of w y
 *
 * All is done in the basis of F's eigenvectors, where alpha F is a diagonal: a step
 * then costs two multiply-adds for each interaction and dimension, and nothing else
 * that counts, while the full solution costs D / 2 of them and D^2 / 6 for each row
 * and dimension. Besides, the sum of w y y' over n interactions is there about n /
 * n_columns of F, so that one over the diagonal and that makes a good preconditioner.
 * From the x of the sweep before, two or three steps come as far as the full solution
 * does.
 *
 * Hestenes, Stiefel 1952 (the method); Takacs, Pilaszy, Tikk 2011, "Applications of the
 * conjugate gradient method for implicit feedback collaborative filtering" (in ALS).
 */
#ifndef ALS_CG_H
#define ALS_CG_H

#include "als_side.h"

/*
 * Improve s->to: a row takes at most `steps`, and none once the error is some
 * `tolerance` of x. The objective never rises. The same for any number of threads.
 * Takes memory like s->from once more.
 */
void als_cg(const struct als_side *s, size_t steps, double tolerance);

#endif
