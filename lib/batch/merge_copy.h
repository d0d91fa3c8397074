/*
 * merge_copy - an output that S3 puts together from parts that lie there already.
 */
#ifndef MERGE_COPY_H
#define MERGE_COPY_H

#include "job_plan.h"

/* Whether the service's limits on copied parts allow it: sizes, and their number. */
bool merge_copy_can(const struct job *j, const struct plan_object *o);

/* All of it, or nothing. -1 and an error. */
int merge_copy(struct job *j, const struct plan_object *o, struct s3_error *e);

#endif
