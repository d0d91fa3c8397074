/*
 * catalog_load - a catalog out of a dataset directory.
 */
#ifndef CATALOG_LOAD_H
#define CATALOG_LOAD_H

#include "catalog.h"
#include "dataset.h"

/*
 * base may be NULL. With it, items and users that base knows keep their numbers
 * and new ones follow; without, numbers follow the bytewise order of the IDs.
 * The threads change nothing. NULL and *why (to be freed). Free with catalog_release
 * and free.
 */
struct catalog *catalog_load(
    const struct dataset *d, const struct catalog *base, size_t threads, char **why);

#endif
