/* pz-score - answer input records with the best items of a model */
#include <err.h>
#include <stdlib.h>

#include "answer.h"
#include "dataset.h"
#include "explore.h"
#include "filter_jq.h"
#include "filter_options.h"
#include "fold.h"
#include "lines.h"
#include "live.h"
#include "model.h"
#include "opt.h"
#include "output.h"
#include "progress.h"
#include "threads.h"

static const char *model_path, *dataset_path;
static size_t n_results = 25, threads;
static double exploration_weight = -1, age_cut_off = -1; /* the model's */

static const struct opt opts[] = {
	{ OPT_STRING, 'm', "model", &model_path, "MODEL", "the model file" },
	{ OPT_STRING, 'd', "dataset", &dataset_path, "DATASET",
	    "what is newer than the model: metadata, interactions" },
	{ OPT_SIZE, 'n', "num-results", &n_results, "N", "items per record (25)" },
	{ OPT_SIZE, 'j', "threads", &threads, "N",
	    "threads (all cores); never changes the output" },
	FILTER_OPTIONS,
	{ OPT_REAL, 0, "exploration-weight", &exploration_weight, "X",
	    "how much new items are tried, 0 to 1 (the model's)" },
	{ OPT_REAL, 0, "exploration-item-age-cut-off", &age_cut_off, "DAYS",
	    "the age up to which an item is new (the model's)" },
	PROGRESS_OPTIONS,
	{ 0 },
};

static const struct command command = {
	"pz-score",
	"answer input records with the best items of a model",
	"-m MODEL [-d DATASET] [-n N] [-j N] [options] [FILE...]",
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

/* The options' values, or what the model was trained with; NULL: no exploration. */
static float *
exploration(const struct model *m)
{
	double weight = exploration_weight, days = age_cut_off;

	if (weight < 0)
		weight = model_hyper(m, "exploration_weight", 0);
	if (days < 0)
		days = model_hyper(m, "exploration_item_age_cut_off", 30);
	return m->dim && m->users ? explore_bonus(m, weight, days) : NULL;
}

static void
check_options(struct answer_options *o)
{
	const char *why;

	if (!model_path)
		opt_usage(&command, "-m is needed");
	if (!n_results)
		opt_usage(&command, "-n: at least 1");
	if (exploration_weight > 1)
		opt_usage(&command, "--exploration-weight: from 0 to 1");
	if (filter_options_get(&o->filters, &why) < 0)
		opt_usage(&command, "%s", why);
}

/* The model with what the dataset says now. */
static struct model *
open_live(const struct model *m)
{
	struct dataset *d;
	struct model *view;
	char *why;

	if (!(d = dataset_open(dataset_path, false, &why)) ||
	    !(view = live_open(m, d, &why)))
		errx(1, "%s", why);
	dataset_close(d);
	return view;
}

int
main(int argc, char *argv[])
{
	int arg = opt_parse(argc, argv, &command);
	struct answer_options o = { 0 };
	struct run run = { 0 };
	struct model *m, *live = NULL;
	struct fold_base *fold = NULL;
	const struct model *view;
	const char *unknown;
	float *bonus;
	char *why;

	check_options(&o);
	if (!(m = model_open(model_path, &why)))
		errx(1, "%s", why);
	if (!(o.recipe = recipe_find(m->recipe, &unknown)))
		errx(1, "%s: recipe %s: %s", model_path, m->recipe, unknown);
	view = m;
	if (dataset_path) {
		view = live = open_live(m);
		o.trained = m;
		o.fold = fold =
		    m->n_user_rows ? fold_base_new(view, opt_threads(threads)) : NULL;
	}
	o.k = MIN(n_results, MAX(view->catalog.items.strings.n, (size_t)1));
	o.bonus = bonus = exploration(view);
	o.filters.jq = filter_jq_new(&view->catalog, o.filters.now);
	lines_open(&run.in, argv + arg, (size_t)(argc - arg));
	progress_start(&run.progress, "scoring", "MB", lines_total(&run.in));
	run_all(&run, view, &o, opt_threads(threads));
	progress_end(&run.progress);
	lines_close(&run.in);
	filter_jq_free(o.filters.jq);
	free(bonus);
	fold_base_free(fold);
	live_close(live);
	model_close(m);
	out_close();
	return run.errors ? 3 : 0;
}
