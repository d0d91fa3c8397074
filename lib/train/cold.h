/*
 * cold - vectors for items and users without interactions, from their metadata.
 *
 * Those with interactions teach a ridge regression (ridge.h) from metadata to vectors,
 * each with the weight n / (n + COLD_HALF) for its n interactions.
 */
#ifndef COLD_H
#define COLD_H

#include "catalog.h"

#define COLD_HALF 10.0

/*
 * What metadata say of each row: predicted [rows][dim], to be freed; NULL if there are
 * no columns. vectors' rows are stride apart, count says how much each knows.
 */
float *cold_predict(const struct table *t, const uint32_t *count, const float *vectors,
    size_t stride, size_t dim);

/* Whether a row has anything in any column. */
bool cold_says(const struct table *t, size_t row);

#endif
