/*
 * filter_trace - what every part and test of a filter says of every row.
 */
#ifndef FILTER_TRACE_H
#define FILTER_TRACE_H

#include "filter_plan.h"

/* A test that stands outside COUNT, and its set. */
struct traced {
	struct plan_test *test;
	size_t expr;
	bool condition; /* behind IF */
	uint64_t *set;
};

struct plan_trace {
	struct traced *tests; /* [n] */
	size_t n;
	size_t n_exprs;
	bool *applies;      /* [n_exprs] */
	uint64_t **selects; /* [n_exprs] */
	uint64_t *allowed;
	struct buf text;
};

struct plan_trace *filter_trace_new(
    struct filter_plan *p, uint32_t user, uint32_t item);
void filter_trace_free(struct plan_trace *t);

#endif
