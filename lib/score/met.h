/*
 * met - what having met items adds to their scores, for one user.
 */
#ifndef MET_H
#define MET_H

#include "model.h"

struct met_item {
	uint32_t at; /* position among the scored items */
	float value; /* weights_seen */
};

/* By rising position. Start from zeroes. */
struct met {
	struct met_item *items, *room;
	size_t n, cap;
	double *log_of; /* [n_logs] of whole numbers, from 1 */
	size_t n_logs;
};

void met_release(struct met *met);
void met_find(struct met *met, const struct model *m, struct seen *seen, uint32_t user);
/* What having met the item at this position adds; 0 if it was not met. */
float met_value(const struct met *met, uint32_t at);

#endif
