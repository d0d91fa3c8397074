/*
 * pipes - commands joined by pipes, as a shell joins them, each one's end looked at.
 */
#ifndef PIPES_H
#define PIPES_H

#include <stdbool.h>
#include <sys/types.h>

#include "job_stages.h"

struct pipes {
	const struct job_stages *stages;
	pid_t *pids; /* [stages->n] */
	int in, out; /* to the first, from the last; closed by who uses them */
};

/*
 * Commands are looked for beside this program, then in PATH. They write their messages
 * to the descriptor log, and are killed when this process ends. threads, if it is not
 * 0, goes to pz-score as -j. -1 and errno.
 */
int pipes_start(
    struct pipes *p, const struct job_stages *stages, size_t threads, int log);

enum pipes_end {
	PIPES_FINE,   /* all exited with 0 or 3 */
	PIPES_AGAIN,  /* one with 75, or by a signal */
	PIPES_FAILED, /* one with anything else */
};

/* Wait for all of them; *what says of the first that failed how, to be freed. */
enum pipes_end pipes_wait(struct pipes *p, char **what);
void pipes_kill(struct pipes *p);

/*
 * All at once, for tools: with this little input, their output to out. NULL, or what
 * they said when one failed, or how it did; to be freed.
 */
char *pipes_capture(
    const struct job_stages *stages, const char *input, struct buf *out);

/* The folder of this program, NULL if it is not known; borrowed. */
const char *pipes_own_folder(void);

/* "was killed by SIGKILL", "exited with 1"; to be freed. */
char *pipes_explain(int status);

/* In a child before exec: it ends with its parent, by this signal. */
void pipes_end_with_parent(pid_t parent, int sig);

#endif
