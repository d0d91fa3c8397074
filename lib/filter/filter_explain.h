/*
 * filter_explain - what a filter means, and why it lets one item in and another not.
 *
 * Both are JSON, a line each.
 */
#ifndef FILTER_EXPLAIN_H
#define FILTER_EXPLAIN_H

#include "filter_eval.h"

/*
 * Append the normal form, fields, placeholders and parts. With p, the filter's plan:
 * of how many items or users there are how many pass, and hold each test, for a record
 * that has neither userId nor itemId; and what the answer needs of a record.
 */
void filter_describe(struct buf *out, const struct filter *f, struct filter_plan *p);

/* What is explained to whom: one record, for some rows or for all. */
struct filter_explanation {
	struct filter_plan *plan;
	uint32_t user, item;     /* the record's, or NONE */
	struct plan_trace *rows; /* what every test says of every row */
};

void filter_explain_open(
    struct filter_explanation *x, struct filter_plan *p, uint32_t user, uint32_t item);
void filter_explain_close(struct filter_explanation *x);
/* Append the line of one item or user, by its number (or NONE) and its ID. */
void filter_explain_row(
    struct filter_explanation *x, uint32_t row, struct span id, struct buf *out);

#endif
