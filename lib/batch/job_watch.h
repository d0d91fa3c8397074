/*
 * job_watch - to wait for a job that others run, and to stop it.
 */
#ifndef JOB_WATCH_H
#define JOB_WATCH_H

#include "job.h"

/*
 * How commands exit that were told of a job's end: 0, 1, or 3 with error records. *why
 * (to be freed) is what there is to say of it, NULL: nothing.
 */
int job_outcome(const struct job *j, char **why);

/* The same after its end, or 75 after so many seconds; 0: however long it takes. */
int job_wait(const struct job *j, size_t seconds, char **why);

/* Wherever it is run; returns when it is no more. -1 and *why (to be freed). */
int job_stop(const struct job *j, char **why);

/*
 * Wait until something came to the job's log behind *from, which moves on, or nothing
 * more will, which *over says. -1 and *why (to be freed).
 */
int job_watch_log(
    struct buf *b, const struct job *j, size_t *from, bool *over, char **why);

#endif
