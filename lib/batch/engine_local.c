/* engine_local - the parts of a job as processes of this machine. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine.h"
#include "part.h"
#include "pipes.h"
#include "threads.h"

enum {
	KILLED_MOST = 3, /* times that a part is begun, if something kills it */
	STATUS_OWN =
	    127, /* exit statuses of a part below this one it explains itself */
};

static const double LOOK_SECONDS = 0.2, TERM_SECONDS = 5;

struct slot {
	pid_t pid; /* 0: free */
	size_t at; /* in pending */
};

struct local {
	struct job *job;
	const struct pending *pending;
	struct slot *slots;
	size_t n_slots, n_running;
	size_t *queue; /* a ring of places in pending that are to be begun */
	size_t head, queued;
	unsigned char *killed; /* [pending->n] times */
	size_t ended;
	char threads[24];
};

static void
enqueue(struct local *l, size_t at)
{
	l->queue[(l->head + l->queued++) % l->pending->n] = at;
}

static size_t
dequeue(struct local *l)
{
	size_t at = l->queue[l->head];

	l->head = (l->head + 1) % l->pending->n;
	l->queued--;
	return at;
}

static pid_t
begin(struct local *l, size_t at)
{
	char number[24], *self = engine_self();
	char *words[] = { self, (char *)"part", l->job->dir, number, (char *)"-j",
		l->threads, (char *)"--quiet", NULL };
	pid_t pid;

	snprintf(number, sizeof number, "%zu", l->pending->parts[at]);
	pid = engine_spawn(words, 0, 1);
	free(self);
	return pid;
}

/* Each free slot gets a part. */
static void
fill(struct local *l)
{
	for (size_t i = 0; i < l->n_slots && l->queued; i++) {
		struct slot *s = &l->slots[i];

		if (s->pid)
			continue;
		s->at = dequeue(l);
		s->pid = begin(l, s->at);
		if (s->pid > 0) {
			l->n_running++;
			continue;
		}
		s->pid = 0;
		part_blame(l->job, l->pending->parts[s->at], strerror(errno));
		l->ended++;
	}
}

static void
end_part(struct local *l, size_t at, int status)
{
	size_t part = l->pending->parts[at];
	char *how = pipes_explain(status);

	if (WIFSIGNALED(status) && ++l->killed[at] < KILLED_MOST) {
		job_log(l->job, "part %zu: %s; it is begun again", part, how);
		enqueue(l, at);
	} else {
		if (WIFSIGNALED(status) || WEXITSTATUS(status) >= STATUS_OWN)
			part_blame(l->job, part, how);
		l->ended++;
	}
	free(how);
}

static void
reap(struct local *l)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (size_t i = 0; i < l->n_slots; i++)
			if (l->slots[i].pid == pid) {
				l->slots[i].pid = 0;
				l->n_running--;
				end_part(l, l->slots[i].at, status);
			}
}

static void
signal_all(const struct local *l, int sig)
{
	for (size_t i = 0; i < l->n_slots; i++)
		if (l->slots[i].pid)
			kill(l->slots[i].pid, sig);
}

/* They get some time to take their temporary files away. */
static void
stop(struct local *l)
{
	double until = now_seconds() + TERM_SECONDS;

	signal_all(l, SIGTERM);
	l->queued = 0;
	while (l->n_running && now_seconds() < until) {
		engine_wait(l->job, LOOK_SECONDS);
		reap(l);
		l->queued = 0;
	}
	signal_all(l, SIGKILL);
	while (l->n_running && waitpid(-1, NULL, 0) > 0)
		l->n_running--;
}

static void
init(struct local *l, struct job *j, const struct pending *pending)
{
	size_t cores = threads_cores(), at_once = j->at_once ? j->at_once : 1;

	*l = (struct local){ .job = j, .pending = pending };
	l->n_slots = MIN(at_once, pending->n);
	l->slots = xcalloc(l->n_slots, sizeof *l->slots);
	l->queue = xcalloc(pending->n, sizeof *l->queue);
	l->killed = xcalloc(pending->n, 1);
	snprintf(l->threads, sizeof l->threads, "%zu",
	    j->threads ? j->threads : MAX((size_t)1, cores / at_once));
	for (size_t i = 0; i < pending->n; i++)
		enqueue(l, i);
}

static enum engine_end
run(struct job *j, const struct plan *p, const struct pending *pending,
    struct progress *progress, char **why)
{
	enum engine_end end = ENGINE_RAN;
	struct local l;

	(void)why;
	init(&l, j, pending);
	engine_signals_begin();
	while (l.ended < pending->n) {
		fill(&l);
		progress_show(progress, p->n_parts - pending->n + l.ended, NULL);
		if (l.ended < pending->n && engine_wait(j, LOOK_SECONDS)) {
			stop(&l);
			end = ENGINE_STOPPED;
			break;
		}
		reap(&l);
	}
	engine_signals_end();
	free(l.slots);
	free(l.queue);
	free(l.killed);
	return end;
}

const struct engine engine_local = { "local", run, NULL, NULL };
