/*
 * job_go - a job goes on from where it is: to its end, or in the background.
 *
 * These return how the command exits that did it; less than 0, the signal of that
 * number ended the work. *why (to be freed) is what there is to say, NULL: nothing.
 */
#ifndef JOB_GO_H
#define JOB_GO_H

#include "job_plan.h"

struct job_go {
	bool detach;    /* another process goes on, and this one returns */
	size_t timeout; /* seconds to wait for those who run it elsewhere, 0: any */
	/* Of job_resume, written down: in place of what the job has, 0 and NULL: the
	 * same. */
	const char *engine; /* one that there is */
	size_t at_once, threads;
};

int job_go(struct job *j, const struct plan *p, const struct job_go *how, char **why);

/* The same, but nothing of a job that is done already, or that others run. */
int job_resume(struct job *j, const struct job_go *how, char **why);

/* Only the outputs, of parts that others did. */
int job_merge(struct job *j, char **why);

#endif
