/*
 * catalog_events - the interactions of a dataset as they come, on many threads.
 */
#ifndef CATALOG_EVENTS_H
#define CATALOG_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dataset.h"
#include "idmap.h"

struct events {
	size_t n, cap;
	uint32_t *user, *item; /* by arrival */
	uint16_t *type;        /* in types, UINT16_MAX: none */
	int64_t *time;
	float *value; /* NaN: null */
	bool has_value;
	struct idmap *types;
};

/*
 * All interactions, into zeroed e; IDs that are not in users and items are added in the
 * order of the rows. The threads change nothing. -1 and *why (to be freed).
 */
int events_read(const struct dataset *d, struct events *e, struct idmap *users,
    struct idmap *items, size_t threads, char **why);
void events_release(struct events *e);

#endif
