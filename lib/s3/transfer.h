/*
 * transfer - a stream or a file to its target: counted, compressed, all or nothing.
 */
#ifndef TRANSFER_H
#define TRANSFER_H

#include "compress.h"
#include "target.h"

struct transfer {
	struct target_options to;
	enum compression compression;
	int level;    /* of it, 0: the usual one */
	size_t lines; /* that must come, SIZE_MAX: any number */
	/* Called often, from any thread; may be NULL. */
	void (*moved)(void *context, size_t bytes);
	void *context;
};

/*
 * All of fd, which stays open; from is its name for messages. -1 and an error: then
 * nothing is left of it. Once the target is an object, signals are noted only, as
 * interrupt.h says; one that came is an error that is stopped.
 */
int transfer_run(const struct transfer *t, int fd, const char *from,
    const struct location *to, struct s3_error *e);

#endif
