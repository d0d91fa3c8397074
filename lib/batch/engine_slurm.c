/*
 * engine_slurm - the parts of a job as an array of Slurm's, its merge behind them.
 *
 * The array's tasks are requeued when their node fails. The merge depends on the
 * array's end, however that was: it finds out which parts are not done and says so,
 * where one that depended on their success would wait for ever.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine.h"
#include "job_file.h"
#include "part.h"
#include "pipes.h"

/* MaxArraySize is 1001 if nobody changed it: indices up to 1000. */
enum { TASKS_MOST = 1000 };

/* squeue may not yet show what was submitted just now. */
enum { SHOWN_SECONDS = 5 };

/* "0-5,7,9-12" of rising numbers. */
static void
add_ranges(struct buf *b, const size_t *numbers, size_t n)
{
	for (size_t i = 0, last; i < n; i = last + 1) {
		last = i;
		while (last + 1 < n && numbers[last + 1] == numbers[last] + 1)
			last++;
		buf_addf(b, "%s%zu", i ? "," : "", numbers[i]);
		if (last > i)
			buf_addf(b, "-%zu", numbers[last]);
	}
}

static void
begin_sbatch(struct job_stages *s, const struct job *j, const char *name)
{
	char *output = job_path(j, "slurm.out");
	char *title = xasprintf("pz-%s%s", job_name(j), name);

	job_stages_begin(s, "sbatch");
	job_stages_word(s, "--parsable");
	job_stages_word(s, "--requeue");
	job_stages_word(s, "--open-mode=append");
	job_stages_option(s, "--output", output);
	job_stages_option(s, "--chdir", j->dir);
	job_stages_option(s, "--job-name", title);
	for (size_t i = 0; i < j->n_words; i++)
		job_stages_word(s, j->words[i]);
	free(title);
	free(output);
}

/* A script that becomes pz-batch. */
static void
add_script(struct buf *b, const struct job *j, const char *verb)
{
	char *self = engine_self();

	buf_adds(b, "#!/bin/sh\nexec ");
	job_stages_quote(b, self);
	buf_addf(b, " %s ", verb);
	job_stages_quote(b, j->dir);
	free(self);
}

/* The ID of what was submitted: "123" or "123;cluster". NULL and *why. */
static char *
submit(const struct job_stages *s, const char *script, char **why)
{
	struct buf out = { 0 };
	char *id = NULL;

	if (!(*why = pipes_capture(s, script, &out))) {
		id = xmemdup(out.data, strcspn(out.data, ";\n"));
		if (!*id || id[strspn(id, "0123456789")]) {
			*why = xasprintf("its answer '%s' is no job's ID", id);
			free(id);
			id = NULL;
		}
	}
	buf_release(&out);
	return id;
}

static char *
submit_parts(const struct job *j, const struct plan *p, const struct pending *pending,
    char **why)
{
	struct job_stages s = { 0 };
	struct buf array = { 0 }, script = { 0 };
	bool shared = p->n_parts > TASKS_MOST;
	char *id;

	if (shared)
		buf_addf(&array, "0-%d", TASKS_MOST - 1);
	else
		add_ranges(&array, pending->parts, pending->n);
	if (j->at_once)
		buf_addf(&array, "%%%zu", j->at_once);
	begin_sbatch(&s, j, "");
	job_stages_option(&s, "--array", array.data);
	add_script(&script, j, "part");
	buf_adds(&script, " --quiet");
	if (shared)
		buf_addf(&script, " --of %d", TASKS_MOST);
	if (j->threads)
		buf_addf(&script, " -j %zu", j->threads);
	buf_addc(&script, '\n');
	id = submit(&s, script.data, why);
	job_stages_release(&s);
	buf_release(&script);
	buf_release(&array);
	return id;
}

static char *
submit_merge(const struct job *j, const char *array, char **why)
{
	char *dependency = xasprintf("afterany:%s", array);
	struct job_stages s = { 0 };
	struct buf script = { 0 };
	char *id;

	begin_sbatch(&s, j, "-merge");
	job_stages_option(&s, "--dependency", dependency);
	add_script(&script, j, "merge");
	buf_addc(&script, '\n');
	id = submit(&s, script.data, why);
	job_stages_release(&s);
	buf_release(&script);
	free(dependency);
	return id;
}

static int
keep_ids(const struct job *j, const char *array, const char *merge)
{
	char *path = job_path(j, "slurm.json");
	struct buf b = { 0 };
	int status;

	buf_addf(
	    &b, "{\"ids\":\"%s,%s\",\"time\":%.3f}\n", array, merge, job_file_now());
	status = job_file_write(path, (struct span){ b.data, b.len });
	buf_release(&b);
	free(path);
	return status;
}

/* "array,merge", to be freed, and when; NULL: nothing was submitted. */
static char *
read_ids(const struct job *j, double *time)
{
	char *path = job_path(j, "slurm.json"), *ids = NULL;
	struct buf text = { 0 };
	struct json_value all;

	if (!job_file_json(path, &text, &all)) {
		ids = job_file_text(all, "ids");
		*time = job_file_number(all, "time");
	}
	buf_release(&text);
	free(path);
	return ids;
}

static char *
cancel(const char *ids)
{
	struct job_stages s = { 0 };
	struct buf out = { 0 };
	char *copy = xstrdup(ids), *rest = copy, *id, *why;

	job_stages_begin(&s, "scancel");
	while ((id = strsep(&rest, ",")))
		job_stages_word(&s, id);
	why = pipes_capture(&s, "", &out);
	job_stages_release(&s);
	buf_release(&out);
	free(copy);
	return why;
}

static enum engine_end
run(struct job *j, const struct plan *p, const struct pending *pending,
    struct progress *progress, char **why)
{
	char *array = submit_parts(j, p, pending, why), *merge = NULL;
	enum engine_end end = ENGINE_FAILED;

	(void)progress;
	if (array)
		merge = submit_merge(j, array, why);
	if (merge && keep_ids(j, array, merge) < 0)
		*why = xasprintf("slurm.json: %s", strerror(errno));
	else if (merge)
		end = ENGINE_SUBMITTED;
	/* An array that nothing comes behind is of no use. */
	if (array && end == ENGINE_FAILED)
		free(cancel(array));
	if (end == ENGINE_SUBMITTED)
		job_log(j, "Slurm has it as %s, its merge as %s", array, merge);
	free(array);
	free(merge);
	return end;
}

/* The states of what is left in the queue, a line each; NULL: nothing, or *lost. */
static char *
ask_queue(const char *ids, bool *lost)
{
	struct job_stages s = { 0 };
	struct buf out = { 0 };
	char *why;

	job_stages_begin(&s, "squeue");
	job_stages_word(&s, "--noheader");
	job_stages_option(&s, "--jobs", ids);
	job_stages_option(&s, "--format", "%T");
	why = pipes_capture(&s, "", &out);
	/* "Invalid job id specified": they are gone. Else Slurm cannot be asked now. */
	*lost = why && !strstr(why, "nvalid job id");
	free(why);
	job_stages_release(&s);
	if (out.len)
		return out.data;
	buf_release(&out);
	return NULL;
}

/* What accounting knows, if there is any. */
static char *
ask_accounting(const char *ids)
{
	struct job_stages s = { 0 };
	struct buf out = { 0 };
	char *why;

	job_stages_begin(&s, "sacct");
	job_stages_word(&s, "--noheader");
	job_stages_word(&s, "--allocations");
	job_stages_word(&s, "--parsable2");
	job_stages_option(&s, "--jobs", ids);
	job_stages_option(&s, "--format", "JobID,State,ExitCode,NodeList");
	job_stages_option(
	    &s, "--state", "BOOT_FAIL,CANCELLED,DEADLINE,FAILED,NODE_FAIL,OOM,TIMEOUT");
	why = pipes_capture(&s, "", &out);
	job_stages_release(&s);
	if (!why && out.len)
		why = xasprintf("Slurm has it no more; sacct: %.*s",
		    (int)strcspn(out.data, "\n"), out.data);
	else {
		free(why);
		why = xstrdup("Slurm has it no more, and it did not come to its end; "
			      "pz-batch resume goes on");
	}
	buf_release(&out);
	return why;
}

static bool
has_begun(const struct job *j, const char *states)
{
	struct part_done done;

	return !strstr(states, "PENDING") || strstr(states, "RUNNING") ||
	       strstr(states, "COMPLETING") || part_read(j, 0, &done);
}

static const char *
status(const struct job *j, char **why)
{
	double submitted;
	char *ids = read_ids(j, &submitted), *states;
	const char *is = NULL;
	bool lost;

	if (!ids) {
		*why = xstrdup("it was not submitted; pz-batch resume does it");
		return NULL;
	}
	if ((states = ask_queue(ids, &lost)))
		is = has_begun(j, states) ? JOB_IN_PROGRESS : JOB_PENDING;
	else if (lost)
		is = JOB_IN_PROGRESS;
	else if (job_file_now() < submitted + SHOWN_SECONDS)
		is = JOB_PENDING;
	else
		*why = ask_accounting(ids);
	free(states);
	free(ids);
	return is;
}

static int
stop(const struct job *j, char **why)
{
	double submitted;
	char *ids = read_ids(j, &submitted);

	*why = ids ? cancel(ids) : NULL;
	free(ids);
	return *why ? -1 : 0;
}

const struct engine engine_slurm = { "slurm", run, status, stop };
