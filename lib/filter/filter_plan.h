/*
 * filter_plan - a filter made ready for one catalog: names and values looked up.
 */
#ifndef FILTER_PLAN_H
#define FILTER_PLAN_H

#include "filter_eval.h"
#include "filter_index.h"

enum test_kind { TEST_NUMBER, TEST_STRING, TEST_ID, TEST_EVENT };

/* A test with its values looked up in the catalog. */
struct plan_test {
	enum test_kind kind;
	enum filter_op op;
	const struct column *column;  /* NUMBER, STRING */
	const struct column *current; /* compare with the current item's value */
	double *numbers;              /* NUMBER: [n] */
	uint32_t *list;               /* ID: [n] rows; STRING: [n] codes */
	size_t n;
	uint64_t *codes; /* STRING: the same as a set over column->values */
	uint8_t *types;  /* EVENT: [types.n + 1] is it wanted; the last: no type */
};

struct plan_expr {
	const struct filter_expr *parsed;
	struct plan_test *tests, *conditions;
	uint64_t *kept; /* the set, once computed, if no record changes it */
	bool fixed;     /* no record changes it (conditions aside) */
};

struct filter_plan {
	struct filter *f;
	const struct catalog *catalog;
	struct filter_options options;
	size_t n; /* rows, the unknown one too */
	struct plan_expr *exprs;
	bool needs_user, needs_item;
	struct filter_index *index; /* NULL: none; borrowed */
	uint64_t **stack;           /* scratch sets, gone when done */
	size_t depth;
	uint64_t *include, *exclude;
	bool done; /* include holds the result for every record */
	/* Event types that differ in case only are one group. */
	uint16_t *group; /* [types.n + 1] */
	uint32_t *seen;  /* [types.n + 1] interactions of the group so far */
};

void filter_plan_free_scratch(struct filter_plan *p);
size_t filter_plan_bytes(const struct filter_plan *p); /* at most, about */

#endif
