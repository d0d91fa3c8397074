/*
 * engine - who runs the parts of a job, and where.
 */
#ifndef ENGINE_H
#define ENGINE_H

#include "job_plan.h"
#include "progress.h"

/* Parts that are still to do. */
struct pending {
	size_t *parts;
	size_t n;
};

enum engine_end {
	ENGINE_RAN,       /* every part was tried; each says how it went */
	ENGINE_SUBMITTED, /* others run them, and then pz-batch merge */
	ENGINE_STOPPED,   /* on request, or by a signal: interrupted says which */
	ENGINE_FAILED,    /* it could not run them: *why, to be freed */
};

struct engine {
	const char *name;
	enum engine_end (*run)(struct job *j, const struct plan *p,
	    const struct pending *pending, struct progress *progress, char **why);
	/* Of one that submits. What is known of the work: JOB_PENDING, JOB_IN_PROGRESS,
	 * NULL: it is gone, and *why, to be freed, says how. */
	const char *(*status)(const struct job *j, char **why);
	int (*stop)(const struct job *j, char **why);
};

/* NULL: there is no such engine. */
const struct engine *engine_find(const char *name);

extern const struct engine engine_local, engine_parallel, engine_slurm, engine_none;

/*
 * For engines: what they have in common. Signals that end a command are kept from it
 * between begin and end, and looked for by wait.
 */
void engine_signals_begin(void);
void engine_signals_end(void);
/* Up to this time, or until a child ends. Whether it is to stop. */
bool engine_wait(const struct job *j, double seconds);
int engine_signal(void); /* the one that came, 0: none */

/* Start words[0] with the signals of before, ended with this process; -1 and errno. */
pid_t engine_spawn(char *const words[], int in, int out);
/* This program, as another process is to call it; to be freed. */
char *engine_self(void);

/* How many of the parts are done. */
size_t engine_count_done(const struct job *j, const struct pending *pending);

#endif
