/*
 * popularity - how many users met each item, ever and lately.
 */
#ifndef POPULARITY_H
#define POPULARITY_H

#include "wanted.h"

struct popularity {
	size_t n_items;
	uint32_t *count; /* [n_items] users who interacted with it */
	/* The same, each user's last interaction with it counting 2^(-age/half-life).
	 */
	double *recent; /* [n_items] */
};

/* Half-life: this part of the time between the first and the last interaction. */
#define POPULARITY_HALF_LIFE 0.05

/* The newest skip[u] interactions of user u are left out; skip may be NULL. */
void popularity_init(struct popularity *p, const struct catalog *c,
    const struct wanted *w, const uint32_t *skip);
void popularity_release(struct popularity *p);

/* The items by falling count, then rising number. To be freed. */
uint32_t *popularity_order(const struct popularity *p);

#endif
