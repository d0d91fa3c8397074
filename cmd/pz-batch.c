/* pz-batch - run batch inference and segment jobs from their descriptions */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine.h"
#include "exit_status.h"
#include "interrupt.h"
#include "job_create.h"
#include "job_describe.h"
#include "job_go.h"
#include "job_list.h"
#include "job_log.h"
#include "job_policy.h"
#include "job_shell.h"
#include "job_watch.h"
#include "opt.h"
#include "output.h"
#include "part_many.h"
#include "progress.h"

static const char *file, *jobs, *fields[JOB_FIELDS];
static bool print, table, follow, quiet;
static size_t of, tries = 8;
static struct job_list_query query = { .most = 100 };
static struct job_wish wish;
static struct job_go how;

static const struct opt opts[] = {
	{ OPT_STRING, 0, "file", &file, "FILE",
	    "the job as JSON, as the service takes it" },
	JOB_REQUEST_OPTIONS(fields),
	JOB_WISH_OPTIONS(wish),
	{ OPT_FLAG, 0, "detach", &how.detach, NULL, "return at once, the job goes on" },
	{ OPT_FLAG, 0, "print", &print, NULL,
	    "print the commands that do it, and end" },
	{ OPT_STRING, 0, "scratch", &wish.scratch, "PREFIX",
	    "parts' outputs go to S3, which puts them together" },
	{ OPT_STRING, 0, "jobs", &jobs, "DIR", "where jobs are (PZ_JOBS, or pz-jobs)" },
	{ OPT_FLAG, 0, "table", &table, NULL, "list: a table for people" },
	{ OPT_STRING, 0, "solution-version", &query.solution, "NAME",
	    "list: jobs with this solutionVersionArn" },
	{ OPT_SIZE, 0, "max-results", &query.most, "N", "list: at most N jobs (100)" },
	{ OPT_STRING, 0, "next-token", &query.token, "TOKEN",
	    "list: go on from there" },
	{ OPT_SIZE, 0, "timeout", &how.timeout, "SECONDS",
	    "wait: no longer than this" },
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

/* A verb at work. */
struct call {
	char **operands;
	struct job *job; /* NULL: none is open */
	struct buf out;  /* printed at the end, unless there is a why */
	char *why;       /* what is said at the end, NULL: nothing */
};

static struct job *
open_job(struct call *c)
{
	char *dir = job_find(job_folder(jobs), c->operands[0]), *why;

	if (!(c->job = job_open(dir, &why)))
		errx(STATUS_FAILED, "%s", why);
	free(dir);
	return c->job;
}

static void
print_text(struct buf *b)
{
	out_write(b->data, b->len);
	fflush(stdout);
	buf_clear(b);
}

static int
create(struct call *c)
{
	struct buf warnings = { 0 };
	struct plan p = { 0 };
	int status;

	if ((status = job_request_read(&wish.request, file, fields, &c->why)) ||
	    !(c->job = job_prepare(&wish, &p, &warnings, &c->why, &status)))
		goto out;
	out_warn(warnings.data, "beyond the service's limits: ");
	if (print)
		job_print_shell(&c->out, c->job, &p);
	else if (job_put_down(c->job, &p, job_folder(jobs), &c->why) < 0)
		status = STATUS_FAILED;
	else {
		job_print_arn(&c->out, c->job);
		print_text(&c->out);
		status = job_go(c->job, &p, &how, &c->why);
	}
out:
	plan_release(&p);
	buf_release(&warnings);
	return status;
}

static int
describe(struct call *c)
{
	return job_describe(&c->out, open_job(c), &c->why) ? STATUS_FAILED : 0;
}

static int
list(struct call *c)
{
	struct buf bad = { 0 };
	struct job_list l;
	int status = job_list_read(&l, job_folder(jobs), &bad, &c->why);

	if (status == 0)
		status = (table ? job_list_table : job_list_print)(
		    &c->out, &l, &query, &c->why);
	if (status == 0)
		out_warn(bad.data, "");
	job_list_release(&l);
	buf_release(&bad);
	return status ? STATUS_FAILED : 0;
}

static int
wait_for(struct call *c)
{
	return job_wait(open_job(c), how.timeout, &c->why);
}

static int
resume(struct call *c)
{
	open_job(c);
	if (wish.engine && !engine_find(wish.engine))
		opt_usage(&command, "there is no engine %s", wish.engine);
	how.engine = wish.engine;
	how.at_once = wish.at_once;
	how.threads = wish.threads;
	return job_resume(c->job, &how, &c->why);
}

static int
stop(struct call *c)
{
	return job_stop(open_job(c), &c->why) ? STATUS_FAILED : 0;
}

static int
logs(struct call *c)
{
	size_t from = 0;
	bool over = !follow;

	open_job(c);
	if (!follow)
		job_log_more(&c->out, c->job, &from);
	while (!over) {
		if (job_watch_log(&c->out, c->job, &from, &over, &c->why) < 0)
			return STATUS_FAILED;
		print_text(&c->out);
	}
	job_log_parts(&c->out, c->job);
	return 0;
}

/* Of a description, or of a job that is there. */
static int
policy(struct call *c)
{
	const char *named = c->operands[0];
	int status;

	if (access(named, R_OK) != 0 && strcmp(named, "-") != 0) {
		open_job(c);
		job_policy_print(&c->out, &c->job->request, c->job->scratch);
		return 0;
	}
	if ((status = job_request_read(&wish.request, named, fields, &c->why)) == 0)
		job_policy_print(&c->out, &wish.request, wish.scratch);
	return status;
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

static int
part(struct call *c)
{
	struct plan p;
	struct part_many m = { open_job(c), &p, wish.threads, tries, of,
		quiet ? NULL : print_done, print_failed, PART_DONE };

	if (plan_read(&p, c->job, &c->why) < 0)
		return STATUS_FAILED;
	if (part_many_run(&m, c->operands[1], &c->why) < 0)
		opt_usage(&command, "%s", c->why);
	plan_release(&p);
	if (m.worst == PART_STOPPED)
		interrupt_die();
	return part_many_status(&m);
}

static int
merge(struct call *c)
{
	return job_merge(open_job(c), &c->why);
}

static const struct verb {
	const char *name;
	int (*run)(struct call *c); /* returns as job_go does */
	size_t least, most;         /* operands */
	const char *wanted;
} verbs[] = {
	{ "create", create, 0, 0, "takes no operand" },
	{ "describe", describe, 1, 1, "which job?" },
	{ "list", list, 0, 0, "takes no operand" },
	{ "wait", wait_for, 1, 1, "which job?" },
	{ "resume", resume, 1, 1, "which job?" },
	{ "stop", stop, 1, 1, "which job?" },
	{ "logs", logs, 1, 1, "which job?" },
	{ "policy", policy, 1, 1, "which job?" },
	{ "part", part, 1, 2, "a job, and a part's number" },
	{ "merge", merge, 1, 1, "which job?" },
};

static const struct verb *
find_verb(const char *name, size_t n_operands)
{
	for (size_t i = 0; i < LENGTH(verbs); i++) {
		const struct verb *v = &verbs[i];

		if (strcmp(name, v->name) != 0)
			continue;
		if (n_operands < v->least || n_operands > v->most)
			opt_usage(&command, "%s: %s", name, v->wanted);
		return v;
	}
	opt_usage(&command, "there is no '%s'", name);
}

int
main(int argc, char *argv[])
{
	int arg = opt_parse(argc, argv, &command), status;
	struct call c = { .operands = argv + arg + 1 };

	if (arg == argc)
		opt_usage(&command, "what to do?");
	status = find_verb(argv[arg], (size_t)(argc - arg - 1))->run(&c);
	if (c.why)
		warnx("%s", c.why);
	else
		print_text(&c.out);
	if (status < 0)
		interrupt_die_of(-status);
	job_free(c.job);
	buf_release(&c.out);
	free(c.why);
	job_request_release(&wish.request);
	free(wish.engine_options.values);
	out_close();
	return status;
}
