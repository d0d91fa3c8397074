/* pz-fetch - files and folders as one stream of lines */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "files.h"
#include "json.h"
#include "location.h"
#include "opt.h"
#include "output.h"
#include "progress.h"
#include "stream.h"
#include "util.h"

enum { BLOCK = 256 * 1024, PIPE = 1024 * 1024 };

static bool list;
static size_t n_threads;

static const struct opt opts[] = {
	{ OPT_SIZE, 'j', "threads", &n_threads, "N", "objects fetched at once" },
	{ OPT_FLAG, 0, "list", &list, NULL, "print names, sizes and times instead" },
	PROGRESS_OPTIONS,
	{ 0 },
};

static const struct command command = {
	.name = "pz-fetch",
	.purpose = "files and folders as one stream of lines",
	.usage = "[-j N] [--list] SOURCE...",
	.opts = opts,
};

static char block[BLOCK];
static size_t used; /* block[0..used) is not written yet */
static struct progress progress;
static uint64_t done; /* bytes of the files that are through */

static void
flush(void)
{
	out_write(block, used);
	used = 0;
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
add_source(struct files *s, const char *operand)
{
	struct location l;
	const char *wrong;
	char *why;

	if (location_parse(&l, operand, &wrong) < 0)
		errx(2, "%s: %s", operand, wrong);
	if (l.kind == LOCATION_S3)
		errx(2, "%s: s3:// is not supported yet", operand);
	if (files_add(s, &l, &why) < 0)
		errx(1, "%s", why);
	free(l.path);
}

static void
print_list(const struct files *s)
{
	struct buf b = { 0 };
	char time[64];
	struct tm tm;

	for (size_t i = 0; i < s->n; i++) {
		const struct file *f = &s->list[i];

		buf_clear(&b);
		buf_adds(&b, "{\"name\":");
		json_quote(&b, f->path, strlen(f->path));
		if (f->known && gmtime_r(&f->time, &tm)) {
			strftime(time, sizeof time, "%Y-%m-%dT%H:%M:%SZ", &tm);
			buf_addf(&b, ",\"size\":%ju,\"time\":\"%s\"}\n",
			    (uintmax_t)f->size, time);
		} else
			buf_adds(&b, ",\"size\":null,\"time\":null}\n");
		out_write(b.data, b.len);
	}
	buf_release(&b);
}

static ssize_t
read_more(struct stream *in, const char *path)
{
	ssize_t n = stream_read(in, block + used, BLOCK - used);

	if (n < 0) {
		progress_end(&progress);
		errx(1, "%s: %s", path, stream_why(in));
	}
	progress_show(&progress, done + stream_consumed(in), NULL);
	return n;
}

/* The first bytes of a file come to stand at block + used, without a mark. */
static size_t
read_start(struct stream *in, const char *path)
{
	size_t len = 0, before = used;
	ssize_t n;

	while (len < 3 && (n = read_more(in, path)) > 0) {
		len += (size_t)n;
		used += (size_t)n;
	}
	used = before;
	if (len >= 3 && !memcmp(block + used, "\xef\xbb\xbf", 3)) {
		len -= 3;
		memmove(block + used, block + used + 3, len);
	}
	return len;
}

static void
flush_if_due(const struct file *f)
{
	if (used == BLOCK || !f->known)
		flush();
}

/* Pass one file on. A pipe's bytes go on at once, a file's in whole blocks. */
static void
copy(const struct file *f)
{
	struct stream *in = stream_open(f->path);
	char last = '\n';
	size_t n;

	if (!in)
		err(1, "%s", f->path);
	if (BLOCK - used < 4096)
		flush();
	/* The first n may be 0 with more to come: nothing but a mark so far. */
	n = read_start(in, f->path);
	do {
		used += n;
		if (n)
			last = block[used - 1];
		flush_if_due(f);
	} while ((n = (size_t)read_more(in, f->path)));
	if (last != '\n') {
		block[used++] = '\n';
		flush_if_due(f);
	}
	done += stream_consumed(in);
	stream_close(in);
}

/* A result that lies among the files would feed on itself without end. */
static void
check_output(const struct files *s)
{
	struct stat out, in;

	if (fstat(1, &out) || !S_ISREG(out.st_mode))
		return;
	for (size_t i = 0; i < s->n; i++)
		if (s->list[i].known && !stat(s->list[i].path, &in) &&
		    in.st_dev == out.st_dev && in.st_ino == out.st_ino)
			errx(1, "%s: is a source and the output", s->list[i].path);
}

int
main(int argc, char *argv[])
{
	int arg = opt_parse(argc, argv, &command);
	struct files files = { 0 };

	if (arg == argc)
		opt_usage(&command, "no source; - is stdin");
	for (; arg < argc; arg++)
		add_source(&files, argv[arg]);
	if (list)
		print_list(&files);
	else {
		check_output(&files);
		widen_pipe();
		setvbuf(stdout, NULL, _IONBF, 0);
		progress_silent |= isatty(1) && !progress_forced;
		progress_start(
		    &progress, command.name, "MB", files.unknown ? 0 : files.bytes);
		for (size_t i = 0; i < files.n; i++)
			copy(&files.list[i]);
		flush();
		progress_end(&progress);
	}
	files_release(&files);
	out_close();
}
