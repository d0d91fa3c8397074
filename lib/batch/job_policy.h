/*
 * job_policy - the permissions that a job needs of AWS, as an IAM policy.
 */
#ifndef JOB_POLICY_H
#define JOB_POLICY_H

#include "job_request.h"

/* Append the policy document. What is not in S3 needs none. scratch may be NULL. */
void job_policy_print(struct buf *b, const struct job_request *r, const char *scratch);

#endif
