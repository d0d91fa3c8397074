/* engine - who runs the parts of a job, and where. */
#include "engine.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "part.h"
#include "pipes.h"

static const struct engine *const engines[] = { &engine_local, &engine_parallel,
	&engine_slurm, &engine_none };

const struct engine *
engine_find(const char *name)
{
	for (size_t i = 0; i < LENGTH(engines); i++)
		if (!strcmp(engines[i]->name, name))
			return engines[i];
	return NULL;
}

static sigset_t before;
static int came;

static void
watched(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGCHLD);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGHUP);
	sigaddset(set, SIGQUIT);
}

void
engine_signals_begin(void)
{
	sigset_t set;

	watched(&set);
	sigprocmask(SIG_BLOCK, &set, &before);
}

void
engine_signals_end(void)
{
	sigprocmask(SIG_SETMASK, &before, NULL);
}

bool
engine_wait(const struct job *j, double seconds)
{
	struct timespec most = { (time_t)seconds,
		(long)((seconds - (double)(time_t)seconds) * 1e9) };
	sigset_t set;
	int sig;

	watched(&set);
	sig = sigtimedwait(&set, NULL, &most);
	if (sig > 0 && sig != SIGCHLD)
		came = sig;
	return came || job_stop_asked(j);
}

int
engine_signal(void)
{
	return came;
}

pid_t
engine_spawn(char *const words[], int in, int out)
{
	pid_t parent = getpid(), pid = fork();

	if (pid)
		return pid;
	pipes_end_with_parent(parent, SIGTERM);
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (dup2(in, 0) < 0 || dup2(out, 1) < 0)
		_exit(127);
	execvp(words[0], words);
	dprintf(2, "%s: %s\n", words[0], strerror(errno));
	_exit(127);
}

char *
engine_self(void)
{
	const char *folder = pipes_own_folder();

	return folder ? xasprintf("%s/pz-batch", folder) : xstrdup("pz-batch");
}

size_t
engine_count_done(const struct job *j, const struct pending *pending)
{
	struct part_done done;
	size_t n = 0;

	for (size_t i = 0; i < pending->n; i++)
		n += part_read(j, pending->parts[i], &done);
	return n;
}

static enum engine_end
run_none(struct job *j, const struct plan *p, const struct pending *pending,
    struct progress *progress, char **why)
{
	(void)j;
	(void)p;
	(void)pending;
	(void)progress;
	(void)why;
	return ENGINE_SUBMITTED;
}

/* Nobody tells how far others are but by what they have done. */
static const char *
status_none(const struct job *j, char **why)
{
	char *path = job_path(j, "parts");
	DIR *dir = opendir(path);
	bool begun = false;
	struct dirent *d;

	(void)why;
	while (dir && !begun && (d = readdir(dir)))
		begun = *d->d_name != '.';
	if (dir)
		closedir(dir);
	free(path);
	return begun ? JOB_IN_PROGRESS : JOB_PENDING;
}

static int
stop_none(const struct job *j, char **why)
{
	(void)j;
	(void)why;
	return 0;
}

const struct engine engine_none = { "none", run_none, status_none, stop_none };
