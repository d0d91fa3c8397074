/* model_blocks - whether a model file holds what was written, block by block. */
#include "model_blocks.h"

#include <stdlib.h>
#include <xxhash.h>

#include "model_file.h"
#include "threads.h"
#include "util.h"

enum { UNREAD, RIGHT, WRONG };

size_t
model_blocks_in(size_t size)
{
	return size / MODEL_BLOCK + (size % MODEL_BLOCK > 0);
}

void
model_blocks_open(
    struct model_blocks *b, const char *data, size_t size, const uint64_t *sum)
{
	*b = (struct model_blocks){ data, size, sum,
		xcalloc(model_blocks_in(size) + 1, sizeof *b->state) };
}

void
model_blocks_release(struct model_blocks *b)
{
	free(b->state);
}

/* Two threads that read a block at once find the same. */
static bool
is_right(const struct model_blocks *b, size_t i)
{
	unsigned char state = __atomic_load_n(&b->state[i], __ATOMIC_RELAXED);
	size_t from = i * MODEL_BLOCK, size = MIN((size_t)MODEL_BLOCK, b->size - from);

	if (state == UNREAD) {
		state = XXH3_64bits(b->data + from, size) == b->sum[i] ? RIGHT : WRONG;
		__atomic_store_n(&b->state[i], state, __ATOMIC_RELAXED);
	}
	return state == RIGHT;
}

bool
model_blocks_right(const struct model_blocks *b, const void *from, size_t size)
{
	size_t at = (size_t)((const char *)from - b->data);
	bool right = true;

	if (!size)
		return true;
	for (size_t i = at / MODEL_BLOCK; right && i * MODEL_BLOCK < at + size; i++)
		right = is_right(b, i);
	return right;
}

static void
read_block(void *context, size_t i, size_t thread)
{
	(void)thread;
	is_right(context, i);
}

bool
model_blocks_all_right(const struct model_blocks *b, size_t threads)
{
	threads_each(threads, model_blocks_in(b->size), read_block, (void *)b);
	return model_blocks_right(b, b->data, b->size);
}
