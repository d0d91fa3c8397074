/*
 * split_write - a split as a dataset to train on and truth lines to compare with.
 *
 *	{"input":{"userId":"u1"},"items":["a","b","a"]}
 *	{"input":{"itemId":"a"},"users":["u1","u2"]}
 *	{"input":{"itemAttributes":"ITEMS.GENRE = \"Crime\""},"users":["u1"]}
 *
 * Lines are in the bytewise order of what they ask for. A user's items stand in the
 * order of their interactions, oldest first, repeats kept; users in that of their IDs.
 */
#ifndef SPLIT_WRITE_H
#define SPLIT_WRITE_H

#include "split.h"

/*
 * A new dataset at path: the schemas, items and users of d, and the interactions in
 * places up to `last`. -1 and *why (to be freed).
 */
int split_write_dataset(const struct split *s, const struct dataset *d,
    enum split_place last, const char *path, char **why);

/* What asks for users: items (n_columns is 0), or values of columns of the items. */
struct split_queries {
	const struct dataset *dataset;
	const char *const *columns;
	size_t n_columns;
};

struct truth_lines {
	struct buf truth, input; /* the lines, and what they ask for alone */
	size_t n;
};

void split_truth_of_users(
    const struct split *s, enum split_place place, struct truth_lines *out);
int split_truth_of_items(const struct split *s, enum split_place place,
    const struct split_queries *q, struct truth_lines *out, char **why);
void truth_lines_release(struct truth_lines *t);

#endif
