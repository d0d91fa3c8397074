/* pz-score - answer input records with the best items of a model */
#include <err.h>
#include <stdlib.h>

#include "answer.h"
#include "filter_jq.h"
#include "filter_options.h"
#include "lines.h"
#include "model.h"
#include "opt.h"
#include "output.h"
#include "progress.h"
#include "recipe.h"
#include "threads.h"

static const char *model_path;
static size_t n_results = 25, threads;

static const struct opt opts[] = {
	{ OPT_STRING, 'm', "model", &model_path, "MODEL", "the model file" },
	{ OPT_SIZE, 'n', "num-results", &n_results, "N", "items per record (25)" },
	{ OPT_SIZE, 'j', "threads", &threads, "N",
	    "threads (all cores); never changes the output" },
	FILTER_OPTIONS,
	PROGRESS_OPTIONS,
	{ 0 },
};

static const struct command command = {
	"pz-score",
	"answer input records with the best items of a model",
	"-m MODEL [-n N] [-j N] [FILE...]",
	opts,
};

/* Lines that are read, answered and written together. */
struct job {
	struct answers *answers;
	struct buf out;
	size_t errors;
};

struct run {
	struct lines in;
	struct progress progress;
	struct filter_options filters;
	struct answerer **answerers; /* [threads] */
	size_t errors;
};

static int
read_job(void *context, void *p)
{
	struct run *run = context;
	struct job *job = p;
	int more;

	answers_clear(job->answers);
	while ((more = lines_next(&run->in)) > 0)
		if (run->in.len &&
		    !answers_add(job->answers, run->in.text, run->in.len))
			break;
	if (more < 0)
		errx(1, "%s:%zu: %s", run->in.path, run->in.number, run->in.why);
	progress_show(&run->progress, lines_consumed(&run->in), NULL);
	return answers_count(job->answers) > 0;
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
	run->errors += job->errors;
}

static void
run_all(struct run *run, const struct model *m, size_t k, bool scores, size_t n_threads)
{
	size_t n_jobs = 2 * n_threads + 2;
	struct job *jobs = xcalloc(n_jobs, sizeof *jobs);
	void **pointers = xcalloc(n_jobs, sizeof *pointers);
	struct pipeline p = { run, pointers, n_jobs, read_job, work_job, write_job };

	run->answerers = xcalloc(n_threads, sizeof(struct answerer *));
	for (size_t t = 0; t < n_threads; t++)
		run->answerers[t] = answerer_new(m, k, scores, &run->filters);
	for (size_t i = 0; i < n_jobs; i++) {
		pointers[i] = &jobs[i];
		jobs[i].answers = answers_new(m, k);
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

int
main(int argc, char *argv[])
{
	int arg = opt_parse(argc, argv, &command);
	const struct recipe *recipe;
	struct run run = { 0 };
	struct model *m;
	const char *unknown, *wrong;
	char *why;

	if (!model_path)
		opt_usage(&command, "-m is needed");
	if (!n_results)
		opt_usage(&command, "-n: at least 1");
	if (filter_options_get(&run.filters, &wrong) < 0)
		opt_usage(&command, "%s", wrong);
	if (!(m = model_open(model_path, &why)))
		errx(1, "%s", why);
	if (!(recipe = recipe_find(m->recipe, &unknown)))
		errx(1, "%s: recipe %s: %s", model_path, m->recipe, unknown);
	run.filters.jq = filter_jq_new(&m->catalog, run.filters.now);
	lines_open(&run.in, argv + arg, (size_t)(argc - arg));
	progress_start(&run.progress, "scoring", "MB", lines_total(&run.in));
	run_all(&run, m, MIN(n_results, MAX(m->catalog.items.strings.n, (size_t)1)),
	    recipe->scores, opt_threads(threads));
	progress_end(&run.progress);
	lines_close(&run.in);
	filter_jq_free(run.filters.jq);
	model_close(m);
	out_close();
	return run.errors ? 3 : 0;
}
