/*
 * catalog_history - interactions by user, the newest first.
 *
 * Of the same second, the later row is the newer. What is built belongs to the catalog.
 */
#ifndef CATALOG_HISTORY_H
#define CATALOG_HISTORY_H

#include "catalog_build.h"
#include "catalog_events.h"

/* The threads change nothing. */
void catalog_history_build(struct catalog *c, const struct events *e,
    const struct id_order *users, const struct id_order *items, size_t threads);

#endif
