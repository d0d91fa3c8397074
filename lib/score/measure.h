/*
 * measure - what held-out interactions say of a model: calibration and metrics.
 */
#ifndef MEASURE_H
#define MEASURE_H

#include "holdout.h"
#include "scan.h"

/* What the held-out interactions say of a model trained without them. */
struct metrics {
	size_t users;    /* that were measured */
	size_t events;   /* held-out interactions with items the model scores */
	size_t unscored; /* and with items it does not */
	double scale;    /* logit = scale * (user . item), by maximum likelihood */
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
 * Measure and calibrate. items->n items are scored, number[i] being the catalog
 * number of the i-th; users [catalog users][items->dim]; known is the matrix the
 * model was trained on, counts its users per item [catalog items].
 */
void measure(struct metrics *m, const struct holdout *h,
    const struct item_factors *items, const uint32_t *number, const float *users,
    const struct matrix *known, const uint32_t *counts, size_t threads);

void metrics_print(const struct metrics *m, struct buf *out); /* a JSON object */

#endif
