/* pz-score - answer input records with the best items of a model */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "filter_eval.h"
#include "lines.h"
#include "model.h"
#include "number.h"
#include "opt.h"
#include "output.h"
#include "progress.h"
#include "recipe.h"
#include "record.h"
#include "score.h"
#include "threads.h"

static const char *model_path;
static size_t n_results = 25, threads, filter_history;

static const struct opt opts[] = {
	{ OPT_STRING, 'm', "model", &model_path, "MODEL", "the model file" },
	{ OPT_SIZE, 'n', "num-results", &n_results, "N", "items per record (25)" },
	{ OPT_SIZE, 'j', "threads", &threads, "N",
	    "threads (all cores); never changes the output" },
	{ OPT_SIZE, 0, "filter-history", &filter_history, "N",
	    "filters see the newest N interactions per user and event type (0: all)" },
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
	struct buf text;              /* the lines, NUL behind each */
	size_t line[SCORE_USERS + 1]; /* where each starts in text */
	size_t n;
	struct buf out;
	size_t errors;
	struct record records[SCORE_USERS];
	struct score_query queries[SCORE_USERS];
	size_t query_of[SCORE_USERS];
	struct scored_item *items; /* [SCORE_USERS][k] */
	uint64_t *allowed;         /* [SCORE_USERS][words] */
	struct filter_error wrong[SCORE_USERS];
	bool is_wrong[SCORE_USERS];
};

struct run {
	const struct model *m;
	bool scores;
	size_t k;
	struct lines in;
	struct progress progress;
	size_t words;                  /* of a set of items */
	struct scorer **scorers;       /* [threads] */
	struct filter_cache **filters; /* [threads] */
	size_t errors;
};

enum { JOB_BYTES = 1 << 20 };

static int
read_job(void *context, void *p)
{
	struct run *run = context;
	struct job *job = p;
	int more = 0;

	buf_clear(&job->text);
	for (job->n = 0; job->n < SCORE_USERS && job->text.len < JOB_BYTES; job->n++) {
		do
			more = lines_next(&run->in);
		while (more > 0 && !run->in.len);
		if (more <= 0)
			break;
		job->line[job->n] = job->text.len;
		buf_add(&job->text, run->in.text, run->in.len + 1);
	}
	job->line[job->n] = job->text.len;
	if (more < 0)
		errx(1, "%s:%zu: %s", run->in.path, run->in.number, run->in.why);
	progress_show(&run->progress, lines_consumed(&run->in), NULL);
	return job->n > 0;
}

static uint32_t
user_of(const struct run *run, const struct record *r)
{
	struct buf scratch = { 0 };
	uint32_t user =
	    ids_find(&run->m->catalog.users, json_text(&r->user_id, &scratch));

	buf_release(&scratch);
	return user;
}

static void
answer(const struct run *run, struct job *job, const struct record *r,
    const struct score_query *q)
{
	struct buf *out = &job->out;
	char number[NUMBER_SIZE];

	buf_adds(out, "{\"input\":");
	record_echo(out, r);
	buf_adds(out, ",\"output\":{\"recommendedItems\":[");
	for (size_t i = 0; i < q->n; i++) {
		struct span id =
		    strings_get(&run->m->catalog.items.strings, q->items[i].item);

		if (i)
			buf_addc(out, ',');
		json_quote(out, id.data, id.len);
	}
	buf_addc(out, ']');
	for (size_t i = 0; run->scores && i < q->n; i++) {
		buf_adds(out, i ? "," : ",\"scores\":[");
		buf_add(out, number, number_score(number, q->items[i].score));
	}
	if (run->scores)
		buf_adds(out, q->n ? "]" : ",\"scores\":[]");
	buf_adds(out, "},\"error\":null}\n");
}

/* Why a record cannot be answered, NULL if it can. */
static const char *
objection(const struct record *r)
{
	if (!r->user_id.type)
		return "expected a member userId";
	if (r->user_id.type != JSON_STRING)
		return "userId is not a string";
	return NULL;
}

static void
write_record(const struct run *run, struct job *job, size_t i)
{
	const struct record *r = &job->records[i];
	const char *why;

	if (r->why) {
		record_error(&job->out, r, "byte %zu: %s", r->at + 1, r->why);
		job->errors++;
	} else if (r->has_output || r->has_error) {
		buf_add(&job->out, r->line.data, r->line.len);
		buf_addc(&job->out, '\n');
		job->errors += r->has_error;
	} else if ((why = job->is_wrong[i] ? job->wrong[i].text : objection(r))) {
		record_error(&job->out, r, "%s", why);
		job->errors++;
	} else
		answer(run, job, r, &job->queries[job->query_of[i]]);
}

/*
 * The record's query, with what its filter allows. The set of the filter is borrowed
 * until the next one runs, so it is copied. -1: the filter is wrong.
 */
static int
make_query(const struct run *run, struct job *job, size_t i, size_t n, size_t thread)
{
	const struct record *r = &job->records[i];
	struct score_query *q = &job->queries[n];
	struct filter_set set = { 0 };

	*q = (struct score_query){ .user = user_of(run, r),
		.items = job->items + n * run->k };
	if (!r->filter.type)
		return 0;
	if (filter_cache_run(run->filters[thread], &r->filter, FILTER_ITEMS, q->user,
		NONE, &set, &job->wrong[i]) < 0)
		return -1;
	if (set.words)
		q->allowed = memcpy(job->allowed + n * run->words, set.words,
		    run->words * sizeof *set.words);
	return 0;
}

static void
work_job(void *context, void *p, size_t thread)
{
	struct run *run = context;
	struct job *job = p;
	size_t n = 0;

	buf_clear(&job->out);
	job->errors = 0;
	for (size_t i = 0; i < job->n; i++) {
		struct record *r = &job->records[i];

		job->is_wrong[i] = false;
		if (record_parse(r, job->text.data + job->line[i],
			job->line[i + 1] - job->line[i] - 1) < 0 ||
		    r->has_output || r->has_error || objection(r))
			continue;
		job->is_wrong[i] = make_query(run, job, i, n, thread) < 0;
		if (!job->is_wrong[i])
			job->query_of[i] = n++;
	}
	score_users(run->scorers[thread], job->queries, n);
	for (size_t i = 0; i < job->n; i++)
		write_record(run, job, i);
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
run_all(struct run *run, size_t n_threads)
{
	size_t n_jobs = 2 * n_threads + 2;
	struct job *jobs = xcalloc(n_jobs, sizeof *jobs);
	void **pointers = xcalloc(n_jobs, sizeof *pointers);
	struct pipeline p = { run, pointers, n_jobs, read_job, work_job, write_job };

	run->scorers = xcalloc(n_threads, sizeof(struct scorer *));
	run->filters = xcalloc(n_threads, sizeof(struct filter_cache *));
	for (size_t t = 0; t < n_threads; t++) {
		run->scorers[t] = scorer_new(run->m, run->k);
		run->filters[t] = filter_cache_new(
		    &run->m->catalog, &(struct filter_options){ filter_history }, 0);
	}
	for (size_t i = 0; i < n_jobs; i++) {
		pointers[i] = &jobs[i];
		jobs[i].items = xcalloc(SCORE_USERS * run->k, sizeof *jobs[i].items);
		jobs[i].allowed =
		    xcalloc(SCORE_USERS * run->words, sizeof *jobs[i].allowed);
	}
	pipeline_run(&p, n_threads);
	for (size_t t = 0; t < n_threads; t++) {
		scorer_free(run->scorers[t]);
		filter_cache_free(run->filters[t]);
	}
	for (size_t i = 0; i < n_jobs; i++) {
		buf_release(&jobs[i].text);
		buf_release(&jobs[i].out);
		free(jobs[i].items);
		free(jobs[i].allowed);
	}
	free(run->scorers);
	free(run->filters);
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
	const char *unknown;
	char *why;

	if (!model_path)
		opt_usage(&command, "-m is needed");
	if (!n_results)
		opt_usage(&command, "-n: at least 1");
	if (!(m = model_open(model_path, &why)))
		errx(1, "%s", why);
	if (!(recipe = recipe_find(m->recipe, &unknown)))
		errx(1, "%s: recipe %s: %s", model_path, m->recipe, unknown);
	run.m = m;
	run.words = bitset_words(m->catalog.items.strings.n + 1);
	run.scores = recipe->scores;
	run.k = MIN(n_results, MAX(m->catalog.items.strings.n, (size_t)1));
	lines_open(&run.in, argv + arg, (size_t)(argc - arg));
	progress_start(&run.progress, "scoring", "MB", lines_total(&run.in));
	run_all(&run, opt_threads(threads));
	progress_end(&run.progress);
	lines_close(&run.in);
	model_close(m);
	out_close();
	return run.errors ? 3 : 0;
}
