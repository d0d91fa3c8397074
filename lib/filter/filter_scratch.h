/*
 * filter_scratch - memory that filters need while they run, and not between.
 *
 * Plans of one cache share it: ten thousand of them keep nothing but results.
 */
#ifndef FILTER_SCRATCH_H
#define FILTER_SCRATCH_H

#include "catalog.h"

struct filter_scratch {
	const struct catalog *catalog;
	size_t bits; /* of a set: enough for all items or users and an unknown one */
	uint64_t **stack; /* [depth] sets */
	size_t depth;
	uint64_t *include, *exclude; /* sets */
	uint32_t *counts;            /* [items] zeros, of filter_scratch_counts */
	/* Event types that differ in case only are one group: filter_scratch_seen. */
	uint16_t *group; /* [types.n + 1] */
	uint32_t *seen;  /* [types.n + 1] events of the group so far */
};

struct filter_scratch *filter_scratch_new(const struct catalog *c);
void filter_scratch_free(struct filter_scratch *s);
/* Make what is not there yet: sets down to the level, counts, groups with seen. */
void filter_scratch_sets(struct filter_scratch *s, size_t depth);
void filter_scratch_counts(struct filter_scratch *s);
void filter_scratch_seen(struct filter_scratch *s); /* seen is zero then */

#endif
