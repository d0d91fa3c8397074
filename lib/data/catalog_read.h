/*
 * catalog_read - the rows of items and users as they come.
 *
 * Cells are kept in the order of the rows, IDs numbered by arrival. catalog_build lays
 * them out.
 */
#ifndef CATALOG_READ_H
#define CATALOG_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dataset.h"
#include "idmap.h"

/* A column as its rows come: numbers, or codes into a dictionary of whole texts. */
struct cells {
	double *number;
	uint32_t *code;
	struct idmap *texts; /* NULL: a column of numbers */
};

/* The rows of items or users. */
struct rows_read {
	const struct schema *schema;
	int id_field;
	size_t n, cap;
	struct cells *cells; /* [n_fields] */
	uint32_t *last_row;  /* [n_ids]: the last row of each ID, NONE: it has none */
	size_t n_ids;
};

/* s and its name of the ID column; s may be NULL: there are no rows. */
void rows_read_init(struct rows_read *r, const struct schema *s, const char *id);
/* All rows of one dataset. -1 and *why (to be freed). */
int rows_read_all(const struct dataset *d, enum dataset_type type, struct rows_read *r,
    struct idmap *ids, char **why);
void rows_read_release(struct rows_read *r);

/* What is wrong with a row that is not one. To be freed. */
char *catalog_bad_row(const struct dataset *d, const struct segment *s, size_t number);

#endif
