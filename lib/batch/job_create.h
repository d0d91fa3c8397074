/*
 * job_create - from what is wanted to a job's directory, with all that can be found
 * wrong before its first record.
 */
#ifndef JOB_CREATE_H
#define JOB_CREATE_H

#include "job.h"
#include "job_plan.h"

struct job_wish {
	struct job_request request; /* paths become absolute, defaults are filled in */
	const char *dataset;        /* pz-score -d */
	const char *now;            /* NULL: the clock */
	size_t filter_history;      /* 0: as usual */
	bool service_limits, reasons, scores, docs_format;
	size_t part_bytes, n_parts; /* 0: as usual */
	size_t at_once, threads;
	const char *scratch; /* s3:// prefix, NULL: parts' outputs are files */
	const char *engine;
	size_t n_words;
	const char **words;
	struct s3_options s3;
};

/*
 * The job in memory, and its plan: names resolved, the filter checked, inputs listed
 * and cut. warnings has a line for each. NULL, *why to be freed and the exit status.
 */
struct job *job_prepare(
    struct job_wish *w, struct plan *p, struct buf *warnings, char **why, int *status);

/* Its directory in the folder of jobs, whole or not at all. -1 and *why. */
int job_put_down(struct job *j, const struct plan *p, const char *folder, char **why);

#endif
