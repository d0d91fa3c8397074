/*
 * caps - at most so many chosen items with the same value in a column.
 *
 * An item with several values counts for each of them, one without for none.
 */
#ifndef CAPS_H
#define CAPS_H

#include "catalog.h"

struct caps;

struct caps *caps_new(const struct catalog *c);
void caps_free(struct caps *caps); /* NULL is fine */
/* COLUMN=N, N at least 1. -1 and *why (to be freed). */
int caps_add(struct caps *caps, const char *text, char **why);

/* item may be NONE: it has no values. */
bool caps_allow(const struct caps *caps, uint32_t item);
void caps_take(struct caps *caps, uint32_t item); /* count it */
void caps_clear(struct caps *caps);               /* nothing is taken */

#endif
