/*
 * seen - the items a user has met, from their own history.
 */
#ifndef SEEN_H
#define SEEN_H

#include "wanted.h"

struct seen_item {
	uint32_t item;
	uint32_t times; /* interactions with it */
	uint32_t age;   /* 1: the one met last, 2: the one before, ... */
	float weight;   /* the most that one of them counts (wanted.h) */
};

struct seen; /* the working memory of one thread */

struct seen *seen_new(const struct catalog *c, const struct wanted *w);
void seen_free(struct seen *s); /* NULL is fine */

/*
 * The distinct items of a user's counting interactions, the newest `skip` of which
 * are left out; the last met first. Valid until the next call.
 */
size_t seen_of(
    struct seen *s, uint32_t user, size_t skip, const struct seen_item **items);

#endif
