/* merge_ahead - parts go to their outputs, in order, while others are still made. */
#include "merge_ahead.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "part.h"

static const struct timespec LOOK = { .tv_nsec = 50 * 1000000 };

struct merge_ahead {
	struct job *job;
	const struct plan *plan;
	pthread_t thread;
	bool started, damaged;
	atomic_bool over, stopped;
};

static bool
for_part(void *context, size_t part)
{
	struct merge_ahead *a = context;
	struct part_done done;
	bool over;

	for (;;) {
		over = a->over;
		if (a->stopped)
			return false;
		if (part_read(a->job, part, &done))
			return true;
		if (over)
			return false;
		nanosleep(&LOOK, NULL);
	}
}

static void *
work(void *context)
{
	struct merge_ahead *a = context;
	struct merge_wait wait = { for_part, a };

	for (size_t i = 0; i < a->plan->n && !a->stopped; i++) {
		const struct plan_object *o = &a->plan->objects[i];
		struct s3_error e = { 0 };
		int status;

		/* Nothing is begun before there is something to write. */
		if (merge_is_done(a->job, i) || (o->n && !for_part(a, o->first)))
			continue;
		status = merge_object(a->job, a->plan, i, &wait, &e);
		/* Complete but for one that is forgotten now. */
		a->damaged |= !status && !a->stopped && !merge_has_parts(a->job, o);
		s3_error_release(&e);
		if (status < 0)
			break;
	}
	return NULL;
}

static bool
in_files(const struct job *j, const struct plan *p)
{
	for (size_t i = 0; i < p->n; i++)
		if (!strncmp(p->objects[i].output, "s3://", 5))
			return false;
	return !j->scratch;
}

struct merge_ahead *
merge_ahead_start(struct job *j, const struct plan *p)
{
	struct merge_ahead *a = xcalloc(1, sizeof *a);
	sigset_t all, before;

	a->job = j;
	a->plan = p;
	if (!in_files(j, p))
		return a;
	/* Signals are the other thread's. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	a->started = !pthread_create(&a->thread, NULL, work, a);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return a;
}

bool
merge_ahead_end(struct merge_ahead *a, bool stop)
{
	bool damaged;

	a->stopped = stop;
	a->over = true;
	if (a->started)
		pthread_join(a->thread, NULL);
	damaged = a->damaged;
	free(a);
	return damaged;
}
