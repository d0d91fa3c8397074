/*
 * catalog_build - lay out what was read: IDs in order, columns.
 *
 * What is built belongs to the catalog (catalog_own).
 */
#ifndef CATALOG_BUILD_H
#define CATALOG_BUILD_H

#include "catalog.h"
#include "catalog_read.h"

/* Numbers by arrival to final numbers and back. */
struct id_order {
	size_t n;
	uint32_t *final;   /* [n] by arrival number */
	uint32_t *arrival; /* [n] by final number */
};

/* Final numbers: the first `kept` stay, the others follow in bytewise order. */
struct id_order id_order_of(struct idmap *ids, size_t kept);
void id_order_release(struct id_order *o);

struct strings catalog_build_strings(
    struct catalog *c, const struct idmap *map, const struct id_order *o);
void catalog_build_ids(struct catalog *c, struct ids *ids, const struct idmap *map,
    const struct id_order *o);
/* Of rows with the same ID the last counts. */
void catalog_build_table(struct catalog *c, struct table *t, const struct rows_read *r,
    const struct id_order *ids);

#endif
