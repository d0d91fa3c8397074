/*
 * job_check - whether a job's model and filter are what it needs, before it begins.
 */
#ifndef JOB_CHECK_H
#define JOB_CHECK_H

#include "job.h"

/* Opens the model, and sets whether the job is for segments and how many lines a file
 * of it may have at the service, 0: any. -1 and *why, to be freed. */
int job_check_model(const char *path, struct job *j, size_t *most_lines, char **why);

/* pz-filter --check, and what it says. -1 and *why. */
int job_check_filter(const char *expression, const char *model, char **why);

#endif
