/* pz-import - import CSV or JSON lines into a dataset */
#include <err.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "convert.h"
#include "dataset.h"
#include "import_schema.h"
#include "intake.h"
#include "opt.h"
#include "output.h"
#include "progress.h"
#include "schema.h"
#include "threads.h"
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
	struct convert **converters; /* [n_threads] */
	size_t n_threads;
	struct writer *writer;
	struct output skipped; /* open if skip_path */
	struct progress progress;
	uint64_t rows, lines, bad;
	char *why;          /* what ends the import */
	atomic_bool failed; /* reading or writing did */
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

static struct convert *
converter(const struct schema *schema)
{
	char *why;
	struct convert *c = convert_new(schema, map, &why);

	if (!c)
		errx(2, "--map: %s", why);
	return c;
}

static int
import_fail(struct import *im, char *why)
{
	if (atomic_exchange(&im->failed, true))
		free(why);
	else
		im->why = why;
	return 0;
}

static int
import_read(void *context, void *job)
{
	struct import *im = context;
	struct batch *b = job;
	char *wrong, *why;
	int more;

	if (im->failed)
		return 0;
	if ((more = intake_next(&im->intake, b)) < 0)
		return import_fail(im, xstrdup(im->intake.why));
	if (!more || !b->header || b->header->fields || map)
		return more;
	if (!(wrong = header_match(b->header, im->settled.schema)))
		return 1;
	why = xasprintf("%s:%zu: %s", b->header->path, b->header->number, wrong);
	free(wrong);
	return import_fail(im, why);
}

static void
import_work(void *context, void *job, size_t thread)
{
	struct import *im = context;

	convert_batch(im->converters[thread], job);
}

static void
report(struct import *im, const struct batch *b, const struct bad_line *bad)
{
	const struct batch_line *line = &b->lines[bad->line];

	if (im->bad++ < SHOWN) {
		progress_clear(&im->progress);
		warnx(
		    "%s:%zu: %s", b->path, line->number, b->reasons.data + bad->reason);
	}
	/* The line's LF is in the text too. */
	if (skip_path &&
	    output_write(&im->skipped, b->text.data + line->from, line->len + 1) < 0)
		import_fail(im, xasprintf("%s: %s", skip_path, strerror(errno)));
}

static void
import_write(void *context, void *job)
{
	struct import *im = context;
	const struct batch *b = job;
	struct span rows = { b->rows.data, b->rows.len };
	char *why;

	for (size_t i = 0; i < b->n_bad; i++)
		report(im, b, &b->bad[i]);
	im->lines += b->n_lines;
	im->rows += b->n_rows;
	/* With bad rows nothing will be imported; go on to count them. */
	if ((!im->bad || skip_path) && !im->failed &&
	    writer_add_lines(im->writer, rows, b->n_rows, &why) < 0)
		import_fail(im, why);
	progress_show(&im->progress, b->consumed, NULL);
}

static void
run(struct import *im)
{
	struct pipeline p = {
		.context = im,
		.n_jobs = 2 * im->n_threads + 2,
		.read = import_read,
		.work = import_work,
		.write = import_write,
	};
	bool late = false;

	p.jobs = xcalloc(p.n_jobs, sizeof *p.jobs);
	for (size_t i = 0; i < p.n_jobs; i++)
		p.jobs[i] = xcalloc(1, sizeof(struct batch));
	im->converters = xcalloc(im->n_threads, sizeof(struct convert *));
	for (size_t i = 0; i < im->n_threads; i++)
		im->converters[i] = converter(im->settled.schema);
	progress_start(&im->progress, "importing", "MB", im->intake.total);
	pipeline_run(&p, im->n_threads);
	progress_end(&im->progress);
	for (size_t i = 0; i < p.n_jobs; i++) {
		batch_release(p.jobs[i]);
		free(p.jobs[i]);
	}
	for (size_t i = 0; i < im->n_threads; i++) {
		late |= convert_late(im->converters[i]);
		convert_free(im->converters[i]);
	}
	free(p.jobs);
	free(im->converters);
	if (late)
		warnx("some times are beyond the year 5138: are they milliseconds? "
		      "Seconds since 1970 are expected");
}

/* Bad rows, then what is too little: nothing may be replaced by nothing. */
static void
check_result(struct import *im)
{
	if (im->failed)
		give_up(im, im->why);
	if (im->bad > SHOWN)
		warnx("... and %ju more", (uintmax_t)(im->bad - SHOWN));
	if (im->bad && !skip_path)
		give_up(im, xasprintf("%ju of %ju lines are bad; nothing was imported "
				      "(--skip-bad FILE imports the others)",
				(uintmax_t)im->bad, (uintmax_t)im->lines));
	if (!im->rows && im->settled.mode == MODE_FULL)
		give_up(im, xasprintf("no rows to import%s; %s is as it was",
				im->bad ? " but bad ones" : "", im->settled.path));
}

static void
commit(struct import *im)
{
	char *why;

	if (skip_path && output_commit(&im->skipped) < 0)
		give_up(im, xasprintf("%s: %s", skip_path, strerror(errno)));
	if (!im->rows)
		writer_discard(im->writer);
	else if (writer_commit(im->writer, im->settled.schema, &why) < 0)
		errx(1, "%s", why);
	if (im->bad)
		warnx("%ju of %ju lines are bad; they are in %s", (uintmax_t)im->bad,
		    (uintmax_t)im->lines, skip_path);
}

static void
check_options(struct import *im)
{
	/* A wrong map is wrong usage: tell it before anything is read. */
	convert_free(converter(NULL));
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
	im.n_threads = opt_threads(threads);
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
	return im.bad ? 3 : 0;
}
