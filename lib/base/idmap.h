/*
 * idmap - byte strings to dense numbers in order of arrival, and back.
 *
 * An empty string is an ID too. More IDs than uint32_t holds end the process, as
 * want of memory does.
 */
#ifndef IDMAP_H
#define IDMAP_H

#include <stddef.h>
#include <stdint.h>

#include "util.h"

#define IDMAP_NONE UINT32_MAX

struct idmap;

struct idmap *idmap_new(void);
void idmap_free(struct idmap *m);
uint32_t idmap_add(struct idmap *m, struct span id);        /* old or new number */
uint32_t idmap_find(const struct idmap *m, struct span id); /* or IDMAP_NONE */
size_t idmap_count(const struct idmap *m);
struct span idmap_get(const struct idmap *m, uint32_t number); /* until the next add */

/*
 * For many at a time: the hash, which any thread may find, then idmap_add_hashed. What
 * that will look at is fetched by idmap_expect and, a few IDs later, by
 * idmap_expect_text.
 */
uint32_t idmap_hash(struct span id);
uint32_t idmap_add_hashed(struct idmap *m, struct span id, uint32_t hash);
void idmap_expect(const struct idmap *m, uint32_t hash);
void idmap_expect_text(const struct idmap *m, uint32_t hash);

#endif
