/*
 * part_many - which parts a process is to do: as told, or as its cluster numbers it.
 */
#ifndef PART_MANY_H
#define PART_MANY_H

#include "part.h"

struct part_many {
	struct job *job;
	const struct plan *plan;
	size_t threads, tries;
	/* A number stands for every step-th part from there; 0: for that one. */
	size_t step;
	/* Told of each part that is done; may be NULL. */
	void (*done)(size_t part, const struct part_done *done);
	/* Told of each that is not. */
	void (*failed)(size_t part, const char *why);
	enum part_end worst;
};

/*
 * Parts that are named by a number; by -: numbers on stdin, one a line, before a tab on
 * it a key of Hadoop's; by NULL: the number that the environment gives to this process
 * among its like, PZ_PART, SLURM_ARRAY_TASK_ID, AWS_BATCH_JOB_ARRAY_INDEX,
 * JOB_COMPLETION_INDEX (Kubernetes) or mapreduce_task_partition (Hadoop). -1 and *why
 * (to be freed): one is no number, or there is none.
 */
int part_many_run(struct part_many *m, const char *named, char **why);

/* How the command exits. */
int part_many_status(const struct part_many *m);

#endif
