/*
 * filter_print - parts of a filter's text, with or without values.
 */
#ifndef FILTER_PRINT_H
#define FILTER_PRINT_H

#include "filter.h"

/* Append the text between double quotes. */
void filter_quote(struct buf *out, struct span text);

/* Append one expression, or one test, without EXTENDED. */
void filter_print_expr(
    const struct filter *f, const struct filter_expr *x, struct buf *out);
void filter_print_test(const struct filter_test *t, struct buf *out);

/* The expression with values[i] in place of placeholder i, and now in that of NOW(). */
void filter_print_bound(const struct filter *f, const struct filter_expr *x,
    const struct span *values, int64_t now, struct buf *out);

#endif
