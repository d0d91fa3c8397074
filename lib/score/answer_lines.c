/* answer_lines - all lines of the input answered, in order, on many threads. */
#include "answer_lines.h"

#include <stdlib.h>

#include "coarse.h"
#include "output.h"
#include "score.h"
#include "threads.h"

/* Lines that are read, answered and written together. */
struct job {
	struct answers *answers;
	struct buf out;
	size_t errors;
};

struct run {
	struct lines *in;
	struct progress *progress;
	struct answerer **answerers; /* [threads] */
	long errors;
	bool failed; /* to read */
};

static int
read_job(void *context, void *p)
{
	struct run *run = context;
	struct job *job = p;
	int more;

	answers_clear(job->answers);
	while ((more = lines_next(run->in)) > 0)
		if (run->in->len &&
		    !answers_add(job->answers, run->in->text, run->in->len))
			break;
	if (more < 0)
		run->failed = true;
	progress_show(run->progress, lines_consumed(run->in), NULL);
	return !run->failed && answers_count(job->answers) > 0;
}

static void
work_job(void *context, void *p, size_t thread)
{
	struct run *run = context;
	struct job *job = p;

	buf_clear(&job->out);
	job->errors = answerer_run(run->answerers[thread], job->answers, &job->out);
}

static void
write_job(void *context, void *p)
{
	struct run *run = context;
	struct job *job = p;

	out_write(job->out.data, job->out.len);
	run->errors += (long)job->errors;
}

static void
run_all(struct run *run, const struct model *m, const struct answer_options *o,
    size_t n_threads)
{
	size_t n_jobs = 2 * n_threads + 2;
	struct job *jobs = xcalloc(n_jobs, sizeof *jobs);
	void **pointers = xcalloc(n_jobs, sizeof *pointers);
	struct pipeline p = { run, pointers, n_jobs, read_job, work_job, write_job };

	run->answerers = xcalloc(n_threads, sizeof(struct answerer *));
	for (size_t t = 0; t < n_threads; t++)
		run->answerers[t] = answerer_new(m, o);
	for (size_t i = 0; i < n_jobs; i++) {
		pointers[i] = &jobs[i];
		jobs[i].answers = answers_new(m, o->k);
	}
	pipeline_run(&p, n_threads);
	for (size_t t = 0; t < n_threads; t++)
		answerer_free(run->answerers[t]);
	for (size_t i = 0; i < n_jobs; i++) {
		answers_free(jobs[i].answers);
		buf_release(&jobs[i].out);
	}
	free(run->answerers);
	free(pointers);
	free(jobs);
}

long
answer_lines(const struct model *m, const struct answer_options *o, struct lines *in,
    size_t threads, struct progress *progress)
{
	struct run run = { .in = in, .progress = progress };
	struct coarse *coarse = NULL;
	struct answer_options shared = *o;

	/* Rankings scan nothing. */
	if (o->recipe->job != JOB_RANK)
		shared.coarse = coarse = score_prepare(m, threads);
	run_all(&run, m, &shared, threads);
	coarse_free(coarse);
	return run.failed ? -1 : run.errors;
}

long
segment_lines(const struct model *m, const struct segment_options *o, struct lines *in,
    size_t most, size_t *n, struct progress *progress)
{
	struct segment_answers *a = segment_answers_new(m, o);
	size_t errors = 0, in_file = 0, last = 0;
	int more;

	*n = 0;
	while (*n <= most && (more = lines_next(in)) > 0) {
		if (in->number <= last)
			in_file = 0;
		last = in->number;
		if (!in->len)
			continue;
		in_file++;
		*n = MAX(*n, in_file);
		if (!segment_answers_add(a, in->text, in->len))
			errors += segment_answers_run(a, out_write);
		progress_show(progress, lines_consumed(in), NULL);
	}
	if (more >= 0 && *n <= most)
		errors += segment_answers_run(a, out_write);
	segment_answers_free(a);
	return more < 0 ? -1 : (long)errors;
}
