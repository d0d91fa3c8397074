/*
 * train_als - matrix factorisation for implicit feedback by alternating least squares.
 *
 * Minimises over users x_u and items y_i, S the pairs that interacted,
 * w_ui <= 1 how much they count
 *
 *	sum over S of w_ui (1 - x_u . y_i)^2 + alpha sum over all u, i of (x_u . y_i)^2
 *	  + sum over u of reg_u |x_u|^2  +  sum over i of reg_i |y_i|^2
 *
 *	reg_u = regularization (|S_u| + alpha n_items)^exponent,  reg_i likewise
 *
 * Hu, Koren, Volinsky 2008 (the method); Rendle, Krichene, Zhang, Koren 2021,
 * "Revisiting the performance of iALS on item recommendation benchmarks", section 3
 * (this form of weights and regularisation). A sweep improves every row with the other
 * side fixed, the best being
 *
 *	x_u = (sum over S_u of w y y' + alpha Y'Y + reg_u I)^-1  sum over S_u of w y
 *
 * by a few conjugate gradients (als_cg.h), which come nearly as far as the solution
 * does, or by blocks of dimensions (als_subspace.h). The result depends on the seed and
 * the data, not on the number of threads nor on the CPU.
 */
#ifndef TRAIN_ALS_H
#define TRAIN_ALS_H

#include "matrix.h"

struct als_share;

struct als_params {
	size_t dim;            /* padded: a positive multiple of VEC_COLS */
	size_t used_dim;       /* the rest stays 0 */
	size_t block;          /* of dimensions; used_dim or more: exactly; 0: als_cg */
	double alpha;          /* >= 0 */
	double regularization; /* > 0 */
	double exponent;       /* 0..1 */
	uint64_t seed;
	size_t threads;
	/* The ranges of users and items that are this process's; NULL: all
	 * (als_share.h). Matrices then have their rows alone, factors are those of all.
	 */
	const struct als_share *share;
};

/* Item factors to start from: normal-like, standard deviation 0.1 / sqrt(dim). */
void als_start(const struct als_params *p, float *items, size_t n_items);

/*
 * One sweep over users, one over items, from users [n_users][dim] (zeros at first) and
 * items [n_items][dim], both finite; *loss is the objective after it, which never
 * rises. -1 if a system was not positive definite (regularization too small), which
 * only blocks notice.
 */
int als_sweep(const struct als_params *p, const struct matrix *by_user,
    const struct matrix *by_item, float *users, float *items, double *loss);

/* Only the users, for given items, to the last digits; from where they are. */
void als_users(const struct als_params *p, const struct matrix *by_user, float *users,
    const float *items);

#endif
