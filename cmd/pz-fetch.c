/* pz-fetch - files and objects as one stream of lines */
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "exit_status.h"
#include "join.h"
#include "label.h"
#include "location.h"
#include "opt.h"
#include "output.h"
#include "progress.h"
#include "sources.h"
#include "split_dir.h"
#include "util.h"

enum { PIPE = 1024 * 1024 };

static bool list, prefix, folder, name, dry_run, whoami;
static size_t n_threads;
static const char *split_into;
static struct s3_options s3;

static const struct opt opts[] = {
	{ OPT_SIZE, 'j', "threads", &n_threads, "N", "ranges of objects at once (16)" },
	{ OPT_FLAG, 0, "list", &list, NULL, "print names, sizes and times instead" },
	{ OPT_FLAG, 0, "prefix", &prefix, NULL, "all whose names begin so" },
	{ OPT_FLAG, 0, "folder", &folder, NULL, "all in the folder of this name" },
	{ OPT_FLAG, 0, "name", &name, NULL, "say where each line is from" },
	{ OPT_STRING, 0, "split-dir", &split_into, "DIR", "a file for each source" },
	{ OPT_FLAG, 0, "dry-run", &dry_run, NULL, "say what would be read" },
	{ OPT_FLAG, 0, "whoami", &whoami, NULL, "say whose keys are used for S3" },
	S3_OPTIONS(s3),
	PROGRESS_OPTIONS,
	{ 0 },
};

static const struct command command = {
	.name = "pz-fetch",
	.purpose = "files and objects as one stream of lines",
	.usage =
	    "[-j N] [--prefix|--folder] [--list|--name|--split-dir DIR] SOURCE...\n"
	    "--whoami",
	.opts = opts,
};

static struct sources sources = { .s3 = &s3 };
static struct progress progress;
static uint64_t done; /* bytes of the files that are through */

static _Noreturn void
fail(struct s3_error *e)
{
	progress_end(&progress);
	warnx("%s", e->text);
	exit(e->transient ? STATUS_AGAIN : STATUS_FAILED);
}

static void
add_source(const char *operand)
{
	struct s3_error e = { 0 };
	struct location l;
	const char *wrong;

	if (location_parse(&l, operand, &wrong) < 0)
		errx(2, "%s: %s", operand, wrong);
	if (sources_add(&sources, &l, &e) < 0)
		fail(&e);
	free(l.path);
}

/* 1 MiB instead of 64 KiB spares context switches; a refusal does not matter. */
static void
widen_pipe(void)
{
#ifdef F_SETPIPE_SZ
	fcntl(1, F_SETPIPE_SZ, PIPE);
#endif
}

static void
print_list(const struct files *files)
{
	const struct split_dir split = { .folder = split_into };
	struct buf b = { 0 };

	for (size_t i = 0; i < files->n; i++) {
		const struct file *f = &files->list[i];
		char *to = split_into ? split_dir_path(&split, f) : NULL;

		buf_clear(&b);
		files_print(&b, f, to);
		out_write(b.data, b.len);
		free(to);
	}
	buf_release(&b);
}

static int
write_out(void *context, const void *p, size_t len)
{
	(void)context;
	out_write(p, len);
	return 0;
}

static void
show_progress(void *context, const struct stream *in)
{
	(void)context;
	progress_show(&progress, done + stream_consumed(in), NULL);
}

static void
pass(struct join *j, size_t i, const char *to)
{
	const struct file *f = &sources.files.list[i];
	struct s3_error e = { 0 };
	struct stream *in = sources_open(&sources, i, &e);

	if (!in)
		fail(&e);
	if (join_add(j, in, !f->known) < 0) {
		if (j->write_failed)
			err(1, "%s", to);
		sources_explain(&sources, i, in, &e);
		fail(&e);
	}
	done += stream_consumed(in);
	stream_close(in);
}

static void
pass_all(struct join *j)
{
	static struct label label = { .write = write_out };
	/* A result that lies among the files would feed on itself without end. */
	const char *both = files_written(&sources.files, 1);

	if (both)
		errx(1, "%s: is a source and the output", both);
	widen_pipe();
	setvbuf(stdout, NULL, _IONBF, 0);
	j->write = name ? label_write : write_out;
	j->context = &label;
	for (size_t i = 0; i < sources.files.n; i++) {
		label.name = sources.files.list[i].path;
		label.line = 0;
		pass(j, i, "<stdout>");
		if (name)
			join_flush(j);
	}
	join_flush(j);
	label_release(&label);
}

static void
split_all(struct join *j)
{
	static struct split_dir split;
	char *why;

	split.folder = split_into;
	if (split_dir_check(&split, &sources.files, &why) < 0)
		errx(1, "%s", why);
	j->write = split_dir_write;
	j->context = &split;
	for (size_t i = 0; i < sources.files.n; i++) {
		if (split_dir_open(&split, &sources.files.list[i], &why) < 0)
			errx(1, "%s", why);
		pass(j, i, split.path);
		if (join_flush(j) < 0)
			err(1, "%s", split.path);
		if (split_dir_commit(&split, &why) < 0)
			errx(1, "%s", why);
	}
}

static void
print_whoami(void)
{
	struct s3_error e = { 0 };
	struct buf line = { 0 };

	if (s3_options_whoami(&s3, &line, &e) < 0)
		fail(&e);
	out_write(line.data, line.len);
	buf_release(&line);
}

static void
check_usage(bool sources_given)
{
	if (whoami && sources_given)
		opt_usage(&command, "--whoami reads no source");
	if (!sources_given && !whoami)
		opt_usage(&command, "no source; - is stdin");
	if (prefix && folder)
		opt_usage(&command, "--prefix or --folder, not both");
	if (list + name + (split_into != NULL) > 1)
		opt_usage(&command, "one of --list, --name and --split-dir");
	if (split_into && !*split_into)
		opt_usage(&command, "--split-dir: an empty name");
}

int
main(int argc, char *argv[])
{
	int arg = opt_parse(argc, argv, &command);
	static struct join join = { .moved = show_progress };

	check_usage(arg < argc);
	sources.reading = prefix   ? FILES_PREFIX
			  : folder ? FILES_FOLDER
				   : FILES_AS_NAMED;
	sources.n_threads = n_threads;
	for (; arg < argc; arg++)
		add_source(argv[arg]);
	if (whoami)
		print_whoami();
	else if (list || dry_run)
		print_list(&sources.files);
	else {
		progress_silent |= isatty(1) && !progress_forced;
		progress_start(&progress, command.name, "MB",
		    sources.files.unknown ? 0 : sources.files.bytes);
		if (split_into)
			split_all(&join);
		else
			pass_all(&join);
		progress_end(&progress);
	}
	sources_release(&sources);
	s3_options_release(&s3);
	out_close();
}
