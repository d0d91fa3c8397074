/*
 * job_create - from what is wanted to a job's directory, with all that can be found
 * wrong before its first record.
 */
#ifndef JOB_CREATE_H
#define JOB_CREATE_H

#include "job.h"
#include "job_plan.h"
#include "opt.h"

struct job_wish {
	struct job_request request; /* paths become absolute, defaults are filled in */
	const char *dataset;        /* pz-score -d */
	const char *now;            /* NULL: the clock */
	size_t filter_history;      /* 0: as usual */
	bool service_limits, reasons, scores, docs_format;
	size_t part_bytes, n_parts; /* 0: as usual */
	size_t at_once, threads;
	const char *scratch;  /* s3:// prefix, NULL: parts' outputs are files */
	const char *engine;   /* NULL: local */
	const char *sshlogin; /* parallel's, NULL: this machine */
	struct opt_list engine_options; /* words for the engine's own command */
	struct s3_options s3;
};

/* Put these rows into a command's option table; scratch is none of them. */
#define JOB_WISH_OPTIONS(w)                                                            \
	{ OPT_STRING, 'd', "dataset", &(w).dataset, "DATASET",                         \
		"what is newer than the model, as for pz-score" },                     \
	    { OPT_STRING, 0, "now", &(w).now, "TIME",                                  \
		    "what NOW() in filters is (the clock)" },                          \
	    { OPT_SIZE, 0, "filter-history", &(w).filter_history, "N",                 \
		    "as for pz-filter" },                                              \
	    { OPT_FLAG, 0, "service-limits", &(w).service_limits, NULL,                \
		    "refuse what the service would, and filter as it does" },          \
	    { OPT_FLAG, 0, "reasons", &(w).reasons, NULL, "as for pz-score" },         \
	    { OPT_FLAG, 0, "scores", &(w).scores, NULL, "as for pz-score" },           \
	    { OPT_FLAG, 0, "docs-format", &(w).docs_format, NULL, "as for pz-score" }, \
	    { OPT_SIZE, 0, "part-size", &(w).part_bytes, "N",                          \
		    "bytes of a part's input (4 MiB)" },                               \
	    { OPT_SIZE, 0, "parts", &(w).n_parts, "N",                                 \
		    "cut all input into about N parts" },                              \
	    { OPT_STRING, 0, "engine", &(w).engine, "NAME",                            \
		    "who runs the parts: local, parallel, slurm, none (local)" },      \
	    { OPT_SIZE, 'P', "at-once", &(w).at_once, "N", "parts at once (1)" },      \
	    { OPT_SIZE, 'j', "threads", &(w).threads, "N",                             \
		    "threads of each part (all cores)" },                              \
	    { OPT_STRING, 0, "sshlogin", &(w).sshlogin, "LIST",                        \
		    "parallel: the machines" },                                        \
	{                                                                              \
		OPT_LIST, 0, "engine-option", &(w).engine_options, "OPTION",           \
		    "given to parallel or sbatch; may be repeated"                     \
	}

/*
 * The job in memory, and its plan: names resolved, the filter checked, inputs listed
 * and cut. warnings has a line for each. NULL, *why to be freed and the exit status.
 */
struct job *job_prepare(
    struct job_wish *w, struct plan *p, struct buf *warnings, char **why, int *status);

/* Its directory in the folder of jobs, whole or not at all. -1 and *why. */
int job_put_down(struct job *j, const struct plan *p, const char *folder, char **why);

#endif
