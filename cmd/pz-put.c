/* pz-put - write a stream to a file, all of it or nothing */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compress.h"
#include "location.h"
#include "opt.h"
#include "output.h"
#include "util.h"

enum { BLOCK = 256 * 1024 };

static bool zstd, gzip, make_folder;
static size_t level, lines = SIZE_MAX;

static const struct opt opts[] = {
	{ OPT_FLAG, 0, "zstd", &zstd, NULL, "compress with zstd" },
	{ OPT_FLAG, 0, "gzip", &gzip, NULL, "compress with gzip" },
	{ OPT_SIZE, 0, "level", &level, "N",
	    "how hard to compress: zstd 1 to 22, gzip 1 to 9" },
	{ OPT_SIZE, 0, "lines", &lines, "N", "fail unless exactly N lines come" },
	{ OPT_FLAG, 0, "mkdir", &make_folder, NULL, "make missing folders" },
	{ 0 },
};

static const struct command command = {
	.name = "pz-put",
	.purpose = "write a stream to a file, all of it or nothing",
	.usage = "[--zstd|--gzip] [--level N] [--lines N] [--mkdir] DESTINATION [FILE]",
	.opts = opts,
};

/* Where the bytes go: a file to be, or stdout. */
struct target {
	struct output file;
	char *path;  /* NULL: stdout */
	mode_t mode; /* of the file that is replaced, 0: none */
};

static char *
local_path(const char *operand)
{
	struct location l;
	const char *why;

	if (location_parse(&l, operand, &why) < 0)
		errx(2, "%s: %s", operand, why);
	if (l.kind == LOCATION_S3)
		errx(2, "%s: s3:// is not supported yet", operand);
	if (l.kind == LOCATION_PATH)
		return l.path;
	free(l.path);
	return NULL;
}

/* mkdir -p of what stands before the last slash. */
static void
make_folders(const char *path)
{
	char *copy = xstrdup(path);

	for (char *slash = strchr(copy + 1, '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(copy, 0777) && errno != EEXIST)
			err(1, "%s", copy);
		*slash = '/';
	}
	free(copy);
}

/* A folder as destination takes the file's own name. Consumes path. */
static char *
in_folder(char *path, const char *operand, const char *source)
{
	const char *slash, *sep = path[strlen(path) - 1] == '/' ? "" : "/";
	char *whole;

	if (!source)
		errx(2, "%s: is a folder, and stdin has no name: name a file in it",
		    operand);
	slash = strrchr(source, '/');
	whole = xasprintf("%s%s%s", path, sep, slash ? slash + 1 : source);
	free(path);
	return whole;
}

/* The file to replace. A link stays a link: what it points to is replaced. */
static void
look_at_old(struct target *t)
{
	struct stat st;
	char *real = NULL;

	if (lstat(t->path, &st))
		return;
	if (S_ISLNK(st.st_mode) &&
	    (!(real = realpath(t->path, NULL)) || stat(real, &st)))
		err(1, "%s", t->path);
	if (!S_ISREG(st.st_mode))
		errx(1, "%s: is no regular file%s", t->path,
		    S_ISDIR(st.st_mode) ? "" : "; use - and the shell's >");
	if (real) {
		free(t->path);
		t->path = real;
	}
	t->mode = st.st_mode & 0777;
}

static void
target_open(struct target *t, const char *operand, const char *source)
{
	struct stat st;

	*t = (struct target){ .path = local_path(operand) };
	if (!t->path)
		return;
	if (t->path[strlen(t->path) - 1] == '/' ||
	    (!stat(t->path, &st) && S_ISDIR(st.st_mode)))
		t->path = in_folder(t->path, operand, source);
	if (make_folder)
		make_folders(t->path);
	look_at_old(t);
	if (output_open(&t->file, t->path) == 0) {
		if (t->mode)
			fchmod(t->file.fd, t->mode);
	} else if (errno == ENOENT)
		errx(1, "%s: its folder does not exist; --mkdir makes it", t->path);
	else
		err(1, "%s", t->path);
}

static const char *
target_name(const struct target *t)
{
	return t->path ? t->path : "<stdout>";
}

static int
target_write(void *context, const void *p, size_t len)
{
	struct target *t = context;

	if (!t->path)
		out_write(p, len);
	else if (output_write(&t->file, p, len) < 0)
		return -1;
	return 0;
}

static size_t
count_lines(const char *p, size_t len)
{
	const char *end = p + len;
	size_t n = 0;

	while ((p = memchr(p, '\n', (size_t)(end - p)))) {
		n++;
		p++;
	}
	return n;
}

/* Everything from fd; exits on failure, and the temporary file goes. Lines read. */
static size_t
copy(int fd, const char *name, struct compress *z, const struct target *t)
{
	static char block[BLOCK];
	char last = '\n';
	size_t n = 0;
	ssize_t got;

	for (;;) {
		got = read(fd, block, sizeof block);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			err(1, "%s", name);
		if (!got)
			return n + (last != '\n');
		n += count_lines(block, (size_t)got);
		last = block[got - 1];
		if (compress_write(z, block, (size_t)got) < 0)
			err(1, "%s", target_name(t));
	}
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

static int
open_source(const char *path)
{
	int fd;

	if (!path)
		return 0;
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
		err(1, "%s", path);
	return fd;
}

int
main(int argc, char *argv[])
{
	int arg = opt_parse(argc, argv, &command);
	enum compression kind = compression();
	struct target target;
	struct compress *z;
	char *source;
	size_t n;
	int fd;

	if (arg == argc)
		opt_usage(&command, "no destination; - is stdout");
	if (argc - arg > 2)
		opt_usage(&command, "one destination, one file");
	source = argc - arg == 2 ? local_path(argv[arg + 1]) : NULL;
	fd = open_source(source);
	setvbuf(
	    stdout, NULL, _IONBF, 0); /* blocks are large, and slow pipes should flow */
	target_open(&target, argv[arg], source);

	z = compress_new(kind, (int)level, target_write, &target);
	n = copy(fd, source ? source : "<stdin>", z, &target);
	if (lines != SIZE_MAX && n != lines)
		errx(1, "%s: %zu lines came, expected %zu%s", target_name(&target), n,
		    lines,
		    !target.path  ? ""
		    : target.mode ? "; the old file stays"
				  : "; no file made");
	if (compress_finish(z) < 0 || (target.path && output_commit(&target.file) < 0))
		err(1, "%s", target_name(&target));

	compress_free(z);
	if (!target.path)
		out_close();
	free(target.path);
	free(source);
}
