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
 * The field a member names, -1 if none. Rows have the schema's order, so it is
 * nearly always the one behind the last.
 */
int cell_field(const struct schema *s, const struct json_value *name, int last);

#endif
