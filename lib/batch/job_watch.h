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

/*
 * What came to the job's log behind *from, which moves on; *over is whether nothing
 * more will. -1 and *why (to be freed).
 */
int job_watch_log(
    struct buf *b, const struct job *j, size_t *from, bool *over, char **why);

/* How commands exit that were told of a job's end: 0, 1, or 3 with error records. */
int job_exit_status(const struct job_state *s);

/*
 * Go on with another engine (NULL: the same) and other numbers (0: the same), which are
 * written down. -1 and *why (to be freed).
 */
int job_change(
    struct job *j, const char *engine, size_t at_once, size_t threads, char **why);

#endif
