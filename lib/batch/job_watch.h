/*
 * job_watch - to wait for a job that others run, and to stop it.
 */
#ifndef JOB_WATCH_H
#define JOB_WATCH_H

#include "job.h"

/* Until its end, which *over says, or for so many seconds; 0: however long it takes.
 * -1 and *why (to be freed). */
int job_wait(const struct job *j, double seconds, bool *over, char **why);

/* Wherever it is run; returns when it is no more. -1 and *why (to be freed). */
int job_stop(const struct job *j, char **why);

#endif
