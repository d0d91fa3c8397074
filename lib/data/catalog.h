/*
 * catalog - what is known of items, users and their interactions, in columns.
 *
 * Filters, recipes and pz-show read this; it comes out of a model file (mapped)
 * or is loaded from a dataset. Items and users have dense numbers. In a catalog
 * made from a dataset alone, and in every model, numbers follow the bytewise
 * order of the IDs, so "smaller number" means "smaller ID".
 */
#ifndef CATALOG_H
#define CATALOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util.h"

#define NONE UINT32_MAX

/* Strings by number: bytes[offset[i] .. offset[i + 1]). */
struct strings {
	size_t n;
	const uint64_t *offset; /* [n + 1] */
	const char *bytes;
};

/* Strings that can be found: slot holds numbers, open addressing by XXH3. */
struct ids {
	struct strings strings;
	const uint32_t *slot; /* [mask + 1], NONE: empty */
	size_t mask;
};

enum column_type { COLUMN_NUMBER, COLUMN_BOOLEAN, COLUMN_STRING };

struct column {
	char *name; /* as in the schema */
	enum column_type type;
	bool categorical; /* strings: 'A|B' was split into values */
	bool textual;
	bool excluded; /* training does not look at it */
	/* NUMBER, BOOLEAN (0 or 1): [n_rows], NaN means null. */
	const double *number;
	/* STRING: row r has values code[offset[r] .. offset[r + 1]); none means null.
	 */
	const uint64_t *offset;
	const uint32_t *code;
	struct strings values; /* sorted bytewise, without repeats */
};

struct table {
	size_t n_rows;
	size_t n_columns;
	struct column *columns; /* without the ID column */
};

/* Each user's interactions, newest first; ties: later in the dataset first. */
struct history {
	const uint64_t *offset; /* [n_users + 1] */
	const uint32_t *item;
	const uint16_t *type; /* into types; UINT16_MAX: no event type */
	const int64_t *time;  /* seconds since 1970 */
	const float *value;   /* EVENT_VALUE, NaN: null; NULL: no such column */
	const int64_t *first; /* of model files: as of catalog_first_met; else NULL */
	struct strings types; /* distinct as written: "click" and "CLICK" are two */
};

struct catalog {
	struct ids items, users;
	struct table item_table, user_table;
	struct history history;
	void **owned; /* heap blocks behind the pointers above */
	size_t n_owned;
	/* See catalog_user_right; NONE asks for all. NULL: all users are. */
	bool (*right)(void *of, uint32_t user);
	void *of;
};

void catalog_release(struct catalog *c);
void *catalog_own(struct catalog *c, void *heap_block); /* freed with c; returns it */

/*
 * Whether what is known of a user, or of all, may be used: what a model file holds of
 * them is read and checked when somebody asks. NONE is nobody, of whom nothing is
 * known.
 */
bool catalog_user_right(const struct catalog *c, uint32_t user);
bool catalog_users_right(const struct catalog *c);
extern const char catalog_user_damaged[], catalog_users_damaged[]; /* to say so */

struct span strings_get(const struct strings *s, uint32_t number);
uint32_t strings_find_sorted(const struct strings *s, struct span text); /* or NONE */
uint32_t ids_find(const struct ids *ids, struct span id);                /* or NONE */
/* The slots for n strings: how many (a power of two), and to fill them. */
size_t ids_slots(size_t n);
void ids_index(struct ids *ids, uint32_t *slot);

/* [n_items + 1], to be freed: when each item was first met, INT64_MAX: never; behind
 * them when anything was last, INT64_MIN: never. */
int64_t *catalog_first_met(const struct catalog *c);

/* By name, case ignored, as filters look columns up. NULL: none. */
const struct column *table_column(const struct table *t, struct span name);

#endif
