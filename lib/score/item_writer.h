/*
 * item_writer - scored items as they stand in a record's output.
 */
#ifndef ITEM_WRITER_H
#define ITEM_WRITER_H

#include "catalog.h"
#include "score.h"

struct item_writer; /* of one thread; it learns which IDs need no escapes */

struct item_writer *item_writer_new(const struct ids *items);
void item_writer_free(struct item_writer *w); /* NULL is fine */

/* Append "recommendedItems":[...] and, with scores, ,"scores":[...]. */
void item_writer_add(struct item_writer *w, const struct scored_item *items, size_t n,
    bool scores, struct buf *out);

#endif
