/*
 * related - items for an item by models that have no vectors: who met it, what its text
 * says.
 */
#ifndef RELATED_H
#define RELATED_H

#include "best.h"
#include "model.h"

struct related; /* the working memory of one thread */

/* influence [n_items] is borrowed, and for texts alone; NULL: none. */
struct related *related_new(const struct model *m, const float *influence);
void related_free(struct related *r); /* NULL is fine */

/*
 * The k best of the allowed items (NULL: all), but for the item itself, which may be
 * NONE; at is their catalog number. *best is valid until the next call. -1 if nothing
 * is known of the item, or by its vector alone.
 */
long related_of(struct related *r, uint32_t item, const uint64_t *allowed, size_t k,
    const struct candidate **best);

#endif
