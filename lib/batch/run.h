/*
 * run - a job from its first part to its outputs, and what is said of it in the end.
 */
#ifndef RUN_H
#define RUN_H

#include "job_plan.h"

enum run_end {
	RUN_DONE,      /* ACTIVE */
	RUN_FAILED,    /* CREATE FAILED: the state says why */
	RUN_AGAIN,     /* the same, but a later try may do */
	RUN_STOPPED,   /* CREATE STOPPED */
	RUN_SUBMITTED, /* others go on */
};

/* All parts that are not done, then the outputs. The job is locked by the caller. */
enum run_end run_job(struct job *j, const struct plan *p);

/* The outputs alone, of parts that others did. The same. */
enum run_end run_merge(struct job *j, const struct plan *p);

#endif
