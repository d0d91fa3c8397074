/*
 * condition - the items for which something holds, by a text in the language of
 * filters.
 *
 * The text is what stands behind WHERE, Items.GENRE IN ("Comedy"), and then the items
 * for which it holds are meant: none if its IF does not hold, or if a placeholder has
 * no value in the record. Or it is a whole filter, INCLUDE ItemID WHERE ..., and then
 * those that it allows.
 */
#ifndef CONDITION_H
#define CONDITION_H

#include "filter_eval.h"
#include "record.h"

struct condition;

/* NULL and *why (to be freed): what is wrong, and lines that show where. */
struct condition *condition_new(struct span text, const struct catalog *c, char **why);
void condition_free(struct condition *x); /* NULL is fine */

/* For one record, of whose input the members are. -1 and *why, until the next call. */
int condition_bind(struct condition *x, const struct record *r, const char **why);
/* Of the record that was bound last. item may be NONE: all its columns are null. */
bool condition_holds(const struct condition *x, uint32_t item);

#endif
