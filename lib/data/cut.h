/*
 * cut - keep the first k entries of an output record's lists.
 *
 * One pass over the line says which bytes to leave out; the others pass as they
 * are. The lists are recommendedItems (else usersList or recommendedUsers) and
 * every other array member of output that has the same number of entries.
 */
#ifndef CUT_H
#define CUT_H

#include <stdbool.h>
#include <stddef.h>

#include "util.h"

struct cut_list {
	size_t n;         /* entries */
	struct span tail; /* from behind entry k to the end of the last one */
};

struct cut {
	bool has_output, has_error; /* there and not null */
	bool has_lists;             /* output holds one of the three names */
	/* What to leave out, in the line's order. */
	struct cut_list *lists;
	size_t n_lists, cap;
	size_t length; /* of the named list */
};

/* Start from a zeroed struct, which is used for line after line. k > 0. */
int cut_find(struct cut *c, struct span line, size_t k); /* -1: not a JSON object */
void cut_release(struct cut *c);

#endif
