/*
 * join - streams one after the other as one stream of whole lines.
 *
 * A byte order mark at a stream's start is dropped, and an LF is added to one that does
 * not end in it. All other bytes pass as they are.
 */
#ifndef JOIN_H
#define JOIN_H

#include <stdbool.h>
#include <stddef.h>

#include "stream.h"

enum { JOIN_BLOCK = 256 * 1024 };

struct join {
	int (*write)(void *context, const void *p, size_t len); /* -1 and errno */
	void *context;
	void (*moved)(void *context, const struct stream *in); /* often; may be NULL */
	void *moved_context;
	bool write_failed; /* after -1: else the stream says why */
	size_t used;       /* block[0..used) is not written yet */
	char block[JOIN_BLOCK];
};

/* at_once: what a pipe brings goes on as it comes, else in whole blocks. */
int join_add(struct join *j, struct stream *in, bool at_once);
int join_flush(struct join *j); /* behind the last one */

#endif
