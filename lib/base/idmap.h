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

#endif
