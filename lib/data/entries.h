/*
 * entries - an output record taken apart into the entries of its list.
 *
 * The list is recommendedItems (else usersList or recommendedUsers). Every other
 * array member of output with the same number of entries is parallel to it: scores,
 * reasons. Spans point into the line, which must stay.
 */
#ifndef ENTRIES_H
#define ENTRIES_H

#include "record.h"

/* One of the parallel arrays: the list itself, or what goes with it. */
struct entry_list {
	struct json_value name;
	struct span raw; /* as written */
	size_t first;    /* its n values are value[first], value[first + 1], ... */
};

struct entries {
	struct record record;
	bool is_items; /* the list is of items, not of users */
	size_t n;
	struct span *ids;         /* [n] their text */
	struct entry_list *lists; /* [n_lists] in the line's order */
	size_t n_lists;
	size_t named;  /* which of lists holds the IDs */
	size_t scores; /* which is called scores; n_lists: none */
	bool scored;   /* there is one, and it holds numbers only */
	struct json_value *value;
	const char *why; /* after -1: static text */
	/* What is kept for the next line. */
	size_t n_values, ids_cap, lists_cap, values_cap;
	struct buf text, scratch;
};

/*
 * Start from a zeroed struct, which is used for line after line. -1: no output record
 * with a list of strings and as many scores, if any, and why; record is set as
 * record_parse leaves it. A record that carries an error has no lists.
 */
int entries_read(struct entries *e, struct span line);
void entries_release(struct entries *e);

/*
 * Append the line with n other entries in its lists: cells[i * n + j] is entry j of
 * lists[i]. scores, if not NULL, are the n entries of a list of that name to put
 * behind the IDs, where there is none. What stands between entries is what stood
 * between the first two.
 */
void entries_write(struct buf *out, const struct entries *e, const struct span *cells,
    size_t n, const struct span *scores);

#endif
