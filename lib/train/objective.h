/*
 * objective - what an item earns by the service's optimizationObjective.
 *
 *	sensitivity (x - mean) / deviation	of the column over all items; null: 0
 */
#ifndef OBJECTIVE_H
#define OBJECTIVE_H

#include "model.h"
#include "train.h"

/* [m->n_scored], to be freed; NULL: there is no objective, or the column is constant.
 */
float *objective_adds(const struct model *m, const struct train_options *o);

#endif
