/*
 * train_cointeraction - who met what, without the users and items that say little.
 *
 * Users with few or very many items and items with few or very many users are left out,
 * by percentiles of those who have any. The rest is counted when items are asked for
 * (cointeraction.h).
 */
#include <stdlib.h>

#include "training.h"

static int
by_count(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* The rows whose counts lie between two percentiles of the counts above 0. */
static bool *
rows_between(const struct matrix *m, double least, double most)
{
	uint64_t *counts = xcalloc(m->n_rows, sizeof *counts), low, high;
	bool *kept = xcalloc(m->n_rows, sizeof *kept);
	size_t n = 0;

	for (size_t r = 0; r < m->n_rows; r++)
		if (row_count(m, r))
			counts[n++] = row_count(m, r);
	qsort(counts, n, sizeof *counts, by_count);
	low = n ? counts[(size_t)(least * (double)(n - 1))] : 0;
	high = n ? counts[(size_t)(most * (double)(n - 1) + 0.5)] : 0;
	for (size_t r = 0; r < m->n_rows; r++)
		kept[r] = row_count(m, r) >= low && row_count(m, r) <= high;
	free(counts);
	return kept;
}

/* A matrix without some of its rows and columns, the numbers as before. */
static void
matrix_keep(
    struct matrix *to, const struct matrix *from, const bool *rows, const bool *cols)
{
	uint64_t n = 0;

	*to = (struct matrix){ from->n_rows, from->n_cols,
		xcalloc(from->n_rows + 1, sizeof *to->row),
		xcalloc(from->row[from->n_rows], sizeof *to->col) };
	for (size_t r = 0; r < from->n_rows; r++) {
		for (uint64_t i = from->row[r]; rows[r] && i < from->row[r + 1]; i++)
			if (cols[from->col[i]])
				to->col[n++] = from->col[i];
		to->row[r + 1] = n;
	}
}

int
train_cointeraction(
    struct model *m, const struct training *t, struct buf *meta, char **why)
{
	const struct pair *all = t->pair;
	struct pair kept;
	bool *users = rows_between(&all->by_user,
	    training_hyper(t, "min_user_history_length_percentile"),
	    training_hyper(t, "max_user_history_length_percentile"));
	bool *items = rows_between(&all->by_item,
	    training_hyper(t, "min_item_interaction_count_percentile"),
	    training_hyper(t, "max_item_interaction_count_percentile"));

	(void)why; /* nothing can go wrong */
	matrix_keep(&kept.by_user, &all->by_user, users, items);
	matrix_transpose(&kept.by_item, &kept.by_user);
	buf_addf(meta, ",\"pairs\":%llu",
	    (unsigned long long)kept.by_user.row[kept.by_user.n_rows]);
	m->pairs = (struct pairs){
		all->by_user.n_rows,
		all->by_item.n_rows,
		catalog_own(&m->catalog, kept.by_user.row),
		catalog_own(&m->catalog, kept.by_user.col),
		catalog_own(&m->catalog, kept.by_item.row),
		catalog_own(&m->catalog, kept.by_item.col),
	};
	free(users);
	free(items);
	return 0;
}
