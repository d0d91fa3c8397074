/* cold - vectors for items and users without interactions, from their metadata. */
#include "cold.h"

#include <math.h>
#include <stdlib.h>

#include "ridge.h"

bool
cold_says(const struct table *t, size_t row)
{
	for (size_t i = 0; i < t->n_columns; i++) {
		const struct column *c = &t->columns[i];

		if (c->excluded)
			continue;
		if (c->type == COLUMN_STRING ? c->offset[row] < c->offset[row + 1]
					     : !isnan(c->number[row]))
			return true;
	}
	return false;
}

float *
cold_predict(const struct table *t, const uint32_t *count, const float *vectors,
    size_t stride, size_t dim)
{
	struct metadata m;
	double *weight;
	float *map, *predicted;

	if (!t->n_columns || !t->n_rows)
		return NULL;
	metadata_of(&m, t);
	weight = xcalloc(t->n_rows, sizeof *weight);
	for (size_t r = 0; r < t->n_rows; r++)
		weight[r] = (double)count[r] / ((double)count[r] + COLD_HALF);
	map = ridge_fit(&m, vectors, stride, dim, weight);
	predicted = xcalloc(t->n_rows * dim, sizeof *predicted);
	for (size_t r = 0; r < t->n_rows; r++)
		ridge_apply(&m, r, map, dim, predicted + r * dim);
	metadata_release(&m);
	free(weight);
	free(map);
	return predicted;
}
