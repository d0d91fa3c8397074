/*
 * measure - what held-out interactions say of a model: metrics.
 */
#ifndef MEASURE_H
#define MEASURE_H

#include "calibrate.h"

/* What the held-out interactions say of a model trained without them. */
struct metrics {
	size_t users;    /* that were measured */
	size_t events;   /* held-out interactions with items the model scores */
	size_t unscored; /* and with items it does not */
	/* Negative log-likelihood of an event, in nats: the model's, and popularity's.
	 */
	double nll, popularity_nll;
	/* sum over 10 bins of equal predicted mass of |predicted - observed| share */
	double calibration_error;
	/* The service's metrics, over items the user had not met before. */
	double coverage, mrr25, ndcg5, ndcg10, ndcg25, precision5, precision10,
	    precision25;
};

/*
 * Of a model with folded factors (calibrate_fold), or with links and what items add by
 * themselves, trained without what is held out.
 */
void measure(struct metrics *m, const struct evidence *e, const struct weights *w,
    size_t threads);

/* Half the standard error of NDCG@25, at most: users' vary less than 0s and 1s do. */
double metrics_doubt(const struct metrics *m);

void metrics_print(const struct metrics *m, struct buf *out); /* a JSON object */

#endif
