/*
 * model - a solution version: one memory-mapped file (pz-model(5)).
 */
#ifndef MODEL_H
#define MODEL_H

#include "catalog.h"

struct model;

/* Map and check a model file. NULL and *why (to be freed). */
struct model *model_open(const char *path, char **why);
void model_close(struct model *m);
const struct catalog *model_catalog(const struct model *m);

#endif
