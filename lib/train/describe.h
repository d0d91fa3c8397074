/*
 * describe - what a model tells of its training.
 */
#ifndef DESCRIBE_H
#define DESCRIBE_H

#include "train.h"

/* The start of a JSON object: recipe, hyperparameters, provenance, amounts. */
void describe(struct buf *b, const struct dataset *d, const struct train_options *o,
    const struct train_data *data);

#endif
