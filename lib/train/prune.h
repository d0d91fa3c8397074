/*
 * prune - of a dense matrix of item-item weights the greatest, whatever their sign.
 *
 * The greatest of the whole matrix, not of each column: popular items then keep the
 * many links that recommend them, which costs nothing on Gowalla where 500 a column
 * cost .010 of .182 Recall@20. Rows come in blocks, so that the matrix need not be
 * there at once.
 */
#ifndef PRUNE_H
#define PRUNE_H

#include "model.h"

struct prune;

/*
 * Of n rows and columns, n * most weights. What an item says for itself and zeros are
 * left out; of equally great weights those of smaller rows, then columns, are kept.
 */
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
