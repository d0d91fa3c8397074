/*
 * calibrate - weights that turn what a model knows into log-probabilities.
 *
 * The formula is in weights.h: McFadden's conditional logit (1974), damped. The weights
 * maximise
 *
 *	sum over held-out (u, i) of log p(i | u)  -  CALIBRATE_PRIOR / 2 |weights|^2
 *
 * by Newton's steps with the derivatives of likelihood.h. The prior keeps weights
 * finite that the data do not bound, such as that of items met before where nobody
 * comes back.
 */
#ifndef CALIBRATE_H
#define CALIBRATE_H

#include "holdout.h"
#include "model.h"
#include "scan.h"
#include "weights.h"

#define CALIBRATE_PRIOR 0.05

/* What to learn from: a model trained without the held-out interactions. */
struct evidence {
	const struct catalog *catalog;
	const struct wanted *wanted;
	const struct holdout *holdout; /* NULL: everything was trained on */
	struct item_factors items;
	const uint32_t *number; /* [items.n] their catalog numbers, rising */
	const float *users;     /* [catalog users][items.dim] */
	const struct popularity *popularity;
	bool without_recent; /* the weight of what is popular lately stays 0 */
	/* NULL: users and items have factors. Else items alone says how many there are,
	 * and what the formula calls x_u . y_i is what links_scan finds at rate 1,
	 * without base. */
	const struct links *links;
	bool quick; /* fewer users are enough, to compare models */
};

/*
 * Put the first two lines of the formula into the factors themselves: users are
 * multiplied, and dimension used_dim < items.dim, which was 0, gets what an item adds.
 * From then on a dot product is z, but for what the user has met. panels and
 * users are the evidence's own.
 */
void calibrate_fold(const struct weights *w, const struct evidence *e, float *panels,
    float *users, size_t used_dim);

void calibrate(struct weights *w, const struct evidence *e, size_t threads);

#endif
