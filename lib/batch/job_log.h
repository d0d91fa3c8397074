/*
 * job_log - what a job and its parts said.
 */
#ifndef JOB_LOG_H
#define JOB_LOG_H

#include "job.h"

/* What came to the job's log behind *from, which moves on. -1 and errno. */
int job_log_more(struct buf *b, const struct job *j, size_t *from);

/* What the commands of all parts said, each line behind its part's number. */
void job_log_parts(struct buf *b, const struct job *j);

#endif
