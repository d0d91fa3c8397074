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
#include "infer.h"
#include "intake.h"
#include "opt.h"
#include "output.h"
#include "progress.h"
#include "schema.h"
#include "stream.h"
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
	const char *path; /* of the dataset */
	enum import_mode mode;
	int type;                /* -1: not known yet */
	struct dataset *dataset; /* open only until the schema is known */
	struct schema *own;      /* the dataset's, NULL: it has none */
	struct schema *schema;
	struct intake intake;
	struct batch peeked; /* read to look at the columns, due to be imported */
	bool has_peeked;
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
read_batch(struct import *im, struct batch *b)
{
	if (!im->has_peeked)
		return intake_next(&im->intake, b);
	batch_release(b);
	*b = im->peeked;
	im->peeked = (struct batch){ 0 };
	im->has_peeked = false;
	return 1;
}

static void
peek(struct import *im)
{
	int more = intake_next(&im->intake, &im->peeked);

	if (more < 0)
		give_up(im, im->intake.why);
	im->has_peeked = more > 0;
}

/* The dataset that the columns of the first batch speak of. */
static void
guess_type(struct import *im)
{
	struct convert *c;

	peek(im);
	if (!im->has_peeked)
		errx(1, "the input is empty: no columns to tell the dataset by (-t)");
	c = converter(NULL);
	im->type = convert_guess(c, &im->peeked);
	convert_free(c);
	if (im->type < 0)
		errx(1,
		    "%s: neither USER_ID nor ITEM_ID is among the columns; "
		    "expected at least one, or -t%s",
		    im->peeked.path, map ? "" : ", or --map to make them");
}

static struct schema *
read_schema(const char *path, int type)
{
	struct stream *in = stream_open(path);
	struct schema *s;
	struct buf b = { 0 };
	ssize_t n = 0;
	char *why;

	if (!in)
		err(1, "%s", path);
	do {
		b.len += (size_t)n;
		buf_reserve(&b, 64 * 1024);
	} while ((n = stream_read(in, b.data + b.len, 64 * 1024)) > 0);
	if (n < 0)
		errx(1, "%s: %s", path, stream_why(in));
	if (!(s = schema_parse(b.data, b.len, type, &why)))
		errx(1, "%s: %s", path, why);
	buf_release(&b);
	stream_close(in);
	return s;
}

static void
show_reading(struct import *im, const char *label)
{
	progress_start(&im->progress, label, "MB", im->intake.total);
}

/* The first pass: look at all rows, then go back to the start. */
static void
infer(struct import *im)
{
	struct convert *c = converter(NULL);
	struct infer *in = infer_new((enum dataset_type)im->type);
	struct batch b = { 0 };
	struct buf text = { 0 };
	char *why;
	int more;

	show_reading(im, "inferring the schema");
	while ((more = read_batch(im, &b)) > 0) {
		convert_infer(c, &b, in);
		progress_show(&im->progress, b.consumed, NULL);
	}
	progress_end(&im->progress);
	if (more < 0 || intake_rewind(&im->intake) < 0)
		give_up(im, im->intake.why);
	if (!(im->schema = infer_schema(in, &why)))
		errx(1, "no schema can be inferred for %s: %s", dataset_names[im->type],
		    why);
	schema_print(im->schema, &text);
	out_write(text.data, text.len);
	if (fflush(stdout))
		err(1, "<stdout>");
	buf_release(&text);
	batch_release(&b);
	infer_free(in);
	convert_free(c);
}

static void
check_incremental(const struct import *im)
{
	if (im->mode != MODE_INCREMENTAL)
		return;
	if (!im->own)
		errx(1, "%s: no %s yet: the first import must be FULL", im->path,
		    dataset_names[im->type]);
	if (im->schema && !schema_equal(im->schema, im->own))
		errx(1, "%s: not the schema of %s in %s, which INCREMENTAL keeps",
		    schema_path, dataset_names[im->type], im->path);
}

/* Type and schema: from the options, the dataset, or the input, in that order. */
static void
settle_schema(struct import *im, char *const *paths, size_t n)
{
	struct dataset *d;
	char *why;

	if (!(d = im->dataset = dataset_open(im->path, true, &why)))
		errx(1, "%s", why);
	if (schema_path) {
		im->schema = read_schema(schema_path, im->type);
		im->type = (int)im->schema->dataset;
	}
	intake_open(&im->intake, paths, n,
	    !im->schema && (infer_again || im->type < 0 || !d->schemas[im->type]));
	if (im->type < 0)
		guess_type(im);
	im->own = d->schemas[im->type];
	d->schemas[im->type] = NULL;
	dataset_close(d);
	im->dataset = NULL;
	check_incremental(im);
	if (!im->schema && !infer_again) {
		im->schema = im->own;
		im->own = NULL;
	}
	if (im->schema)
		intake_forget(&im->intake);
	else
		infer(im);
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
	if ((more = read_batch(im, b)) < 0)
		return import_fail(im, xstrdup(im->intake.why));
	if (!more || !b->header || b->header->fields || map)
		return more;
	if (!(wrong = header_match(b->header, im->schema)))
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
		im->converters[i] = converter(im->schema);
	show_reading(im, "importing");
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
	if (!im->rows && im->mode == MODE_FULL)
		give_up(im, xasprintf("no rows to import%s; %s is as it was",
				im->bad ? " but bad ones" : "", im->path));
}

static void
commit(struct import *im)
{
	char *why;

	if (skip_path && output_commit(&im->skipped) < 0)
		give_up(im, xasprintf("%s: %s", skip_path, strerror(errno)));
	if (!im->rows)
		writer_discard(im->writer);
	else if (writer_commit(im->writer, im->schema, &why) < 0)
		errx(1, "%s", why);
	if (im->bad)
		warnx("%ju of %ju lines are bad; they are in %s", (uintmax_t)im->bad,
		    (uintmax_t)im->lines, skip_path);
}

static void
check_options(struct import *im)
{
	im->type = -1;
	if (type_name && (im->type = dataset_type_of(type_name)) < 0)
		opt_usage(&command, "-t: '%s' is none of interactions, items, users",
		    type_name);
	if (!strcasecmp(mode_name, "INCREMENTAL"))
		im->mode = MODE_INCREMENTAL;
	else if (strcasecmp(mode_name, "FULL"))
		opt_usage(&command, "--mode: '%s' is neither FULL nor INCREMENTAL",
		    mode_name);
	if (infer_again && schema_path)
		opt_usage(&command, "--infer and --schema exclude each other");
	if (infer_again && im->mode == MODE_INCREMENTAL)
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
	im.path = argv[arg++];
	im.n_threads = opt_threads(threads);
	settle_schema(&im, argv + arg, (size_t)(argc - arg));
	if (skip_path && output_open(&im.skipped, skip_path) < 0)
		err(1, "%s", skip_path);
	if (!(im.writer =
		    writer_open(im.path, (enum dataset_type)im.type, im.mode, &why)))
		errx(1, "%s", why);
	run(&im);
	check_result(&im);
	commit(&im);
	intake_close(&im.intake);
	schema_free(im.schema);
	schema_free(im.own);
	out_close();
	return im.bad ? 3 : 0;
}
