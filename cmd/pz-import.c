/* pz-import - import CSV or JSON lines into a dataset */
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "import_rows.h"
#include "import_schema.h"
#include "opt.h"
#include "output.h"
#include "schema.h"
#include "util.h"

enum { SHOWN = 20 }; /* bad rows that are reported one by one */

static const char *type_name, *mode_name = "FULL", *schema_path, *map, *skip_path;
static bool infer_again;
static size_t threads;

static const struct opt opts[] = {
	{ OPT_STRING, 't', "type", &type_name, "DATASET-TYPE",
	    "interactions, items or users" },
	{ OPT_STRING, 0, "mode", &mode_name, "MODE",
	    "FULL replaces bulk data (default), INCREMENTAL appends" },
	{ OPT_STRING, 0, "schema", &schema_path, "FILE",
	    "Avro schema (default: the dataset's, or inferred)" },
	{ OPT_FLAG, 0, "infer", &infer_again, NULL,
	    "infer the schema anew though the dataset has one" },
	{ OPT_STRING, 0, "map", &map, "JQ",
	    "jq program that makes row objects of each input" },
	{ OPT_STRING, 0, "skip-bad", &skip_path, "FILE",
	    "put bad lines there and import the others" },
	{ OPT_SIZE, 'j', "threads", &threads, "N", "threads (default: all cores)" },
	PROGRESS_OPTIONS,
	{ 0 },
};

static const struct command command = {
	"pz-import",
	"import CSV or JSON lines into a dataset",
	"[options] DATASET [FILE...]",
	opts,
};

struct import {
	struct import_schema settled; /* path, mode, type and schema */
	struct intake intake;
	struct import_rows rows;
	struct writer *writer;
	struct output skipped; /* open if skip_path */
	struct progress progress;
	size_t reported; /* bad rows */
};

/* The rest is tidied up by exit: temporaries go, and nothing is committed. */
static _Noreturn void
give_up(struct import *im, char *why)
{
	progress_clear(&im->progress);
	writer_discard(im->writer);
	errx(1, "%s", why);
}

/* Type and schema; what was inferred is printed, so that it can be kept. */
static void
settle(struct import *im, char *const *paths, size_t n)
{
	struct import_schema *s = &im->settled;
	struct buf text = { 0 };
	char *why;

	s->schema_path = schema_path;
	s->map = map;
	s->infer = infer_again;
	s->progress = &im->progress;
	if (import_schema_settle(s, &im->intake, paths, n, &why) < 0)
		errx(1, "%s", why);
	if (!s->inferred)
		return;
	schema_print(s->schema, &text);
	out_write(text.data, text.len);
	if (fflush(stdout))
		err(1, "<stdout>");
	buf_release(&text);
}

static int
report(void *context, const struct batch *b, const struct bad_line *bad, char **why)
{
	struct import *im = context;
	const struct batch_line *line = &b->lines[bad->line];

	if (im->reported++ < SHOWN) {
		progress_clear(&im->progress);
		warnx(
		    "%s:%zu: %s", b->path, line->number, b->reasons.data + bad->reason);
	}
	/* The line's LF is in the text too. */
	if (!skip_path ||
	    output_write(&im->skipped, b->text.data + line->from, line->len + 1) == 0)
		return 0;
	*why = xasprintf("%s: %s", skip_path, strerror(errno));
	return -1;
}

static void
run(struct import *im)
{
	char *why;

	im->rows = (struct import_rows){
		.intake = &im->intake,
		.schema = im->settled.schema,
		.map = map,
		.writer = im->writer,
		.with_bad = skip_path != NULL,
		.threads = opt_threads(threads),
		.progress = &im->progress,
		.bad = report,
		.context = im,
	};
	if (import_rows(&im->rows, &why) < 0)
		give_up(im, why);
	if (im->rows.late)
		warnx("some times are beyond the year 5138: are they milliseconds? "
		      "Seconds since 1970 are expected");
}

/* Bad rows, then what is too little: nothing may be replaced by nothing. */
static void
check_result(struct import *im)
{
	const struct import_rows *r = &im->rows;

	if (r->n_bad > SHOWN)
		warnx("... and %ju more", (uintmax_t)(r->n_bad - SHOWN));
	if (r->n_bad && !skip_path)
		give_up(im, xasprintf("%ju of %ju lines are bad; nothing was imported "
				      "(--skip-bad FILE imports the others)",
				(uintmax_t)r->n_bad, (uintmax_t)r->lines));
	if (!r->rows && im->settled.mode == MODE_FULL)
		give_up(im, xasprintf("no rows to import%s; %s is as it was",
				r->n_bad ? " but bad ones" : "", im->settled.path));
}

static void
commit(struct import *im)
{
	char *why;

	if (skip_path && output_commit(&im->skipped) < 0)
		give_up(im, xasprintf("%s: %s", skip_path, strerror(errno)));
	if (!im->rows.rows)
		writer_discard(im->writer);
	else if (writer_commit(im->writer, im->settled.schema, &why) < 0)
		errx(1, "%s", why);
	if (im->rows.n_bad)
		warnx("%ju of %ju lines are bad; they are in %s",
		    (uintmax_t)im->rows.n_bad, (uintmax_t)im->rows.lines, skip_path);
}

static void
check_options(struct import *im)
{
	struct convert *c;
	char *why;

	/* A wrong map is wrong usage: tell it before anything is read. */
	if (!(c = convert_new(NULL, map, &why)))
		errx(2, "--map: %s", why);
	convert_free(c);
	im->settled.type = -1;
	if (type_name && (im->settled.type = dataset_type_of(type_name)) < 0)
		opt_usage(&command, "-t: '%s' is none of interactions, items, users",
		    type_name);
	if (!strcasecmp(mode_name, "INCREMENTAL"))
		im->settled.mode = MODE_INCREMENTAL;
	else if (strcasecmp(mode_name, "FULL"))
		opt_usage(&command, "--mode: '%s' is neither FULL nor INCREMENTAL",
		    mode_name);
	if (infer_again && schema_path)
		opt_usage(&command, "--infer and --schema exclude each other");
	if (infer_again && im->settled.mode == MODE_INCREMENTAL)
		opt_usage(&command, "--infer needs --mode FULL: INCREMENTAL keeps the "
				    "dataset's schema");
}

int
main(int argc, char *argv[])
{
	int arg = opt_parse(argc, argv, &command);
	struct import im = { 0 };
	char *why;

	if (arg == argc)
		opt_usage(&command, "no dataset given");
	check_options(&im);
	im.settled.path = argv[arg++];
	settle(&im, argv + arg, (size_t)(argc - arg));
	if (skip_path && output_open(&im.skipped, skip_path) < 0)
		err(1, "%s", skip_path);
	if (!(im.writer = writer_open(im.settled.path,
		  (enum dataset_type)im.settled.type, im.settled.mode, &why)))
		errx(1, "%s", why);
	run(&im);
	check_result(&im);
	commit(&im);
	intake_close(&im.intake);
	schema_free(im.settled.schema);
	out_close();
	return im.rows.n_bad ? 3 : 0;
}
