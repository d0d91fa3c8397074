/* threads - every index once, and pipelines that keep the order and end. */
#include "threads.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "check.h"
#include "random.h"
#include "util.h"

struct counts {
	atomic_int *done; /* [n] */
	size_t n_threads;
	atomic_size_t wrong;
	atomic_int *busy; /* [n_threads] */
};

static void
count_index(void *context, size_t index, size_t thread)
{
	struct counts *c = context;

	c->wrong += thread >= MAX(c->n_threads, (size_t)1);
	c->wrong += c->busy[thread]++ != 0;
	c->done[index]++;
	if (index % 7 == 0)
		sched_yield();
	c->busy[thread]--;
}

static void
every_index_is_worked_on_once(void)
{
	size_t wrong = 0;

	for (int i = 0; i < 500; i++) {
		size_t n = random_below(i % 2 ? 10 : 300), n_threads = random_below(9);
		struct counts c = { .n_threads = n_threads };

		c.done = xcalloc(n, sizeof *c.done);
		c.busy = xcalloc(n_threads + 1, sizeof *c.busy);
		threads_each(n_threads, n, count_index, &c);
		for (size_t k = 0; k < n; k++)
			wrong += c.done[k] != 1;
		wrong += c.wrong;
		free(c.done);
		free(c.busy);
	}
	CHECK(!wrong);
}

/* A job carries its number; work squares it; write checks order and result. */
struct job {
	size_t number, result;
	atomic_int users;
};

struct run {
	size_t n, read, written, n_threads;
	unsigned slow; /* one in this many steps yields; 0: none */
	atomic_int reading, writing;
	atomic_int *busy; /* [n_threads] */
	atomic_size_t wrong;
	bool ended;
};

static void
dawdle(const struct run *r, size_t number)
{
	if (r->slow && number * 2654435761u % r->slow == 0)
		sched_yield();
}

static int
read_job(void *context, void *p)
{
	struct run *r = context;
	struct job *job = p;

	r->wrong += r->reading++ != 0;
	r->wrong += r->ended || job->users++ != 0;
	dawdle(r, r->read);
	job->number = r->read;
	if (r->read == r->n)
		r->ended = true;
	else
		r->read++;
	job->users--;
	r->reading--;
	return !r->ended;
}

static void
work_job(void *context, void *p, size_t thread)
{
	struct run *r = context;
	struct job *job = p;

	r->wrong += thread >= MAX(r->n_threads, (size_t)1);
	r->wrong += r->busy[thread]++ != 0;
	r->wrong += job->users++ != 0;
	dawdle(r, job->number + 1);
	job->result = job->number * job->number;
	job->users--;
	r->busy[thread]--;
}

static void
write_job(void *context, void *p)
{
	struct run *r = context;
	struct job *job = p;

	r->wrong += r->writing++ != 0;
	r->wrong += job->users++ != 0;
	dawdle(r, job->number + 2);
	r->wrong += job->number != r->written;
	r->wrong += job->result != r->written * r->written;
	r->written++;
	job->users--;
	r->writing--;
}

static bool
runs(size_t n, size_t n_jobs, size_t n_threads, unsigned slow)
{
	struct run r = { .n = n, .n_threads = n_threads, .slow = slow };
	struct job *jobs = xcalloc(n_jobs, sizeof *jobs);
	void **pointers = xcalloc(n_jobs, sizeof *pointers);
	struct pipeline p = { &r, pointers, n_jobs, read_job, work_job, write_job };

	for (size_t i = 0; i < n_jobs; i++)
		pointers[i] = &jobs[i];
	r.busy = xcalloc(n_threads + 1, sizeof *r.busy);
	alarm(60); /* a deadlock ends the test */
	pipeline_run(&p, n_threads);
	alarm(0);
	free(r.busy);
	free(pointers);
	free(jobs);
	if (!r.wrong && r.written == n && r.read == n)
		return true;
	printf("# %zu jobs in %zu slots on %zu threads\n", n, n_jobs, n_threads);
	return false;
}

static void
a_pipeline_keeps_the_order_on_any_number_of_threads(void)
{
	size_t wrong = 0;

	for (int i = 0; i < 600; i++)
		wrong += !runs(random_below(60), 1 + random_below(12), random_below(9),
		    (unsigned)random_below(4));
	wrong += !runs(20000, 8, 4, 3);
	CHECK(!wrong);
}

static void
small_pipelines_work_too(void)
{
	for (size_t n = 0; n < 4; n++)
		for (size_t n_threads = 0; n_threads < 4; n_threads++)
			for (size_t n_jobs = 1; n_jobs < 4; n_jobs++)
				CHECK(runs(n, n_jobs, n_threads, 0));
}

/* With stdin that waits for the answer (a coprocess), no line may be held back. */
static int answered;

static int
read_one(void *context, void *job)
{
	size_t *n = context;

	(void)job;
	if (*n && !answered)
		abort();
	answered = 0;
	return (*n)++ < 3;
}

static void
work_nothing(void *context, void *job, size_t thread)
{
	(void)context;
	(void)job;
	(void)thread;
}

static void
answer(void *context, void *job)
{
	(void)context;
	(void)job;
	answered = 1;
}

/* The same, by reading that lasts until the answer is there. */
static atomic_int written;

static int
read_after_the_answer(void *context, void *job)
{
	int *n = context;

	(void)job;
	while (atomic_load(&written) < *n)
		sched_yield();
	return (*n)++ < 300;
}

static void
count_answer(void *context, void *job)
{
	(void)context;
	(void)job;
	atomic_fetch_add(&written, 1);
}

/* Or it would never end: the alarm kills it. */
static void
threads_answer_while_one_waits_for_more(void)
{
	int slots[8];
	void *pointers[8];

	alarm(120);
	for (size_t i = 0; i < LENGTH(pointers); i++)
		pointers[i] = &slots[i];
	for (size_t threads = 1; threads < 5; threads++)
		for (size_t jobs = 1; jobs <= LENGTH(pointers); jobs++) {
			int n = 0;
			struct pipeline p = { &n, pointers, jobs, read_after_the_answer,
				work_nothing, count_answer };

			atomic_store(&written, 0);
			pipeline_run(&p, threads);
			CHECK(n == 301);
		}
	alarm(0);
}

static void
one_thread_answers_before_it_reads_on(void)
{
	int slots[4];
	void *pointers[] = { &slots[0], &slots[1], &slots[2], &slots[3] };
	size_t n = 0;
	struct pipeline p = { &n, pointers, 4, read_one, work_nothing, answer };

	pipeline_run(&p, 1);
	CHECK(n == 4);
}

int
main(void)
{
	every_index_is_worked_on_once();
	a_pipeline_keeps_the_order_on_any_number_of_threads();
	small_pipelines_work_too();
	one_thread_answers_before_it_reads_on();
	threads_answer_while_one_waits_for_more();
	return check_end();
}
