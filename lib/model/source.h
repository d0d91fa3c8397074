/*
 * source - what is known of items and users: a model, a dataset, or both.
 *
 * With both, columns and interactions are the dataset's, and what the model knows
 * keeps its numbers. What a model holds of single users may be used if
 * catalog_user_right says so.
 */
#ifndef SOURCE_H
#define SOURCE_H

#include "catalog.h"
#include "dataset.h"
#include "model.h"

struct source {
	const struct catalog *catalog; /* NULL: neither was named */
	struct model *model;           /* NULL: none was named */
	struct dataset *dataset;
	struct catalog *loaded;
};

/* Paths may be NULL. -1 and *why (to be freed), which names the path. */
int source_open(
    struct source *s, const char *model_path, const char *dataset_path, char **why);
void source_close(struct source *s);

#endif
