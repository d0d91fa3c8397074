/*
 * job_request - what a job is asked to do: the service's CreateBatchInferenceJob and
 * CreateBatchSegmentJob, member by member.
 *
 * Names, their nesting and what they may hold are those of the service's API as
 * botocore states it.
 */
#ifndef JOB_REQUEST_H
#define JOB_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "util.h"

enum job_field {
	JOB_NAME,
	JOB_SOLUTION,
	JOB_FILTER,
	JOB_RESULTS,
	JOB_INPUT,
	JOB_INPUT_KEY,
	JOB_OUTPUT,
	JOB_OUTPUT_KEY,
	JOB_EXPLORATION,
	JOB_AGE_CUT_OFF,
	JOB_POPULARITY,
	JOB_FRESHNESS,
	JOB_ROLE,
	JOB_MODE,
	JOB_THEME_NAME,
	JOB_FIELDS,
};

/* Texts, numbers as they were written; NULL: not given. All to be freed. */
struct job_request {
	char *field[JOB_FIELDS];
};

/* Members that the service does not have are errors. -1 and *why, to be freed. */
int job_request_parse(struct job_request *r, struct span text, char **why);
/* Whether all is there and within its range. -1 and *why, to be freed. */
int job_request_check(const struct job_request *r, char **why);
/* Replaces what was there. */
void job_request_set(struct job_request *r, enum job_field field, const char *text);
size_t job_request_results(const struct job_request *r); /* 25 if not given */
bool job_request_themes(const struct job_request *r);
/* A member that only jobs for recommendations have, NULL: none is given. */
const char *job_request_inference_only(const struct job_request *r);
/* Appends the members, with a comma before the first. */
void job_request_print(struct buf *b, const struct job_request *r);
void job_request_release(struct job_request *r);

#endif
