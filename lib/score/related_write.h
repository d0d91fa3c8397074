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

/*
 * Lists of up to k items. Both are borrowed; similarity: with scores, ours; themes:
 * with a theme, items in the order of their relevance to it, ties in theirs, or NULL.
 */
struct related_writer *related_writer_new(
    const struct catalog *c, size_t k, bool similarity, const struct themes *themes);
void related_writer_free(struct related_writer *w); /* NULL is fine */

/*
 * Append the members for n <= k items, at their catalog numbers with how alike they
 * are. item is what was asked for, NONE if it is not known; stand_in: nothing is known
 * of what is like it, the list is of popular items. Their scores are 0.
 */
void related_write(struct related_writer *w, uint32_t item, bool stand_in,
    const struct candidate *list, size_t n, struct buf *out);

#endif
