/*
 * als_side - one side of alternating least squares: rows to find, those of the other
 * side being fixed.
 */
#ifndef ALS_SIDE_H
#define ALS_SIDE_H

#include "train_als.h"

struct als_side {
	const struct als_params *p;
	const struct matrix *m;
	size_t work;       /* dimensions in use, padded */
	const float *from; /* [m->n_cols][p->dim] */
	float *to;         /* [m->n_rows][p->dim] */
	const float *gram; /* [work][work] F = from' from, upper triangle */
	double *loss;      /* [m->n_rows] of als_side_loss, or NULL */
};

/* The weight of |x_r|^2. */
double als_regularization(const struct als_params *p, const struct matrix *m, size_t r);

/*
 * What row r adds to the objective beside the alpha term and the other side's
 * regularisation, into s->loss, if it is x [s->work], in whatever basis, whose products
 * with the rows of its columns are `predicted`.
 */
void als_side_loss(
    const struct als_side *s, size_t r, const float *x, const float *predicted);

#endif
