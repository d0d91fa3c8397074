/*
 * wanted - which interactions count: the service's eventType and eventValueThreshold.
 */
#ifndef WANTED_H
#define WANTED_H

#include "catalog.h"

struct wanted {
	const char *event_type; /* NULL: all; case ignored */
	bool has_threshold;
	double threshold; /* EVENT_VALUE >= threshold */
};

/* The same, looked up in a history. */
struct wanted_types {
	const struct history *h;
	bool *type; /* [types + 1], the last for interactions without a type */
	bool has_threshold;
	double threshold;
};

void wanted_init(
    struct wanted_types *t, const struct history *h, const struct wanted *w);
/* Whether interaction number i of the history counts. */
bool wanted_counts(const struct wanted_types *t, uint64_t i);
void wanted_release(struct wanted_types *t);

#endif
