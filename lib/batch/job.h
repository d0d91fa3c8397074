/*
 * job - the directory of a job: what was asked, how far it is, who works on it.
 *
 *	job.json      what was asked and how it is done; written once
 *	plan.jsonl    the inputs and where they are cut, a line each (job_plan.h)
 *	state.json    the status
 *	lock          held by who runs it
 *	stop          is there once someone asked to stop
 *	log           what happened
 *	parts/N.*     of each part: its output, errors, what became of it (part.h)
 *	objects/N.*   of each output: begun, done (merge.h)
 *	summary.json, errors.jsonl   in the end
 */
#ifndef JOB_H
#define JOB_H

#include <stdbool.h>
#include <stddef.h>

#include "job_request.h"
#include "job_stages.h"
#include "s3_options.h"

/* The service's words, and two for a stop, which it has for other things. */
#define JOB_PENDING "CREATE PENDING"
#define JOB_IN_PROGRESS "CREATE IN_PROGRESS"
#define JOB_ACTIVE "ACTIVE"
#define JOB_FAILED "CREATE FAILED"
#define JOB_STOPPED "CREATE STOPPED"

struct job {
	char *dir; /* from the root on */
	struct job_request request;
	struct job_stages stages;
	bool segment;         /* users for items: a batch segment job */
	double created;       /* seconds since 1970 */
	struct s3_options s3; /* texts belong to the job */
	char *scratch;  /* parts' outputs are objects that begin so; NULL: files */
	char *engine;   /* engine.h */
	size_t at_once; /* parts, 0: as the engine has it */
	size_t threads; /* of each, 0: all cores of its machine */
	size_t n_words; /* what the engine's own command is given */
	char **words;
	int lock; /* descriptor while it is ours, else -1 */
};

struct job_state {
	char *status; /* to be freed, as reason */
	char *reason; /* NULL: none */
	double updated;
	size_t records, errors;
	double seconds; /* from begin to end */
};

/* Where jobs are: as given, or NULL: PZ_JOBS, or pz-jobs. Borrowed. */
const char *job_folder(const char *given);
/* The directory of a job that is named, or given as a path, or by ARN; to be freed. */
char *job_find(const char *folder, const char *named);
const char *job_name(const struct job *j);
/* To be freed. */
char *job_arn(const struct job *j);
char *job_path(const struct job *j, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

struct job *job_open(const char *dir, char **why); /* NULL and *why, to be freed */
void job_free(struct job *j);                      /* NULL is fine */
int job_save(const struct job *j, char **why);     /* job.json */

int job_state_read(const struct job *j, struct job_state *s, char **why);
int job_state_write(const struct job *j, const struct job_state *s);
void job_state_set(struct job_state *s, const char *status, const char *reason);
void job_state_release(struct job_state *s);

/* Take the lock: 0; 1 another has it; -1 and errno. */
int job_lock(struct job *j);
bool job_is_run(const struct job *j); /* someone else has it */
void job_unlock(struct job *j);

bool job_stop_asked(const struct job *j);
int job_ask_stop(const struct job *j);
void job_forget_stop(const struct job *j);

/* A line with the time goes to the log. */
void job_log(const struct job *j, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
