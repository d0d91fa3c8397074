/* pz-batch - run batch inference and segment jobs from their descriptions */
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "detach.h"
#include "engine.h"
#include "interrupt.h"
#include "job_create.h"
#include "job_describe.h"
#include "job_file.h"
#include "job_list.h"
#include "job_log.h"
#include "job_policy.h"
#include "job_shell.h"
#include "job_watch.h"
#include "opt.h"
#include "output.h"
#include "part_many.h"
#include "progress.h"
#include "run.h"

enum { STATUS_AGAIN = 75 };

static const char *file, *jobs, *fields[JOB_FIELDS], *sshlogin, *solution_version;
static const char *next_token, *engine;
static bool detach, print, table, follow, quiet;
static size_t of, tries = 8, max_results = 100, timeout;
static struct opt_list engine_options;
static struct job_wish wish;

static const struct opt opts[] = {
	{ OPT_STRING, 0, "file", &file, "FILE",
	    "the job as JSON, as the service takes it" },
	{ OPT_STRING, 0, "name", &fields[JOB_NAME], "NAME", "jobName" },
	{ OPT_STRING, 'm', "model", &fields[JOB_SOLUTION], "MODEL",
	    "solutionVersionArn: a model's file or name" },
	{ OPT_STRING, 0, "filter", &fields[JOB_FILTER], "FILTER",
	    "filterArn: an expression, its file or its name" },
	{ OPT_STRING, 'n', "num-results", &fields[JOB_RESULTS], "N",
	    "numResults: items or users per record (25)" },
	{ OPT_STRING, 0, "input", &fields[JOB_INPUT], "PATH",
	    "jobInput: files or objects that begin so" },
	{ OPT_STRING, 0, "input-kms-key", &fields[JOB_INPUT_KEY], "ARN",
	    "its kmsKeyArn" },
	{ OPT_STRING, 0, "output", &fields[JOB_OUTPUT], "FOLDER", "jobOutput" },
	{ OPT_STRING, 0, "output-kms-key", &fields[JOB_OUTPUT_KEY], "ARN",
	    "its kmsKeyArn" },
	{ OPT_STRING, 0, "role", &fields[JOB_ROLE], "ARN",
	    "roleArn: told again, else of no effect" },
	{ OPT_STRING, 0, "exploration-weight", &fields[JOB_EXPLORATION], "X",
	    "explorationWeight, 0 to 1" },
	{ OPT_STRING, 0, "exploration-item-age-cut-off", &fields[JOB_AGE_CUT_OFF],
	    "DAYS", "explorationItemAgeCutOff" },
	{ OPT_STRING, 0, "popularity", &fields[JOB_POPULARITY], "X",
	    "rankingInfluence of POPULARITY, 0 to 1" },
	{ OPT_STRING, 0, "freshness", &fields[JOB_FRESHNESS], "X",
	    "rankingInfluence of FRESHNESS, 0 to 1" },
	{ OPT_STRING, 0, "themes", &fields[JOB_THEME_NAME], "COLUMN",
	    "THEME_GENERATION; items' names are in COLUMN" },
	{ OPT_STRING, 'd', "dataset", &wish.dataset, "DATASET",
	    "what is newer than the model, as for pz-score" },
	{ OPT_STRING, 0, "now", &wish.now, "TIME",
	    "what NOW() in filters is (the clock)" },
	{ OPT_SIZE, 0, "filter-history", &wish.filter_history, "N",
	    "as for pz-filter" },
	{ OPT_FLAG, 0, "service-limits", &wish.service_limits, NULL,
	    "refuse what the service would, and filter as it does" },
	{ OPT_FLAG, 0, "reasons", &wish.reasons, NULL, "as for pz-score" },
	{ OPT_FLAG, 0, "scores", &wish.scores, NULL, "as for pz-score" },
	{ OPT_FLAG, 0, "docs-format", &wish.docs_format, NULL, "as for pz-score" },
	{ OPT_SIZE, 0, "part-size", &wish.part_bytes, "N",
	    "bytes of a part's input (4 MiB)" },
	{ OPT_SIZE, 0, "parts", &wish.n_parts, "N",
	    "cut all input into about N parts" },
	{ OPT_STRING, 0, "engine", &engine, "NAME",
	    "who runs the parts: local, parallel, slurm, none (local)" },
	{ OPT_SIZE, 'P', "at-once", &wish.at_once, "N", "parts at once (1)" },
	{ OPT_SIZE, 'j', "threads", &wish.threads, "N",
	    "threads of each part (all cores)" },
	{ OPT_STRING, 0, "sshlogin", &sshlogin, "LIST", "parallel: the machines" },
	{ OPT_LIST, 0, "engine-option", &engine_options, "OPTION",
	    "given to parallel or sbatch; may be repeated" },
	{ OPT_FLAG, 0, "detach", &detach, NULL, "return at once, the job goes on" },
	{ OPT_FLAG, 0, "print", &print, NULL,
	    "print the commands that do it, and end" },
	{ OPT_STRING, 0, "scratch", &wish.scratch, "PREFIX",
	    "parts' outputs go to S3, which puts them together" },
	{ OPT_STRING, 0, "jobs", &jobs, "DIR", "where jobs are (PZ_JOBS, or pz-jobs)" },
	{ OPT_FLAG, 0, "table", &table, NULL, "list: a table for people" },
	{ OPT_STRING, 0, "solution-version", &solution_version, "NAME",
	    "list: jobs with this solutionVersionArn" },
	{ OPT_SIZE, 0, "max-results", &max_results, "N", "list: at most N jobs (100)" },
	{ OPT_STRING, 0, "next-token", &next_token, "TOKEN", "list: go on from there" },
	{ OPT_SIZE, 0, "timeout", &timeout, "SECONDS", "wait: no longer than this" },
	{ OPT_FLAG, 'f', "follow", &follow, NULL, "logs: until the job's end" },
	{ OPT_SIZE, 0, "of", &of, "N", "part: as one of N that share all parts" },
	{ OPT_SIZE, 0, "tries", &tries, "N", "part: of what may pass (8)" },
	{ OPT_FLAG, 'q', "quiet", &quiet, NULL, "part: print nothing of what is done" },
	S3_OPTIONS(wish.s3),
	PROGRESS_OPTIONS,
	{ 0 },
};

static const struct command command = {
	"pz-batch",
	"run batch inference and segment jobs from their descriptions",
	"create [--file FILE] [--detach|--print] [options]\n"
	"describe|wait|resume|stop|logs JOB\n"
	"list [--table]\n"
	"policy FILE|JOB\n"
	"part JOB [N|-]\n"
	"merge JOB",
	opts,
};

static _Noreturn void
fail(char *why, int status)
{
	warnx("%s", why);
	exit(status);
}

static const char *
folder_of_jobs(void)
{
	const char *set = getenv("PZ_JOBS");

	return jobs ? jobs : set && *set ? set : "pz-jobs";
}

/* Of which there is one, released at the end wherever that is. */
static struct job *opened;

static void
close_job(void)
{
	job_free(opened);
}

static struct job *
open_job(const char *named)
{
	char *dir = job_find(folder_of_jobs(), named), *why;

	if (!(opened = job_open(dir, &why)))
		fail(why, 1);
	free(dir);
	return opened;
}

static void
read_plan(struct plan *p, const struct job *j)
{
	char *why;

	if (plan_read(p, j, &why) < 0)
		fail(why, 1);
}

static void
print_text(struct buf *b)
{
	out_write(b->data, b->len);
	fflush(stdout);
	buf_clear(b);
}

/* Each line of it is a warning. */
static void
warn_lines(const struct buf *b, const char *about)
{
	for (char *at = b->data, *lf; at && (lf = strchr(at, '\n')); at = lf + 1)
		warnx("%s%.*s", about, (int)(lf - at), at);
}

/* What the file says, and what options say instead. */
static void
read_request(struct job_request *r, const char *path)
{
	struct buf text = { 0 };
	char *why;

	if (path && buf_read(strcmp(path, "-") ? path : "/dev/stdin", &text) < 0)
		err(1, "%s", path);
	if (path &&
	    job_request_parse(r, (struct span){ text.data, text.len }, &why) < 0)
		errx(2, "%s: %s", path, why);
	for (size_t i = 0; i < JOB_FIELDS; i++)
		if (fields[i])
			job_request_set(r, i, fields[i]);
	if (fields[JOB_THEME_NAME])
		job_request_set(r, JOB_MODE, "THEME_GENERATION");
	buf_release(&text);
}

/* Of a job that came to its end, or is said to have. */
static int
exit_status(const struct job *j)
{
	struct job_state s;
	int status;
	char *why;

	if (job_state_now(j, &s, &why) < 0)
		fail(why, 1);
	status = job_exit_status(&s);
	if (s.reason)
		warnx("%s: %s", job_name(j), s.reason);
	job_state_release(&s);
	return status;
}

static int
wait_for(const struct job *j)
{
	bool over;
	char *why;

	if (job_wait(j, (double)timeout, &over, &why) < 0)
		fail(why, 1);
	if (!over)
		errx(STATUS_AGAIN, "%s: goes on after %zu seconds", job_name(j),
		    timeout);
	return exit_status(j);
}

static void
lock(struct job *j)
{
	int status = job_lock(j);

	if (status > 0)
		errx(1, "%s: another process works on it", job_name(j));
	if (status < 0)
		err(1, "%s/lock", j->dir);
}

/* As the signal would have done it, if one did. */
static int
end_stopped(const struct job *j)
{
	int sig = engine_signal() ? engine_signal() : interrupt_signal();

	warnx("%s: stopped; pz-batch resume %s goes on", job_name(j), job_name(j));
	if (sig) {
		signal(sig, SIG_DFL);
		raise(sig);
	}
	return 1;
}

/* The job from here to its end, or without us. */
static int
go(struct job *j, const struct plan *p)
{
	enum run_end end;
	int status;

	if (detach)
		s3_options_release(&j->s3); /* its connections are not for two */
	if (detach && (status = detach_begin()) != 0) {
		if (status < 0)
			errx(-1 - status, "%s: did not begin", job_name(j));
		return 0;
	}
	lock(j);
	detach_ready();
	end = run_job(j, p);
	job_unlock(j);
	if (end == RUN_SUBMITTED)
		return detach || !strcmp(j->engine, "none") ? 0 : wait_for(j);
	if (end == RUN_STOPPED)
		return end_stopped(j);
	status = exit_status(j);
	return end == RUN_AGAIN ? STATUS_AGAIN : status;
}

/* An option of parallel's, as any other is. */
static void
add_sshlogin(void)
{
	struct opt_list *l = &engine_options;

	if (!sshlogin)
		return;
	l->values = xrealloc(l->values, l->n + 2, sizeof *l->values);
	l->values[l->n++] = "--sshlogin";
	l->values[l->n++] = sshlogin;
}

static int
create(void)
{
	struct buf b = { 0 }, warnings = { 0 };
	struct plan p;
	struct job *j;
	char *why, *arn;
	int status;

	read_request(&wish.request, file);
	wish.engine = engine ? engine : "local";
	add_sshlogin();
	wish.words = engine_options.values;
	wish.n_words = engine_options.n;
	if (!(j = opened = job_prepare(&wish, &p, &warnings, &why, &status)))
		fail(why, status);
	warn_lines(&warnings, "beyond the service's limits: ");
	if (print)
		job_print_shell(&b, j, &p);
	else {
		if (job_put_down(j, &p, folder_of_jobs(), &why) < 0)
			fail(why, 1);
		arn = job_arn(j);
		buf_addf(&b, "{\"batch%sJobArn\":\"%s\"}\n",
		    j->segment ? "Segment" : "Inference", arn);
		free(arn);
	}
	print_text(&b);
	status = print ? 0 : go(j, &p);
	plan_release(&p);
	buf_release(&warnings);
	buf_release(&b);
	free(engine_options.values);
	return status;
}

static int
describe(const char *named)
{
	struct job *j = open_job(named);
	struct buf b = { 0 };
	char *why;

	if (job_describe(&b, j, &why) < 0)
		fail(why, 1);
	print_text(&b);
	buf_release(&b);
	return 0;
}

static int
list(void)
{
	const struct job_list_query q = { solution_version, next_token, max_results };
	struct buf b = { 0 }, bad = { 0 };
	struct job_list l;
	char *why;

	if (job_list_read(&l, folder_of_jobs(), &bad, &why) < 0 ||
	    (table ? job_list_table : job_list_print)(&b, &l, &q, &why) < 0)
		fail(why, 1);
	warn_lines(&bad, "");
	print_text(&b);
	job_list_release(&l);
	buf_release(&b);
	buf_release(&bad);
	return 0;
}

static int
wait_named(const char *named)
{
	return wait_for(open_job(named));
}

static int
resume(const char *named)
{
	struct job *j = open_job(named);
	struct job_state s;
	struct plan p;
	char *why;
	int status;

	if (engine && !engine_find(engine))
		opt_usage(&command, "there is no engine %s", engine);
	if (job_state_now(j, &s, &why) < 0)
		fail(why, 1);
	if (!strcmp(s.status, JOB_ACTIVE))
		status = exit_status(j);
	else if (!job_state_is_final(&s) && strcmp(j->engine, "none") != 0)
		errx(1, "%s: another process works on it", job_name(j));
	else {
		read_plan(&p, j);
		if (job_change(j, engine, wish.at_once, wish.threads, &why) < 0)
			fail(why, 1);
		status = go(j, &p);
		plan_release(&p);
	}
	job_state_release(&s);
	return status;
}

static int
stop(const char *named)
{
	char *why;

	if (job_stop(open_job(named), &why) < 0)
		fail(why, 1);
	return 0;
}

static int
logs(const char *named)
{
	struct job *j = open_job(named);
	struct buf b = { 0 };
	size_t from = 0;
	bool over = false;
	char *why;

	if (!follow)
		job_log_more(&b, j, &from);
	while (follow && !over) {
		if (job_watch_log(&b, j, &from, &over, &why) < 0)
			fail(why, 1);
		print_text(&b);
		if (!over)
			usleep(200 * 1000);
	}
	job_log_parts(&b, j);
	print_text(&b);
	buf_release(&b);
	return 0;
}

/* Of a description, or of a job that is there. */
static int
policy(const char *named)
{
	struct buf b = { 0 };
	struct job *j = NULL;

	if (access(named, R_OK) == 0 || !strcmp(named, "-"))
		read_request(&wish.request, named);
	else
		j = open_job(named);
	job_policy_print(
	    &b, j ? &j->request : &wish.request, j ? j->scratch : wish.scratch);
	print_text(&b);
	job_request_release(&wish.request);
	buf_release(&b);
	return 0;
}

static void
print_done(size_t number, const struct part_done *done)
{
	struct buf b = { 0 };

	part_print(&b, number, done);
	print_text(&b);
	buf_release(&b);
}

static void
print_failed(size_t number, const char *why)
{
	warnx("part %zu: %s", number, why);
}

static size_t
number_of(const char *text)
{
	const char *name;
	size_t n;

	if (text && !opt_size(text, &n))
		opt_usage(&command, "'%s' is not a part's number", text);
	if (!text && part_from_environment(&n, &name) < 0)
		opt_usage(&command,
		    name ? "%s is no number"
			 : "which part? A number, - "
			   "for those on stdin, or "
			   "a variable of a cluster",
		    name);
	return n;
}

static int
part(const char *named, const char *number)
{
	struct job *j = open_job(named);
	struct plan p;
	char *why;
	struct part_many m = { j, &p, wish.threads, tries, quiet ? NULL : print_done,
		print_failed, PART_DONE };

	read_plan(&p, j);
	if (!number || strcmp(number, "-") != 0)
		part_many_run(&m, number_of(number), of);
	else if (part_many_listed(&m, stdin, &why) < 0)
		opt_usage(&command, "%s", why);
	plan_release(&p);
	if (m.worst == PART_STOPPED)
		interrupt_die();
	return m.worst == PART_DONE ? 0 : m.worst == PART_AGAIN ? STATUS_AGAIN : 1;
}

static int
merge(const char *named)
{
	struct job *j = open_job(named);
	enum run_end end;
	struct plan p;
	int status;

	read_plan(&p, j);
	lock(j);
	end = run_merge(j, &p);
	job_unlock(j);
	status = exit_status(j);
	plan_release(&p);
	return end == RUN_AGAIN ? STATUS_AGAIN : status;
}

static const struct verb {
	const char *name;
	int (*one)(const char *job);
	int (*none)(void);
} verbs[] = {
	{ "create", NULL, create },
	{ "describe", describe, NULL },
	{ "list", NULL, list },
	{ "wait", wait_named, NULL },
	{ "resume", resume, NULL },
	{ "stop", stop, NULL },
	{ "logs", logs, NULL },
	{ "policy", policy, NULL },
	{ "merge", merge, NULL },
};

static int
run_verb(const char *name, char *operands[], size_t n)
{
	if (!strcmp(name, "part")) {
		if (n < 1 || n > 2)
			opt_usage(&command, "part: a job, and a part's number");
		return part(operands[0], operands[1]);
	}
	for (size_t i = 0; i < LENGTH(verbs); i++) {
		if (strcmp(name, verbs[i].name) != 0)
			continue;
		if (n != (verbs[i].one != NULL))
			opt_usage(&command,
			    verbs[i].one ? "%s: which job?" : "%s: takes no operand",
			    name);
		return verbs[i].one ? verbs[i].one(operands[0]) : verbs[i].none();
	}
	opt_usage(&command, "there is no '%s'", name);
}

int
main(int argc, char *argv[])
{
	int arg = opt_parse(argc, argv, &command), status;

	if (arg == argc)
		opt_usage(&command, "what to do?");
	atexit(close_job);
	status = run_verb(argv[arg], argv + arg + 1, (size_t)(argc - arg - 1));
	out_close();
	return status;
}
