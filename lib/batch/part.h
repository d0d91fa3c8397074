/*
 * part - one part of a job: its bytes through the pipe, whole or not at all.
 *
 * The contract for whoever runs parts, pz-job(7): any part, anywhere that sees the
 * directory, in any order, again, twice at once; nothing is there before it is whole,
 * and what is there twice is the same.
 *
 *	parts/N.out     the records (or an object: part_store.h)
 *	parts/N.errors  of them that carry an error: line number, tab, record
 *	parts/N.done    how many there are of both, and a checksum: the part is done
 *	parts/N.failed  why the last try failed
 *	parts/N.log     what the commands said
 */
#ifndef PART_H
#define PART_H

#include "job_plan.h"

struct part_done {
	size_t records, errors;
	uint64_t bytes, hash; /* of the output: XXH3, 64 bits */
	double seconds;
};

enum part_end {
	PART_DONE,
	PART_AGAIN,
	PART_FAILED,
	PART_STOPPED, /* by a signal: interrupt_die() is what is left */
};

/*
 * Do it, unless it is done. Faults that may pass are tried again: tries in all. *why,
 * to be freed, if it is not PART_DONE; it is in N.failed too.
 */
enum part_end part_run(struct job *j, const struct plan *p, size_t part, size_t threads,
    size_t tries, struct part_done *done, char **why);

/* Whether N.done is there. */
bool part_read(const struct job *j, size_t part, struct part_done *done);
void part_forget(const struct job *j, size_t part);
/* A failure that the part could not tell itself. */
void part_blame(const struct job *j, size_t part, const char *why);
/* Why it failed, to be freed; NULL: not told. */
char *part_failure(const struct job *j, size_t part);
void part_print(struct buf *b, size_t part, const struct part_done *done);

#endif
