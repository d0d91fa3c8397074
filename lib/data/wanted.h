/*
 * wanted - which interactions count, and how much: the service's eventsConfig.
 */
#ifndef WANTED_H
#define WANTED_H

#include "catalog.h"

struct event_rule {
	char *type; /* NULL: any; case ignored */
	bool has_threshold;
	double threshold; /* EVENT_VALUE >= threshold; a null value is not */
	double weight;    /* 0..1 */
};

enum { WANTED_RULES = 10 }; /* the service's limit */

/* No rules: all interactions count 1. Else one counts what its best rule says. */
struct wanted {
	size_t n;
	struct event_rule rules[WANTED_RULES];
};

/*
 * Add a rule: TYPE, TYPE>=X, TYPE=W or TYPE>=X=W, * being any type. -1 and *why
 * (static text).
 */
int wanted_add(struct wanted *w, const char *text, const char **why);
void wanted_release(struct wanted *w);

/* How much an interaction counts; type NULL: it has none, value NaN: null. */
double wanted_weight_of(const struct wanted *w, const struct span *type, double value);

/* The same, looked up in a history. */
struct wanted_types {
	const struct history *h;
	const struct wanted *w;
	bool *type; /* [w->n][types + 1], the last for interactions without a type */
};

void wanted_types_init(
    struct wanted_types *t, const struct history *h, const struct wanted *w);
void wanted_types_release(struct wanted_types *t);
/* How much interaction number i of the history counts; 0: not at all. */
double wanted_weight(const struct wanted_types *t, uint64_t i);
bool wanted_counts(const struct wanted_types *t, uint64_t i);

#endif
