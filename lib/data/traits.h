/*
 * traits - what can be said of each item in a word: the values of its categorical
 * columns, and the words of its textual one and of one more column, its name.
 *
 * A trait is a string. Values stand as they are, words in lower case; a value and a
 * word that are the same bytes are the same trait.
 */
#ifndef TRAITS_H
#define TRAITS_H

#include "catalog.h"
#include "idmap.h"

struct traits {
	const struct table *table; /* borrowed */
	const struct column *name; /* whose words count too, or NULL */
	struct idmap *texts;       /* by trait number */
	size_t n;
	uint64_t *row;        /* [n_rows + 1]: trait[row[r] .. row[r + 1]) */
	uint32_t *trait;      /* rising within a row, without repeats */
	uint32_t *items_with; /* [n] */
};

/* name is the column of names, of strings, or NULL. */
void traits_of(struct traits *t, const struct table *table, const struct column *name);
void traits_release(struct traits *t);

/*
 * The trait in the form it has in the row, so "Rome" for "rome"; its first one there if
 * there are several. Borrowed from the table. The row has the trait.
 */
struct span traits_form(const struct traits *t, uint32_t row, uint32_t trait);

#endif
