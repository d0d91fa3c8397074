/*
 * text_search - items whose texts are like an item's.
 *
 * The value of item j for item i is v_i . v_j (train_text.c), from 0 to 1, times what
 * ranking influence makes of j (influence.h): a sum in double over their terms in
 * order, rounded to float.
 */
#ifndef TEXT_SEARCH_H
#define TEXT_SEARCH_H

#include "best.h"
#include "model.h"

struct text_search; /* the working memory of one thread */

/* influence [n_items] is borrowed; NULL: none. */
struct text_search *text_search_new(const struct model *m, const float *influence);
void text_search_free(struct text_search *s); /* NULL is fine */

/*
 * The k best of the allowed items (NULL: all), but for the item itself; at is their
 * catalog number. *best is valid until the next call. -1 if no other text has a term
 * with the item's in common, whatever is allowed.
 */
long text_search_of(struct text_search *s, uint32_t item, const uint64_t *allowed,
    size_t k, const struct candidate **best);

#endif
