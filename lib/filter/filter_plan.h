/*
 * filter_plan - a filter made ready for one catalog: names and values looked up.
 */
#ifndef FILTER_PLAN_H
#define FILTER_PLAN_H

#include "filter_eval.h"
#include "filter_index.h"
#include "filter_scratch.h"

enum test_kind { TEST_NUMBER, TEST_STRING, TEST_ID, TEST_EVENT, TEST_COUNT, TEST_JQ };

/* A test with its values looked up in the catalog. */
struct plan_test {
	const struct filter_test *parsed;
	enum test_kind kind;
	enum filter_op op;
	bool of_user;                 /* of the current user: all rows hold, or none */
	const struct column *column;  /* NUMBER (booleans are 0 and 1), STRING */
	const struct column *current; /* compare with the current row's value */
	bool current_user;            /* it is the user's, not the item's */
	double *numbers;              /* NUMBER, EVENT, COUNT: [n] */
	uint32_t *list;               /* ID: [n] rows; STRING: [n] codes */
	size_t n;
	uint64_t *codes; /* STRING: the same as a set over column->values */
	uint8_t *types;  /* EVENT: [types.n + 1] is it wanted; last: no type */
	struct plan_node *counted; /* COUNT */
	uint64_t *rows;            /* JQ: where it holds */
};

struct plan_node {
	enum filter_join kind;
	struct plan_test test;
	struct plan_node *children; /* [n] */
	size_t n;
	bool fixed;     /* no record changes its set */
	uint64_t *kept; /* that set, once computed */
};

struct plan_expr {
	const struct filter_expr *parsed;
	struct plan_node where;
	struct plan_node condition; /* n and test are of no use without parsed's */
};

struct filter_plan {
	struct filter *f;
	const struct catalog *catalog;
	struct filter_options options;
	size_t n; /* rows, the unknown one too */
	struct plan_expr *exprs;
	bool needs_user, needs_item;
	size_t depth;               /* sets of the scratch that it needs */
	struct filter_index *index; /* NULL: none; borrowed */
	struct filter_scratch *scratch,
	    *own_scratch; /* borrowed, unless it is its own */
	uint64_t *result; /* for every record, once computed, if it depends on none */
};

/* The interactions of a user that count, newest first. One walk a plan at a time. */
struct filter_walk {
	const struct filter_plan *p;
	uint64_t at, end;
};

struct filter_walk filter_walk_of(struct filter_plan *p, uint32_t user); /* or NONE */
bool filter_walk_next(
    struct filter_walk *w, uint64_t *event); /* its place in history */
/* Inside COUNT: whether one event is as the tests say. */
bool filter_event_holds(
    const struct plan_node *node, const struct history *h, uint64_t event);

/* NaN, our null, is not equal and not in order to anything. */
bool filter_number_holds(enum filter_op op, double x, const double *numbers, size_t n);
/* When a value either matches or does not: whether the test holds. */
bool filter_match_holds(enum filter_op op, bool null, bool matches);

/* The sets of tests of events and of COUNT, into an empty one. */
void filter_event_set(
    struct filter_plan *p, const struct plan_test *t, uint64_t *set, uint32_t user);
void filter_count_set(
    struct filter_plan *p, const struct plan_test *t, uint64_t *set, uint32_t user);

void filter_plan_free_kept(struct filter_plan *p);

/*
 * Parts of filter_plan_run: one test's set; what an expression selects if it applies,
 * and whether it does.
 */
void filter_plan_where(struct filter_plan *p, struct plan_expr *x, uint64_t *set,
    uint32_t user, uint32_t item);
void filter_plan_test(struct filter_plan *p, struct plan_test *t, uint64_t *set,
    uint32_t user, uint32_t item);
bool filter_plan_applies(
    const struct filter_plan *p, const struct plan_expr *x, uint32_t user);

size_t filter_plan_bytes(const struct filter_plan *p); /* at most, about */

#endif
