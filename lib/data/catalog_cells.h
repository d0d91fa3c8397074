/* catalog_cells - the cells of a row, as JSON says them. */
#ifndef CATALOG_CELLS_H
#define CATALOG_CELLS_H

#include <stdint.h>

#include "json.h"
#include "schema.h"

/* Of a number, towards 0 if it has a fraction. */
int64_t cell_integer(const struct json_value *v);
/* 1 and 0 for true and false, NaN for what is no number. */
double cell_number(const struct json_value *v);
/*
 * The next member, as json_member: *field becomes what it names, -1 if nothing. Rows
 * have the schema's order, so that is nearly always what is behind *field.
 */
int cell_next(struct json *j, const struct schema *s, int *field);

#endif
