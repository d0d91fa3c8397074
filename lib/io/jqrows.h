/*
 * jqrows - the rows for which a jq program holds, in a process of its own.
 *
 * A program may come from anywhere, and libjq 1.6 aborts on some, loops for ever on
 * others and can read the environment. So a child runs it, without environment and
 * output, with limits on time and memory; whatever becomes of it, the caller goes on.
 */
#ifndef JQROWS_H
#define JQROWS_H

#include <stddef.h>
#include <stdint.h>

#include "util.h"

struct jqrows {
	struct span program; /* no NUL in it */
	int64_t now;         /* what jq's now is */
	size_t n;            /* rows; 0: only see whether the program compiles */
	void (*row)(void *context, size_t number, struct buf *json);
	void *context;
};

/*
 * Bit i of set, of bitset_words(n) words, says whether any result for row i is neither
 * false nor null; a row for which the program fails has none, and is counted in
 * *failed. -1 and *why (one line, to be freed).
 */
int jqrows_run(const struct jqrows *q, uint64_t *set, size_t *failed, char **why);

#endif
