/*
 * job_shell - the pipelines that do what a job does, for a shell.
 */
#ifndef JOB_SHELL_H
#define JOB_SHELL_H

#include "job_plan.h"

/* A line for the probe, then one for each input. */
void job_print_shell(struct buf *b, const struct job *j, const struct plan *p);

#endif
