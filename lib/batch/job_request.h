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

#include "opt.h"
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

/* Put these rows into a command's option table. */
#define JOB_REQUEST_OPTIONS(fields)                                                    \
	{ OPT_STRING, 0, "name", &(fields)[JOB_NAME], "NAME", "jobName" },             \
	    { OPT_STRING, 'm', "model", &(fields)[JOB_SOLUTION], "MODEL",              \
		    "solutionVersionArn: a model's file or name" },                    \
	    { OPT_STRING, 0, "filter", &(fields)[JOB_FILTER], "FILTER",                \
		    "filterArn: an expression, its file or its name" },                \
	    { OPT_STRING, 'n', "num-results", &(fields)[JOB_RESULTS], "N",             \
		    "numResults: items or users per record (25)" },                    \
	    { OPT_STRING, 0, "input", &(fields)[JOB_INPUT], "PATH",                    \
		    "jobInput: files or objects that begin so" },                      \
	    { OPT_STRING, 0, "input-kms-key", &(fields)[JOB_INPUT_KEY], "ARN",         \
		    "its kmsKeyArn" },                                                 \
	    { OPT_STRING, 0, "output", &(fields)[JOB_OUTPUT], "FOLDER", "jobOutput" }, \
	    { OPT_STRING, 0, "output-kms-key", &(fields)[JOB_OUTPUT_KEY], "ARN",       \
		    "its kmsKeyArn" },                                                 \
	    { OPT_STRING, 0, "role", &(fields)[JOB_ROLE], "ARN",                       \
		    "roleArn: told again, else of no effect" },                        \
	    { OPT_STRING, 0, "exploration-weight", &(fields)[JOB_EXPLORATION], "X",    \
		    "explorationWeight, 0 to 1" },                                     \
	    { OPT_STRING, 0, "exploration-item-age-cut-off",                           \
		    &(fields)[JOB_AGE_CUT_OFF], "DAYS", "explorationItemAgeCutOff" },  \
	    { OPT_STRING, 0, "popularity", &(fields)[JOB_POPULARITY], "X",             \
		    "rankingInfluence of POPULARITY, 0 to 1" },                        \
	    { OPT_STRING, 0, "freshness", &(fields)[JOB_FRESHNESS], "X",               \
		    "rankingInfluence of FRESHNESS, 0 to 1" },                         \
	{                                                                              \
		OPT_STRING, 0, "themes", &(fields)[JOB_THEME_NAME], "COLUMN",          \
		    "THEME_GENERATION; items' names are in COLUMN"                     \
	}

/* Members that the service does not have are errors. -1 and *why, to be freed. */
int job_request_parse(struct job_request *r, struct span text, char **why);
/*
 * What a file says ("-": stdin, NULL: there is none), and what is given instead of it.
 * 0, or how the command exits and *why, to be freed.
 */
int job_request_read(struct job_request *r, const char *path,
    const char *const given[JOB_FIELDS], char **why);
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
