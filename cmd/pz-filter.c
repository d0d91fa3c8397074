/* pz-filter - bind a filter expression to records, or apply it to their output */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "filter.h"
#include "filter_jq.h"
#include "filter_options.h"
#include "filter_stage.h"
#include "lines.h"
#include "opt.h"
#include "output.h"
#include "source.h"

static const char *model_path, *dataset_path;
static const char *explained;
static bool check_only;

static const struct opt opts[] = {
	{ OPT_STRING, 'm', "model", &model_path, "MODEL",
	    "check columns against this model; filter output by it" },
	{ OPT_STRING, 'd', "dataset", &dataset_path, "DATASET",
	    "the same with this dataset; with both, its columns and interactions" },
	{ OPT_FLAG, 0, "check", &check_only, NULL,
	    "say what the expression means and read no records" },
	{ OPT_STRING, 0, "explain", &explained, "RECORD",
	    "say what lets each item of this record in or out" },
	FILTER_OPTIONS,
	{ 0 },
};

static const struct command command = {
	.name = "pz-filter",
	.purpose = "bind a filter expression to records, or apply it to their output",
	.usage = "[-m MODEL] [-d DATASET] EXPRESSION [FILE...]\n"
		 "--check [-m MODEL] [-d DATASET] EXPRESSION\n"
		 "--explain RECORD [-m MODEL] [-d DATASET] EXPRESSION",
	.opts = opts,
};

static _Noreturn void
wrong_expression(const char *text, const struct filter_error *e)
{
	struct buf place = { 0 };

	filter_point(&place, span_of(text), e);
	fprintf(stderr, "%s: %s\n%s", command.name, e->text, place.data);
	exit(2);
}

/* All lines through the stage. Whether a record carries an error. */
static bool
filter_lines(struct filter_stage *stage, char *const *paths, size_t n)
{
	enum { ENOUGH = 64 * 1024 };
	struct buf out = { 0 };
	bool failed = false;
	struct lines in;
	int more;

	lines_open(&in, paths, n);
	while ((more = lines_next(&in)) > 0) {
		if (in.len && !filter_stage_line(stage, in.text, in.len, &out))
			failed = true;
		if (out.len < ENOUGH)
			continue;
		out_write(out.data, out.len);
		buf_clear(&out);
	}
	out_write(out.data, out.len);
	if (more < 0)
		errx(1, "%s:%zu: %s", in.path, in.number, in.why);
	lines_close(&in);
	buf_release(&out);
	return failed;
}

/* --check and --explain: what there is to say of the expression itself. */
static void
speak(struct filter_stage *stage)
{
	struct buf out = { 0 };
	struct filter_error e;

	/* The expression itself is right: what fails is its jq, or the record. */
	if ((check_only && filter_stage_describe(stage, &out, &e) < 0) ||
	    (explained && filter_stage_explain(
			      stage, explained, strlen(explained), &out, &e) < 0))
		errx(2, "%s", e.text);
	out_write(out.data, out.len);
	buf_release(&out);
}

static struct filter_stage *
open_stage(const char *expression, const struct catalog *catalog)
{
	struct filter_options options;
	struct filter_error e;
	struct filter *f;
	const char *why;

	if (filter_options_get(&options, &why) < 0)
		opt_usage(&command, "%s", why);
	if (!(f = filter_parse(span_of(expression), &e)) ||
	    filter_jq_check(f, &e) < 0 || (catalog && filter_check(f, catalog, &e) < 0))
		wrong_expression(expression, &e);
	return filter_stage_new(f, catalog, &options);
}

int
main(int argc, char *argv[])
{
	int arg = opt_parse(argc, argv, &command);
	struct source source = { 0 };
	struct filter_stage *stage;
	bool failed = false;
	char *why;

	if (arg == argc)
		opt_usage(&command, "an expression is needed");
	if (explained && !model_path && !dataset_path)
		opt_usage(&command, "--explain needs -m or -d");
	if (source_open(&source, model_path, dataset_path, &why) < 0)
		errx(1, "%s", why);
	stage = open_stage(argv[arg], source.catalog);
	if (check_only || explained)
		speak(stage);
	else
		failed = filter_lines(stage, argv + arg + 1, (size_t)(argc - arg - 1));
	filter_stage_free(stage);
	source_close(&source);
	out_close();
	return failed ? 3 : 0;
}
