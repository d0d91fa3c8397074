/*
 * context - what a record's context adds to the z of items (struct context).
 *
 * A record's member context is an object of strings, {"DEVICE":"phone"}. Members that
 * name no column of the model, case ignored, and values that no interaction had, add
 * nothing.
 */
#ifndef CONTEXT_H
#define CONTEXT_H

#include "json.h"
#include "model.h"

struct context_value {
	uint32_t column, value; /* of the model's contexts */
};

/* Those of a JSON object, in the order of the model; how many. */
size_t context_find(const struct model *m, const struct json_value *object,
    struct context_value found[MODEL_CONTEXTS]);

/* What one of them adds at a place of the scored items. */
float context_at(const struct model *m, struct context_value v, size_t place);

/* The same for places first .. first + n, added to x[n]; next is 0 at first 0. */
void context_add(const struct model *m, struct context_value v, size_t first, size_t n,
    float *x, uint64_t *next);

#endif
