/*
 * part_many - which parts a process is to do: as told, or as its cluster numbers it.
 */
#ifndef PART_MANY_H
#define PART_MANY_H

#include <stdio.h>

#include "part.h"

/*
 * The number that the environment gives to this process among its like: PZ_PART,
 * SLURM_ARRAY_TASK_ID, AWS_BATCH_JOB_ARRAY_INDEX, JOB_COMPLETION_INDEX (Kubernetes),
 * mapreduce_task_partition (Hadoop). *name is the one that was set. -1: none, or it is
 * no number.
 */
int part_from_environment(size_t *number, const char **name);

struct part_many {
	struct job *job;
	const struct plan *plan;
	size_t threads, tries;
	/* Told of each part that is done; may be NULL. */
	void (*done)(size_t part, const struct part_done *done);
	/* Told of each that is not. */
	void (*failed)(size_t part, const char *why);
	enum part_end worst;
};

/* Parts first, first + step, ... to the last; step 0: first alone. */
void part_many_run(struct part_many *m, size_t first, size_t step);

/*
 * Numbers, one a line; what is before a tab on it is a key of Hadoop's. -1 and *why (to
 * be freed): a line is none.
 */
int part_many_listed(struct part_many *m, FILE *list, char **why);

#endif
