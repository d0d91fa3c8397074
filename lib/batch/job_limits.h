/*
 * job_limits - what of a job is beyond the service's limits.
 */
#ifndef JOB_LIMITS_H
#define JOB_LIMITS_H

#include "job_plan.h"

/*
 * Append a line for each. most_lines: of a file, as its recipe has it; 0: as of other
 * jobs. -1 and an error if an input cannot be read.
 */
int job_limits(struct buf *b, const struct plan *p, const struct job_request *r,
    size_t most_lines, struct s3_options *s3, struct s3_error *e);

#endif
