/*
 * filter_index - which rows have a value, for columns of text that are asked often.
 *
 * A scan of a column costs some nanoseconds a row, its index about as much as ten
 * scans. So a filter that is the same for all records never makes one, and ten
 * thousand different ones make it once. Belongs to one thread.
 */
#ifndef FILTER_INDEX_H
#define FILTER_INDEX_H

#include "catalog.h"

/* Rows of value v: row[offset[v] .. offset[v + 1]). */
struct postings {
	uint64_t *offset; /* [column's values.n + 1] */
	uint32_t *row;
};

struct filter_index;

struct filter_index *filter_index_new(const struct catalog *c);
void filter_index_free(struct filter_index *x);
/* NULL until the column was asked for often enough. Of the catalog's items or users. */
const struct postings *filter_index_get(
    struct filter_index *x, const struct column *column);

#endif
