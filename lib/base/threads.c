/*
 * threads - the same work over many indices, and an ordered pipeline.
 *
 * The pipeline keeps its jobs in a ring. Every thread does whatever is due: write the
 * oldest job if it is done; read another, as long as fewer are ready to be worked on
 * than there are threads; else work on one. So no thread waits for another to read, and
 * while one waits for the next line the others answer the last. A thread that is alone
 * works before it reads: then the whole thing is a plain loop.
 */
#include "threads.h"

#include <err.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "util.h"

size_t
threads_cores(void)
{
	cpu_set_t cores;
	long online;

	if (!sched_getaffinity(0, sizeof cores, &cores))
		return (size_t)CPU_COUNT(&cores);
	online = sysconf(_SC_NPROCESSORS_ONLN); /* more than cpu_set_t holds */
	return online > 0 ? (size_t)online : 1;
}

static void
start(pthread_t *id, void *(*run)(void *), void *arg)
{
	int status = pthread_create(id, NULL, run, arg);

	if (status) {
		errno = status;
		err(1, "cannot start a thread");
	}
}

struct each {
	size_t n;
	atomic_size_t next;
	atomic_size_t threads;
	void (*work)(void *, size_t, size_t);
	void *context;
};

static void *
each_run(void *arg)
{
	struct each *e = arg;
	size_t thread = atomic_fetch_add(&e->threads, 1), i;

	while ((i = atomic_fetch_add(&e->next, 1)) < e->n)
		e->work(e->context, i, thread);
	return NULL;
}

void
threads_each(size_t n_threads, size_t n,
    void (*work)(void *context, size_t index, size_t thread), void *context)
{
	struct each e = { .n = n, .work = work, .context = context };
	size_t more = MIN(n_threads, n);
	pthread_t *ids = xcalloc(more + 1, sizeof *ids);

	for (size_t i = 1; i < more; i++)
		start(&ids[i], each_run, &e);
	each_run(&e);
	for (size_t i = 1; i < more; i++)
		pthread_join(ids[i], NULL);
	free(ids);
}

/* What a job waits for, and what a thread is to do. */
enum state { FREE, READING, READY, WORKING, DONE, WRITING };

struct ring {
	const struct pipeline *p;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	enum state *states;
	size_t to_read, to_work, to_write; /* counts of jobs that got that far */
	size_t ahead; /* so many are read before there is work for others */
	bool reading, writing, ended;
	atomic_size_t threads;
};

/* What is due, under the lock; FREE if nothing is just now. */
static enum state
due(const struct ring *r)
{
	size_t n = r->p->n_jobs, ready = r->to_read - r->to_work;
	bool can_read = !r->reading && !r->ended && r->states[r->to_read % n] == FREE;

	if (!r->writing && r->to_write < r->to_work &&
	    r->states[r->to_write % n] == DONE)
		return WRITING;
	if (ready && !(can_read && ready < r->ahead))
		return WORKING;
	return can_read ? READING : FREE;
}

static void
take_read(struct ring *r)
{
	size_t slot = r->to_read % r->p->n_jobs;
	int more;

	r->reading = true;
	pthread_mutex_unlock(&r->lock);
	more = r->p->read(r->p->context, r->p->jobs[slot]);
	pthread_mutex_lock(&r->lock);
	r->reading = false;
	if (more) {
		r->states[slot] = READY;
		r->to_read++;
	} else
		r->ended = true;
}

static void
take_work(struct ring *r, size_t thread)
{
	size_t slot = r->to_work++ % r->p->n_jobs;

	r->states[slot] = WORKING;
	pthread_mutex_unlock(&r->lock);
	r->p->work(r->p->context, r->p->jobs[slot], thread);
	pthread_mutex_lock(&r->lock);
	r->states[slot] = DONE;
}

static void
take_write(struct ring *r)
{
	size_t slot = r->to_write % r->p->n_jobs;

	r->writing = true;
	pthread_mutex_unlock(&r->lock);
	r->p->write(r->p->context, r->p->jobs[slot]);
	pthread_mutex_lock(&r->lock);
	r->writing = false;
	r->states[slot] = FREE;
	r->to_write++;
}

static void *
ring_run(void *arg)
{
	struct ring *r = arg;
	size_t thread = atomic_fetch_add(&r->threads, 1);
	enum state what;

	pthread_mutex_lock(&r->lock);
	while (!r->ended || r->to_write < r->to_read) {
		what = due(r);
		if (what == FREE) {
			pthread_cond_wait(&r->changed, &r->lock);
			continue;
		}
		if (what == READING)
			take_read(r);
		else if (what == WORKING)
			take_work(r, thread);
		else
			take_write(r);
		pthread_cond_broadcast(&r->changed);
	}
	pthread_mutex_unlock(&r->lock);
	return NULL;
}

void
pipeline_run(const struct pipeline *p, size_t n_threads)
{
	struct ring r = { .p = p, .ahead = n_threads > 1 ? n_threads : 0 };
	pthread_t *ids = xcalloc(n_threads + 1, sizeof *ids);

	pthread_mutex_init(&r.lock, NULL);
	pthread_cond_init(&r.changed, NULL);
	r.states = xcalloc(p->n_jobs, sizeof *r.states);
	for (size_t i = 1; i < n_threads; i++)
		start(&ids[i], ring_run, &r);
	ring_run(&r);
	for (size_t i = 1; i < n_threads; i++)
		pthread_join(ids[i], NULL);
	pthread_cond_destroy(&r.changed);
	pthread_mutex_destroy(&r.lock);
	free(r.states);
	free(ids);
}
