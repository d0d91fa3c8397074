/*
 * filter_binder - what an expression becomes with the values of a record, remembered.
 *
 * Files of records repeat their values, and to bind them costs some ten times what it
 * costs to read them. So results are kept by the bytes of filterValues.
 */
#ifndef FILTER_BINDER_H
#define FILTER_BINDER_H

#include "filter.h"

struct filter_bound {
	struct span text;   /* len 0: nothing is left, all pass */
	struct span quoted; /* the same as a JSON string */
	const char *why;    /* not NULL: it cannot be bound */
};

struct filter_binder;

/* f and c are borrowed; c may be NULL, else what values become is checked with it. */
struct filter_binder *filter_binder_new(
    const struct filter *f, const struct catalog *c, int64_t now);
void filter_binder_free(struct filter_binder *b);
/* values: a record's filterValues. The result is borrowed until the next call. */
const struct filter_bound *filter_binder_get(
    struct filter_binder *b, const struct json_value *values);

#endif
