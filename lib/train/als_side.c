/* als_side - one side of alternating least squares. */
#include "als_side.h"

#include <math.h>

#include "vec.h"

double
als_regularization(const struct als_params *p, const struct matrix *m, size_t r)
{
	double n = (double)(m->row[r + 1] - m->row[r]);

	return p->regularization * pow(n + p->alpha * (double)m->n_cols, p->exponent);
}

void
als_side_loss(
    const struct als_side *s, size_t r, const float *x, const float *predicted)
{
	const struct matrix *m = s->m;
	double sum =
	    als_regularization(s->p, m, r) * (double)vec_kernels()->dot(x, x, s->work);

	for (uint64_t k = m->row[r]; k < m->row[r + 1]; k++) {
		double miss = 1 - (double)*predicted++;

		sum += miss * miss * (m->weight ? (double)m->weight[k] : 1);
	}
	s->loss[r] = sum;
}
