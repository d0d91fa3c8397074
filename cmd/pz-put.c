/* pz-put - write a stream to a file or object, all of it or nothing */
#include <err.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "exit_status.h"
#include "interrupt.h"
#include "opt.h"
#include "output.h"
#include "progress.h"
#include "put_options.h"
#include "transfer.h"
#include "util.h"
#include "within.h"

static bool zstd, gzip, dry_run;
static size_t level;
static struct opt_list not_under;
static struct s3_options s3;
static struct put_options put;
static struct transfer transfer = { .to.s3 = &s3, .lines = SIZE_MAX };

static const struct opt opts[] = {
	{ OPT_FLAG, 0, "zstd", &zstd, NULL, "compress with zstd" },
	{ OPT_FLAG, 0, "gzip", &gzip, NULL, "compress with gzip" },
	{ OPT_SIZE, 0, "level", &level, "N",
	    "how hard to compress: zstd 1 to 22, gzip 1 to 9" },
	{ OPT_SIZE, 0, "lines", &transfer.lines, "N",
	    "fail unless exactly N lines come" },
	{ OPT_FLAG, 0, "mkdir", &transfer.to.make_folders, NULL,
	    "make missing folders" },
	{ OPT_FLAG, 0, "if-none-match", &put.put.if_none_match, NULL,
	    "fail if it is there already" },
	{ OPT_LIST, 0, "not-under", &not_under, "SOURCE",
	    "fail if this input would read it" },
	{ OPT_FLAG, 0, "dry-run", &dry_run, NULL, "say what would be written" },
	{ OPT_SIZE, 'j', "threads", &put.put.n_threads, "N",
	    "parts (8) or objects (16) sent at once" },
	PUT_OPTIONS(put),
	S3_OPTIONS(s3),
	PROGRESS_OPTIONS,
	{ 0 },
};

static const struct command command = {
	.name = "pz-put",
	.purpose = "write a stream to a file or object, all of it or nothing",
	.usage =
	    "[--zstd|--gzip] [--level N] [--lines N] [--mkdir] DESTINATION [FILE]\n"
	    "[--zstd|--gzip] [--level N] [--mkdir] FOLDER/ FILE...",
	.opts = opts,
};

static void
parse(struct location *l, const char *operand)
{
	const char *why;

	if (location_parse(l, operand, &why) < 0)
		errx(2, "%s: %s", operand, why);
}

static enum compression
compression(void)
{
	enum compression c = zstd   ? COMPRESS_ZSTD
			     : gzip ? COMPRESS_GZIP
				    : COMPRESS_NONE;

	if (zstd && gzip)
		opt_usage(&command, "--zstd or --gzip, not both");
	if (level && !zstd && !gzip)
		opt_usage(&command, "--level needs --zstd or --gzip");
	if (level > (size_t)compress_levels(c))
		opt_usage(&command, "--level: at most %d", compress_levels(c));
	return c;
}

static void
finish_options(const struct location *to)
{
	const char *given = put_options_given(&put);
	char *why;

	if (put_options_finish(&put, &why) < 0)
		opt_usage(&command, "%s", why);
	if (to->kind != LOCATION_S3 && given)
		opt_usage(&command, "%s is for objects in S3", given);
	transfer.compression = compression();
	transfer.level = (int)level;
	transfer.to.put = put.put;
}

static bool
is_folder(const struct location *to)
{
	struct stat st;

	if (to->kind == LOCATION_STDIO)
		return false;
	if (to->path[strlen(to->path) - 1] == '/')
		return true;
	return to->kind == LOCATION_PATH ? !stat(to->path, &st) && S_ISDIR(st.st_mode)
					 : !strchr(to->path + strlen("s3://"), '/');
}

/* A folder as destination takes the file under its own name. */
static void
make_job(struct transfer_job *job, const struct location *to, const char *operand)
{
	struct location from = { .kind = LOCATION_STDIO };
	const char *slash;

	if (operand)
		parse(&from, operand);
	if (from.kind == LOCATION_S3)
		errx(2, "%s: is an object, which pz-fetch reads", operand);
	if (from.kind == LOCATION_PATH)
		job->from = from.path;
	else
		free(from.path);
	job->to = *to;
	job->to.path = xstrdup(to->path);
	if (!is_folder(to))
		return;
	if (!job->from)
		errx(2, "%s: is a folder, and stdin has no name: name a file in it",
		    to->path);
	slash = strrchr(job->from, '/');
	free(job->to.path);
	job->to.path = xasprintf("%s%s%s", to->path,
	    to->path[strlen(to->path) - 1] == '/' ? "" : "/",
	    slash ? slash + 1 : job->from);
}

static void
check_not_under(const struct transfer_job *job)
{
	struct location source;

	for (size_t i = 0; i < not_under.n; i++) {
		parse(&source, not_under.values[i]);
		if (within(&job->to, &source))
			errx(1, "%s: lies in the input %s", job->to.path,
			    not_under.values[i]);
		free(source.path);
	}
}

static struct progress progress;
static uint64_t moved;

static void
show_progress(void *context, uint64_t bytes)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

	(void)context;
	pthread_mutex_lock(&lock);
	progress_show(&progress, moved += bytes, NULL);
	pthread_mutex_unlock(&lock);
}

static void
start_progress(const struct transfer_job *jobs, size_t n)
{
	uint64_t total = 0;
	struct stat st;

	for (size_t i = 0; i < n; i++)
		if (!(jobs[i].from ? stat(jobs[i].from, &st) : fstat(0, &st)) &&
		    S_ISREG(st.st_mode))
			total += (uint64_t)st.st_size;
	progress_start(&progress, command.name, "MB", zstd || gzip ? 0 : total);
	transfer.moved = show_progress;
}

static _Noreturn void
fail(const struct s3_error *e)
{
	progress_end(&progress);
	if (e->stopped && interrupt_signal())
		interrupt_die();
	warnx("%s", e->text);
	exit(e->transient ? STATUS_AGAIN : STATUS_FAILED);
}

int
main(int argc, char *argv[])
{
	int arg = opt_parse(argc, argv, &command);
	size_t n = (size_t)MAX(1, argc - arg - 1);
	struct s3_error e = { 0 };
	struct transfer_job *jobs;
	struct buf plan = { 0 };
	struct location to;
	char *why;

	if (arg == argc)
		opt_usage(&command, "no destination; - is stdout");
	parse(&to, argv[arg]);
	finish_options(&to);
	if (n > 1 && (!is_folder(&to) || transfer.lines != SIZE_MAX))
		opt_usage(&command, "several files need a folder, and no --lines");
	jobs = xcalloc(n, sizeof *jobs);
	for (size_t i = 0; i < n; i++) {
		make_job(&jobs[i], &to, argc - arg > 1 ? argv[arg + 1 + (int)i] : NULL);
		check_not_under(&jobs[i]);
	}
	if (transfer_check(jobs, n, &why) < 0)
		opt_usage(&command, "%s", why);
	/* Blocks are large, and slow pipes should flow. */
	setvbuf(stdout, NULL, _IONBF, 0);
	start_progress(jobs, n);
	for (size_t i = 0; dry_run && i < n; i++)
		if (transfer_print(&plan, &transfer, &jobs[i], &e) < 0)
			fail(&e);
	if (!dry_run && transfer_all(&transfer, jobs, n, &e) < 0)
		fail(&e);
	progress_end(&progress);
	out_write(plan.data, plan.len);
	for (size_t i = 0; i < n; i++) {
		free(jobs[i].from);
		free(jobs[i].to.path);
	}
	free(jobs);
	free(to.path);
	free(not_under.values);
	buf_release(&plan);
	put_options_release(&put);
	s3_options_release(&s3);
	if (dry_run || to.kind == LOCATION_STDIO)
		out_close();
}
