/* pz-put - write a stream to a file or object, all of it or nothing */
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "interrupt.h"
#include "opt.h"
#include "output.h"
#include "progress.h"
#include "transfer.h"
#include "util.h"

static bool zstd, gzip;
static size_t level, part_size, n_threads;
static const char *checksum = "none";
static struct opt_list tags;
static struct s3_options s3;
static struct transfer transfer = { .to.s3 = &s3, .lines = SIZE_MAX };

static const struct opt opts[] = {
	{ OPT_FLAG, 0, "zstd", &zstd, NULL, "compress with zstd" },
	{ OPT_FLAG, 0, "gzip", &gzip, NULL, "compress with gzip" },
	{ OPT_SIZE, 0, "level", &level, "N",
	    "how hard to compress: zstd 1 to 22, gzip 1 to 9" },
	{ OPT_SIZE, 0, "lines", &transfer.lines, "N", "fail unless exactly N lines come" },
	{ OPT_FLAG, 0, "mkdir", &transfer.to.make_folders, NULL, "make missing folders" },
	{ OPT_FLAG, 0, "if-none-match", &transfer.to.put.if_none_match, NULL,
	    "fail if it is there already" },
	{ OPT_STRING, 0, "sse", &transfer.to.put.sse, "KIND",
	    "encrypt at the server: AES256 or aws:kms" },
	{ OPT_STRING, 0, "sse-kms-key-id", &transfer.to.put.kms_key, "ID",
	    "with this key of KMS" },
	{ OPT_STRING, 0, "storage-class", &transfer.to.put.storage_class, "CLASS",
	    "as STANDARD_IA" },
	{ OPT_STRING, 0, "acl", &transfer.to.put.acl, "ACL",
	    "as bucket-owner-full-control" },
	{ OPT_LIST, 0, "tag", &tags, "K=V", "tag the object; may be repeated" },
	{ OPT_STRING, 0, "content-type", &transfer.to.put.content_type, "TYPE",
	    "as application/x-ndjson" },
	{ OPT_STRING, 0, "checksum", &checksum, "KIND",
	    "kept with the object: crc32c, sha256, none" },
	{ OPT_SIZE, 0, "part-size", &part_size, "N", "bytes of the first parts (8 MiB)" },
	{ OPT_SIZE, 'j', "threads", &n_threads, "N", "parts sent at once (8)" },
	S3_OPTIONS(s3),
	PROGRESS_OPTIONS,
	{ 0 },
};

static const struct command command = {
	.name = "pz-put",
	.purpose = "write a stream to a file or object, all of it or nothing",
	.usage = "[--zstd|--gzip] [--level N] [--lines N] [--mkdir] DESTINATION [FILE]",
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

/* A folder as destination takes the file's own name. */
static void
name_in_folder(struct location *to, const char *operand, const char *source)
{
	size_t len = strlen(to->path);
	bool slash = to->path[len - 1] == '/';
	const char *last;
	struct stat st;
	char *whole;

	if (to->kind == LOCATION_STDIO)
		return;
	if (!slash && (to->kind == LOCATION_PATH
			      ? stat(to->path, &st) || !S_ISDIR(st.st_mode)
			      : strchr(to->path + strlen("s3://"), '/') != NULL))
		return;
	if (!source)
		errx(2, "%s: is a folder, and stdin has no name: name a file in it",
		    operand);
	last = strrchr(source, '/');
	whole = xasprintf("%s%s%s", to->path, slash ? "" : "/", last ? last + 1 : source);
	free(to->path);
	to->path = whole;
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
	int arg = opt_parse(argc, argv, &command), fd;
	struct location to, from = { .kind = LOCATION_STDIO };
	struct s3_error e = { 0 };

	if (arg == argc)
		opt_usage(&command, "no destination; - is stdout");
	if (argc - arg > 2)
		opt_usage(&command, "one destination, one file");
	transfer.compression = compression();
	transfer.level = (int)level;
	transfer.to.put.part_bytes = part_size;
	transfer.to.put.n_threads = n_threads;
	if (checksum_parse(checksum) < 0)
		opt_usage(&command, "--checksum: crc32c, sha256 or none");
	transfer.to.put.checksum = (enum checksum)checksum_parse(checksum);
	parse(&to, argv[arg]);
	if (argc - arg == 2)
		parse(&from, argv[arg + 1]);
	if (from.kind == LOCATION_S3)
		errx(2, "%s: reading objects is for pz-fetch", from.path);
	fd = open_source(from.kind == LOCATION_PATH ? from.path : NULL);
	name_in_folder(&to, argv[arg], from.kind == LOCATION_PATH ? from.path : NULL);
	/* Blocks are large, and slow pipes should flow. */
	setvbuf(stdout, NULL, _IONBF, 0);
	if (to.kind == LOCATION_S3)
		interrupt_watch(http_interrupt);
	if (transfer_run(&transfer, fd, fd ? from.path : "<stdin>", &to, &e) < 0) {
		if (e.stopped)
			interrupt_die();
		warnx("%s", e.text);
		return e.transient ? 75 : 1;
	}
	s3_options_release(&s3);
	free(to.path);
	free(from.path);
	if (to.kind == LOCATION_STDIO)
		out_close();
}
