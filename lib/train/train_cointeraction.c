/*
 * train_cointeraction - who met what, without the users and items that say little.
 *
 * Users with few or very many items and items with few or very many users are left out,
 * by percentiles of those who have any. The rest is counted when items are asked for
 * (cointeraction.h).
 */
#include <stdlib.h>

#include "training.h"

int
train_cointeraction(
    struct model *m, const struct training *t, struct buf *meta, char **why)
{
	const struct pair *all = t->pair;
	struct pair kept;
	bool *users = matrix_between(&all->by_user,
	    training_hyper(t, "min_user_history_length_percentile"),
	    training_hyper(t, "max_user_history_length_percentile"));
	bool *items = matrix_between(&all->by_item,
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
