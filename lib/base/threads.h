/*
 * threads - the same work over many indices, and an ordered pipeline.
 */
#ifndef THREADS_H
#define THREADS_H

#include <stddef.h>

size_t threads_cores(void); /* those this process may run on */

/*
 * Call work(context, index, thread) for every index below n, on up to n_threads
 * threads (0 counts as 1); thread is below n_threads. Indices are taken in rising
 * order, but end in any: whatever must not depend on the number of threads must be
 * written per index. The first error of any kind is the caller's to keep in context.
 */
void threads_each(size_t n_threads, size_t n,
    void (*work)(void *context, size_t index, size_t thread), void *context);

/*
 * Read, work, write: read(context, job) fills a job and returns 1, or 0 at the
 * end; work(context, job, thread) runs on n_threads threads at once;
 * write(context, job) is called in the order of reading. read and write never
 * run at the same time as themselves. Jobs are reused: n_jobs of them exist, at
 * least 1; twice n_threads keep all threads busy.
 */
struct pipeline {
	void *context;
	void **jobs; /* [n_jobs] */
	size_t n_jobs;
	int (*read)(void *context, void *job);
	void (*work)(void *context, void *job, size_t thread);
	void (*write)(void *context, void *job);
};

void pipeline_run(const struct pipeline *p, size_t n_threads);

#endif
