/*
 * truth - what should have been recommended: the lines that pz-split writes.
 *
 *	{"input":{"userId":"u1"},"items":["a","b","a"]}
 *	{"input":{"itemId":"a"},"users":["u1","u2"]}
 *
 * An input is what its members userId, itemId and itemAttributes say; others do not
 * matter. Of two lines with the same input the lists are joined. A line with an empty
 * list is an input that cannot be measured.
 */
#ifndef TRUTH_H
#define TRUTH_H

#include <stdint.h>

#include "idmap.h"
#include "json.h"

struct truth {
	bool of_users;      /* lists of users, not of items */
	size_t n;           /* inputs with something in their lists */
	size_t n_empty;     /* and without */
	struct idmap *keys; /* [n] input_key */
	uint64_t *input;    /* [n + 1]: texts[input[i] .. input[i + 1]), compact JSON */
	struct buf texts;
	struct idmap *ids; /* whatever is listed; recommended ones may join */
	uint64_t *start;   /* [n + 1]: id[start[i] .. start[i + 1]) */
	uint32_t *id;      /* distinct within an input, rising */
	uint32_t *times;   /* how often each is listed */
};

/* The lines of a file, "-" being stdin. -1 and *why (to be freed). */
int truth_read(struct truth *t, const char *path, char **why);
void truth_release(struct truth *t);

/* What two inputs have in common if they are the same. false: no such member. */
bool input_key(struct buf *key, const struct json_value *input);

#endif
