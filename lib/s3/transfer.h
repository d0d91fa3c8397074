/*
 * transfer - streams and files to their targets: counted, compressed, all or nothing.
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
	/* Told of more bytes that are through, by any thread; may be NULL. */
	void (*moved)(void *context, uint64_t bytes);
	void *context;
};

struct transfer_job {
	char *from; /* a path; NULL: stdin */
	struct location to;
};

/*
 * Objects are made by several threads at once, files one after the other; the first
 * failure ends it. -1 and an error: then nothing is left of what it tells of, and
 * other jobs are done or not begun. If the targets are objects, signals are noted only,
 * as interrupt.h says; one that came is an error that is stopped.
 */
int transfer_all(const struct transfer *t, const struct transfer_job *jobs, size_t n,
    struct s3_error *e);

/* Whether no two have the same target. -1 and *why, to be freed. */
int transfer_check(const struct transfer_job *jobs, size_t n, char **why);

/* What transfer_all would do, a JSON line for a job. -1 and an error. */
int transfer_print(struct buf *b, const struct transfer *t,
    const struct transfer_job *job, struct s3_error *e);

#endif
