/*
 * filter_print - a filter's text, with or without values for its placeholders.
 */
#ifndef FILTER_PRINT_H
#define FILTER_PRINT_H

#include "filter.h"

/* Append the text between double quotes. */
void filter_quote(struct buf *out, struct span text);

/*
 * Append one expression. values[i] is the text to put for placeholder i; with
 * NULL, placeholders stay.
 */
void filter_print_expr(const struct filter *f, const struct filter_expr *x,
    const struct span *values, struct buf *out);

#endif
