/*
 * impressions - how often each item was shown, by the column IMPRESSION.
 *
 * A value is the items that were shown when an interaction happened, 'A|B|C'. Every
 * mention counts, that of the item that was taken too.
 */
#ifndef IMPRESSIONS_H
#define IMPRESSIONS_H

#include "catalog.h"
#include "dataset.h"

/*
 * *shown is [items of c], to be freed, or NULL where the interactions have no such
 * column or nothing in it. -1 and *why (to be freed).
 */
int impressions_read(
    uint32_t **shown, const struct dataset *d, const struct catalog *c, char **why);

#endif
