/*
 * background - what is known without any model: the catalogue, who met what, and
 * whom one would name without thinking.
 */
#ifndef BACKGROUND_H
#define BACKGROUND_H

#include "json.h"
#include "popularity.h"

struct background {
	const struct catalog *catalog; /* borrowed */
	struct popularity popularity;
	size_t n_users;   /* with interactions */
	uint64_t n_pairs; /* distinct users and items among them */
};

void background_init(
    struct background *b, const struct catalog *c, const struct wanted *w);
void background_release(struct background *b);

/* Users met the item with this share of them, at least one of them: log2 of 1 / it. */
double background_surprise(const struct background *b, uint32_t item); /* NONE: too */

/*
 * Audiences for segments to beat: the users with the most interactions, and those
 * with the most with the items that an input asks for, ties by all interactions and
 * then by ID.
 */
struct audience; /* the working memory */

struct audience *audience_new(const struct background *b);
void audience_free(struct audience *a);
/* The first k, best first; borrowed until the next call. How many. */
size_t audience_active(const struct audience *a, size_t k, const uint32_t **users);
/* None if the input asks for nothing that the catalogue has. */
size_t audience_interested(struct audience *a, const struct json_value *input, size_t k,
    const uint32_t **users);

#endif
