/*
 * model_blocks - whether a model file holds what was written, block by block.
 *
 * A block is read when something in it is needed first: a few records are answered at
 * once, however large the file is.
 */
#ifndef MODEL_BLOCKS_H
#define MODEL_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct model_blocks {
	const char *data; /* from the first section on */
	size_t size;
	const uint64_t *sum; /* of each block */
	unsigned char *state;
};

/* How many there are in so many bytes. */
size_t model_blocks_in(size_t size);

/* data and sum are borrowed. */
void model_blocks_open(
    struct model_blocks *b, const char *data, size_t size, const uint64_t *sum);
void model_blocks_release(struct model_blocks *b);

/* Whether all blocks are right that these bytes, which lie in data, have a part in. Any
 * thread may ask. */
bool model_blocks_right(const struct model_blocks *b, const void *from, size_t size);

/* Read all of them now, on several threads. */
bool model_blocks_all_right(const struct model_blocks *b, size_t threads);

#endif
