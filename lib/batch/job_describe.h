/*
 * job_describe - jobs as the service's Create, Describe and List calls tell of them.
 */
#ifndef JOB_DESCRIBE_H
#define JOB_DESCRIBE_H

#include "job.h"
#include "job_plan.h"

/*
 * The state as it is, not only as it was last written: a job whose process was killed
 * cannot say so itself. -1 and *why, to be freed.
 */
int job_state_now(const struct job *j, struct job_state *s, char **why);
bool job_state_is_final(const struct job_state *s);

/* {"batchInferenceJobArn":"..."}, as Create answers. */
void job_print_arn(struct buf *b, const struct job *j);

/* {"batchInferenceJob":{...}}, with what is ours in "pz". -1 and *why. */
int job_describe(struct buf *b, const struct job *j, char **why);

/* An element of the list. */
int job_summarize(struct buf *b, const struct job *j, char **why);

#endif
