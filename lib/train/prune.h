/*
 * prune - of a dense matrix of item-item weights the greatest of each column.
 *
 * Rows come in blocks, so that the matrix need not be there at once. A column is what
 * predicts an item; of equally great weights those of smaller rows are kept.
 */
#ifndef PRUNE_H
#define PRUNE_H

#include "model.h"

struct prune;

/* Of n columns, `most` weights each. What an item says for itself is left out. */
struct prune *prune_new(size_t n, size_t most, size_t threads);
/* The matrix's rows from `first` on, which are stride apart; blocks rise. */
void prune_rows(
    struct prune *p, size_t first, size_t count, const float *rows, size_t stride);
/* What was kept, to be released by links_release; frees p. */
void prune_links(struct prune *p, struct links *to);
void prune_free(struct prune *p); /* NULL is fine */
/* The memory that pruning takes, the links included. */
double prune_bytes(size_t n, size_t most);

void links_release(struct links *l);

#endif
