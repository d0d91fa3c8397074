/*
 * related_write - the members of an output that answers with related items.
 */
#ifndef RELATED_WRITE_H
#define RELATED_WRITE_H

#include "best.h"
#include "catalog.h"
#include "themes.h"
#include "util.h"

struct related_writer; /* the working memory of one thread */

/* What there is beside the items. */
struct related_extras {
	bool similarity; /* scores, ours */
	bool reasons;    /* a list for each, of "Popular item" or empty, ours */
	/* A theme, items in the order of their relevance to it, ties in theirs. NULL:
	 * none. */
	const struct themes *themes;
};

/* Lists of up to k items. The catalog and the themes are borrowed. */
struct related_writer *related_writer_new(
    const struct catalog *c, size_t k, const struct related_extras *extras);
void related_writer_free(struct related_writer *w); /* NULL is fine */

/*
 * Append the members for n <= k items, at their catalog numbers with how alike they
 * are. item is what was asked for, NONE if it is not known; stand_in: nothing is known
 * of what is like it, the list is of popular items. Their scores are 0.
 */
void related_write(struct related_writer *w, uint32_t item, bool stand_in,
    const struct candidate *list, size_t n, struct buf *out);

#endif
