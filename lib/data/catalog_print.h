/*
 * catalog_print - items, users and interactions as JSON lines, one object a line.
 *
 * Members have the names of the schema's columns; a list of categories is one string,
 * 'A|B', as the service writes it.
 */
#ifndef CATALOG_PRINT_H
#define CATALOG_PRINT_H

#include "catalog.h"

void catalog_print_item(struct buf *out, const struct catalog *c, uint32_t item);
void catalog_print_user(struct buf *out, const struct catalog *c, uint32_t user);
/* All interactions of a user, newest first. */
void catalog_print_history(struct buf *out, const struct catalog *c, uint32_t user);
/* One cell as JSON; a list of categories as the service writes it, 'A|B'. */
void catalog_print_cell(struct buf *out, const struct column *c, size_t row);
/* An event's value, as the shortest number that is the same float; NaN: null. */
void catalog_print_value(struct buf *out, float value);
void catalog_print_id(struct buf *out, const struct ids *ids, uint32_t number);

#endif
