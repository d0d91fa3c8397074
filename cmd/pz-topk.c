/* pz-topk - keep the k best entries of each record, or the k best lines */
#include <err.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abreast.h"
#include "blend.h"
#include "lines.h"
#include "opt.h"
#include "output.h"
#include "pick.h"
#include "source.h"

static size_t k = 25;
static const char *by, *group_by, *model_path, *dataset_path, *fuse_name, *promote;
static struct opt_list weights, boosts, caps;
static double min_score = NAN, share = NAN, diversity = NAN;
static bool reverse, merge;

static const struct opt opts[] = {
	{ OPT_SIZE, 'k', "keep", &k, "K", "how many to keep (25)" },
	{ OPT_STRING, 'm', "model", &model_path, "MODEL",
	    "for the rules: items' columns and factors" },
	{ OPT_STRING, 'd', "dataset", &dataset_path, "DATASET",
	    "for the rules: items' columns; with -m, instead of the model's" },
	{ OPT_FLAG, 0, "merge", &merge, NULL,
	    "join the records of several FILEs line by line" },
	{ OPT_STRING, 0, "fuse", &fuse_name, "HOW",
	    "scores of joined records: rrf (default), sum or max" },
	{ OPT_LIST, 0, "weight", &weights, "W", "of each FILE in turn (1)" },
	{ OPT_LIST, 0, "boost", &boosts, "EXPR=FACTOR",
	    "multiply the scores of items for which EXPR holds" },
	{ OPT_REAL, 0, "min-score", &min_score, "X", "leave out smaller scores" },
	{ OPT_STRING, 0, "promote", &promote, "EXPR",
	    "items that are to fill a share of the places" },
	{ OPT_REAL, 0, "share", &share, "S", "that share, 0 to 1" },
	{ OPT_LIST, 0, "cap", &caps, "COLUMN=N",
	    "at most N items with the same value in a column" },
	{ OPT_REAL, 0, "diversify", &diversity, "LAMBDA",
	    "unlike items instead of the best: 1 not at all, 0 only" },
	{ OPT_STRING, 0, "by", &by, "JQ",
	    "any JSON lines: those with the greatest key" },
	{ OPT_STRING, 0, "group-by", &group_by, "JQ",
	    "any JSON lines: K of each group" },
	{ OPT_FLAG, 0, "reverse", &reverse, NULL, "with --by: the least keys instead" },
	{ 0 },
};

static const struct command command = {
	.name = "pz-topk",
	.purpose = "keep the k best entries of each record, or the k best lines",
	.usage = "[-k K] [FILE...]\n"
		 "[-k K] [-m MODEL] [-d DATASET] [RULE...] [FILE...]\n"
		 "--merge [--fuse HOW] [--weight W]... [-k K] [RULE...] FILE FILE...\n"
		 "[-k K] [--by JQ [--reverse]] [--group-by JQ] [FILE...]",
	.opts = opts,
};

static bool
has_rules(void)
{
	return merge || fuse_name || weights.n || boosts.n || caps.n || promote ||
	       !isnan(share) || !isnan(min_score) || !isnan(diversity);
}

/* Lines of stdin can be taken by one source alone. */
static size_t
count_stdin(char *const *paths, size_t n)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		count += !strcmp(paths[i], "-");
	return count;
}

static void
check_usage(char *const *paths, size_t n_paths)
{
	if (!k)
		opt_usage(&command, "-k: keep at least 1");
	if (reverse && !by)
		opt_usage(&command, "--reverse needs --by");
	if (has_rules() && (by || group_by))
		opt_usage(&command, "--by and --group-by do not go with rules");
	if (!has_rules() && (model_path || dataset_path))
		opt_usage(&command, "-m and -d are for rules, and there is none");
	if ((promote != NULL) == isnan(share))
		opt_usage(&command, "--promote and --share go together");
	if (merge && n_paths < 2)
		opt_usage(&command, "--merge needs two FILEs or more");
	if (merge && count_stdin(paths, n_paths) > 1)
		opt_usage(&command, "--merge: stdin can be named only once");
}

static struct blend *
open_blend(const struct source *source, size_t n_paths)
{
	struct rules_options o = {
		.k = k,
		.catalog = source->catalog,
		.model = source->model,
		.boosts = boosts.values,
		.n_boosts = boosts.n,
		.caps = caps.values,
		.n_caps = caps.n,
		.promote = promote,
		.share = share,
		.min_score = min_score,
		.diversify = diversity,
	};
	struct fusion fusion = { FUSE_NONE, merge ? n_paths : 1, NULL };
	struct rules *rules;
	char *why;

	if (merge || fuse_name || weights.n)
		fusion.how = FUSE_RRF;
	if (fusion_set(&fusion, fuse_name, weights.values, weights.n, &why) < 0 ||
	    !(rules = rules_new(&o, &why)))
		errx(2, "%s", why);
	return blend_new(rules, fusion);
}

static struct pick *
open_pick(void)
{
	struct choice_rule rule = { k, by, reverse, group_by };
	struct pick *pick;
	char *why;

	if (!(pick = pick_new(&rule, &why)))
		errx(2, "%s", why);
	return pick;
}

static void
flush(struct buf *out, size_t least)
{
	if (out->len < least)
		return;
	out_write(out->data, out->len);
	buf_clear(out);
}

/* One of pick and blend is NULL. Whether a record carries an error. */
static bool
run(struct pick *pick, struct blend *blend, struct abreast *in)
{
	enum { ENOUGH = 64 * 1024 };
	struct buf out = { 0 };
	bool good = true;
	int more;

	while ((more = abreast_next(in)) > 0) {
		good &= blend ? blend_lines(blend, in->lines, &out)
			      : pick_line(pick, in->lines->text, &out);
		flush(&out, ENOUGH);
	}
	flush(&out, 1);
	if (more < 0)
		errx(
		    1, "%s: %s", in->files[in->failed].path, in->files[in->failed].why);
	while (pick && pick_next(pick, &out))
		flush(&out, ENOUGH);
	flush(&out, 1);
	buf_release(&out);
	return !good;
}

int
main(int argc, char *argv[])
{
	int arg = opt_parse(argc, argv, &command);
	size_t n_paths = (size_t)(argc - arg);
	struct source source = { 0 };
	struct blend *blend = NULL;
	struct pick *pick = NULL;
	struct abreast in;
	bool failed;
	char *why;

	check_usage(argv + arg, n_paths);
	if (source_open(&source, model_path, dataset_path, &why) < 0)
		errx(1, "%s", why);
	if (has_rules())
		blend = open_blend(&source, n_paths);
	else
		pick = open_pick();
	if (merge)
		abreast_open(&in, argv + arg, n_paths);
	else
		abreast_open_joined(&in, argv + arg, n_paths);

	failed = run(pick, blend, &in);

	abreast_close(&in);
	pick_free(pick);
	blend_free(blend);
	source_close(&source);
	free(weights.values);
	free(boosts.values);
	free(caps.values);
	out_close();
	return failed ? 3 : 0;
}
