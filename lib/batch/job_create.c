/* job_create - from what is wanted to a job's directory, with all that can be found
 * wrong before its first record. */
#include "job_create.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine.h"
#include "exit_status.h"
#include "job_check.h"
#include "job_file.h"
#include "job_limits.h"
#include "job_names.h"

static char *
copy(const char *text)
{
	return text ? xstrdup(text) : NULL;
}

/* Files' paths are to mean the same wherever parts run. */
static int
make_absolute(struct job_request *r, enum job_field field, char **why)
{
	const char *text = r->field[field], *wrong;
	struct location l;
	char *path;

	if (location_parse(&l, text, &wrong) < 0) {
		*why = xasprintf("%s: %s", text, wrong);
		return -1;
	}
	if (l.kind == LOCATION_STDIO) {
		*why = xasprintf("'%s': a job reads and writes files or objects", text);
		free(l.path);
		return -1;
	}
	path = l.kind == LOCATION_PATH ? job_names_absolute(l.path) : xstrdup(l.path);
	job_request_set(r, field, path);
	free(path);
	free(l.path);
	return 0;
}

static void
add_influence(struct job_stages *s, const struct job_request *r)
{
	const char *popularity = r->field[JOB_POPULARITY];
	const char *freshness = r->field[JOB_FRESHNESS];
	struct buf b = { 0 };

	if (popularity)
		buf_addf(&b, "POPULARITY=%s", popularity);
	if (freshness)
		buf_addf(&b, "%sFRESHNESS=%s", popularity ? "," : "", freshness);
	if (b.len)
		job_stages_option(s, "--ranking-influence", b.data);
	buf_release(&b);
}

static void
add_flag(struct job_stages *s, bool given, const char *option)
{
	if (given)
		job_stages_word(s, option);
}

/* What filters depend on besides the record, for every stage that runs them. */
static void
add_filter_options(struct job_stages *s, const struct job_wish *w, const char *now)
{
	char number[24];

	job_stages_option(s, "--now", now);
	snprintf(number, sizeof number, "%zu", w->filter_history);
	if (w->filter_history)
		job_stages_option(s, "--filter-history", number);
	add_flag(s, w->service_limits, "--service-limits");
}

/* The clock is read once, so that every part and every resume sees the same. */
static void
make_stages(
    struct job *j, const struct job_wish *w, const char *model, const char *filter)
{
	const struct job_request *r = &j->request;
	struct job_stages *s = &j->stages;
	char now[40], *dataset = w->dataset ? job_names_absolute(w->dataset) : NULL;

	snprintf(now, sizeof now, "%.0f", j->created);
	if (filter) {
		job_stages_begin(s, "pz-filter");
		add_filter_options(s, w, w->now ? w->now : now);
		job_stages_word(s, filter);
	}
	job_stages_begin(s, "pz-score");
	job_stages_option(s, "-m", model);
	job_stages_option(s, "-d", dataset);
	job_stages_option(s, "-n", r->field[JOB_RESULTS]);
	job_stages_option(s, "--exploration-weight", r->field[JOB_EXPLORATION]);
	job_stages_option(
	    s, "--exploration-item-age-cut-off", r->field[JOB_AGE_CUT_OFF]);
	add_influence(s, r);
	job_stages_option(s, "--themes", r->field[JOB_THEME_NAME]);
	add_flag(s, w->reasons, "--reasons");
	add_flag(s, w->scores, "--scores");
	add_flag(s, w->docs_format, "--docs-format");
	add_filter_options(s, w, w->now ? w->now : now);
	free(dataset);
}

static void
fill_defaults(struct job *j)
{
	struct job_request *r = &j->request;

	if (!r->field[JOB_RESULTS])
		job_request_set(r, JOB_RESULTS, "25");
	if (!r->field[JOB_MODE] && !j->segment)
		job_request_set(r, JOB_MODE, "BATCH_INFERENCE");
}

/* The model and the filter, and whether they and the request fit each other. */
static int
resolve(struct job *j, const struct job_wish *w, size_t *most_lines, char **why)
{
	struct job_request *r = &j->request;
	char *model = job_names_model(r->field[JOB_SOLUTION], why), *filter = NULL;
	int status = -1;

	if (!model || job_check_model(model, j, most_lines, why) < 0)
		goto out;
	if (r->field[JOB_FILTER] &&
	    (!(filter = job_names_filter(r->field[JOB_FILTER], why)) ||
		job_check_filter(filter, model, why) < 0))
		goto out;
	fill_defaults(j);
	make_stages(j, w, model, filter);
	status = 0;
out:
	free(filter);
	free(model);
	return status;
}

/* A place of the job's own below the one that was given. */
static int
set_scratch(struct job *j, const struct job_wish *w, char **why)
{
	const char *output = j->request.field[JOB_OUTPUT], *given = w->scratch;

	if (!given)
		return 0;
	if (strncmp(given, "s3://", 5) != 0 || strncmp(output, "s3://", 5) != 0) {
		*why = xstrdup("--scratch is in S3, for outputs that are, too");
		return -1;
	}
	j->scratch = xasprintf("%s%s%s-%.0f/", given,
	    given[strlen(given) - 1] == '/' ? "" : "/", job_name(j), j->created * 1e3);
	return 0;
}

static int
list_and_cut(struct job *j, const struct job_wish *w, struct plan *p, char **why)
{
	struct sources found = { .s3 = &j->s3 };
	struct s3_error e = { 0 };
	int status = 0;

	if (plan_list(&found, &j->request, &e) < 0 ||
	    plan_make(p, &found, &j->request, w->part_bytes, w->n_parts, &e) < 0) {
		status = e.transient ? STATUS_AGAIN : STATUS_FAILED;
		*why = e.text;
		e.text = NULL;
	}
	sources_release(&found);
	s3_error_release(&e);
	return status;
}

/* What is beyond the service's limits: warnings, or an end. */
static int
limit(struct job *j, const struct job_wish *w, const struct plan *p, size_t most_lines,
    struct buf *warnings, char **why)
{
	struct s3_error e = { 0 };

	if (job_limits(warnings, p, &j->request, most_lines, &j->s3, &e) < 0) {
		*why = e.text;
		return e.transient ? STATUS_AGAIN : STATUS_FAILED;
	}
	if (!w->service_limits || !warnings->len)
		return 0;
	*why = xasprintf("beyond the service's limits: %.*s",
	    (int)strcspn(warnings->data, "\n"), warnings->data);
	buf_clear(warnings);
	return STATUS_FAILED;
}

static void
add_word(struct job *j, const char *word)
{
	j->words = xrealloc(j->words, j->n_words + 1, sizeof *j->words);
	j->words[j->n_words++] = xstrdup(word);
}

static struct job *
new_job(struct job_wish *w)
{
	struct job *j = xcalloc(1, sizeof *j);

	j->lock = -1;
	j->request = w->request;
	w->request = (struct job_request){ 0 };
	j->created = job_file_now();
	j->engine = xstrdup(w->engine ? w->engine : "local");
	j->at_once = w->at_once;
	j->threads = w->threads;
	for (size_t i = 0; i < w->engine_options.n; i++)
		add_word(j, w->engine_options.values[i]);
	if (w->sshlogin) {
		add_word(j, "--sshlogin");
		add_word(j, w->sshlogin);
	}
	j->s3 = w->s3;
	j->s3.endpoint = copy(w->s3.endpoint);
	j->s3.region = copy(w->s3.region);
	j->s3.profile = copy(w->s3.profile);
	return j;
}

struct job *
job_prepare(
    struct job_wish *w, struct plan *p, struct buf *warnings, char **why, int *status)
{
	struct job *j = new_job(w);
	size_t most_lines;

	*p = (struct plan){ 0 };
	*status = STATUS_USAGE;
	if (!engine_find(j->engine))
		*why = xasprintf(
		    "there is no engine %s: local, parallel, slurm or none", j->engine);
	else if (job_request_check(&j->request, why) == 0 &&
		 make_absolute(&j->request, JOB_INPUT, why) == 0 &&
		 make_absolute(&j->request, JOB_OUTPUT, why) == 0 &&
		 set_scratch(j, w, why) == 0 && resolve(j, w, &most_lines, why) == 0 &&
		 !(*status = list_and_cut(j, w, p, why)) &&
		 !(*status = limit(j, w, p, most_lines, warnings, why)))
		return j;
	plan_release(p);
	job_free(j);
	return NULL;
}
