/* pz-eval - compare output records with what really happened */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalog_load.h"
#include "lines.h"
#include "model.h"
#include "opt.h"
#include "output.h"
#include "report.h"

enum {
	MOST_K = 1000000000,
	SHOWN = 20, /* bad records that are reported one by one */
};

static const char *k_text = "5,10,25", *dataset_path, *model_path, *other_path;
static bool table, per_user;
static size_t resamples = 1000, seed = 1, threads;

static const struct opt opts[] = {
	{ OPT_STRING, 'k', "at", &k_text, "LIST", "lengths of lists (5,10,25)" },
	{ OPT_FLAG, 0, "table", &table, NULL, "an aligned table instead of JSON" },
	{ OPT_FLAG, 0, "per-user", &per_user, NULL,
	    "a JSON line for each input instead" },
	{ OPT_STRING, 0, "compare", &other_path, "FILE",
	    "other output records for the same inputs" },
	{ OPT_STRING, 'd', "dataset", &dataset_path, "DATASET",
	    "the one trained on: catalogue and popularity" },
	{ OPT_STRING, 'm', "model", &model_path, "MODEL", "the same from a model" },
	{ OPT_SIZE, 0, "resamples", &resamples, "N",
	    "for intervals and p (1000); 0 for none" },
	{ OPT_SIZE, 0, "seed", &seed, "N", "start of the random numbers (1)" },
	{ OPT_SIZE, 'j', "threads", &threads, "N",
	    "threads (all cores); never changes the result" },
	{ 0 },
};

static const struct command command = {
	"pz-eval",
	"compare output records with what really happened",
	"[-k LIST] [-d DATASET | -m MODEL] [--table | --per-user] [--compare FILE]\n"
	"TRUTH [FILE...]",
	opts,
};

static bool failed; /* some record carries an error, or is none */

/* "5,10" into k, to be freed. How many, repeats left out. */
static size_t
parse_k(const char *text, size_t **k)
{
	size_t n = 0;
	char *end;

	do {
		unsigned long x = strtoul(text, &end, 10);
		size_t i = 0;

		if (*text < '0' || *text > '9' || !x || x > MOST_K ||
		    (*end && *end != ','))
			opt_usage(&command,
			    "-k: expected numbers above 0 and commas, not '%s'",
			    k_text);
		while (i < n && (*k)[i] != x)
			i++;
		if (i == n) {
			*k = xrealloc(*k, n + 1, sizeof **k);
			(*k)[n++] = (size_t)x;
		}
		text = end + 1;
	} while (*end);
	return n;
}

/* The catalogue and who met what, of a dataset or a model. */
struct knowledge {
	struct model *model;
	struct catalog *catalog; /* of a dataset: owned */
	struct background background;
};

static const struct background *
learn(struct knowledge *k)
{
	static const struct wanted all;
	struct dataset *d;
	char *why;

	if (model_path) {
		if (!(k->model = model_open(model_path, &why)))
			errx(1, "%s", why);
		background_init(&k->background, &k->model->catalog, &k->model->wanted);
	} else if (dataset_path) {
		if (!(d = dataset_open(dataset_path, false, &why)) ||
		    !(k->catalog = catalog_load(d, NULL, opt_threads(threads), &why)))
			errx(1, "%s", why);
		dataset_close(d);
		background_init(&k->background, k->catalog, &all);
	} else
		return NULL;
	return &k->background;
}

static void
forget(struct knowledge *k)
{
	background_release(&k->background);
	if (k->catalog)
		catalog_release(k->catalog);
	free(k->catalog);
	if (k->model)
		model_close(k->model);
}

static void
complain(const struct lines *in, const char *why)
{
	static size_t n;

	failed = true;
	if (why && n++ < SHOWN)
		warnx("%s:%zu: %s", in->path, in->number, why);
}

static struct eval *
evaluate(struct truth *t, const struct eval_options *o, char *const *paths, size_t n)
{
	struct eval *e = eval_new(t, o);
	struct lines in;
	const char *why;
	int more;

	lines_open(&in, paths, n);
	while ((more = lines_next(&in)) > 0)
		if (in.len && eval_add(e, (struct span){ in.text, in.len }, &why) < 0)
			complain(&in, why);
	if (more < 0)
		errx(1, "%s: %s", in.path, in.why);
	lines_close(&in);
	eval_finish(e);
	return e;
}

static void
print_inputs(const struct eval *e)
{
	struct buf b = { 0 };

	for (size_t i = 0; i < e->truth->n; i++) {
		report_input(e, i, &b);
		out_write(b.data, b.len);
		buf_clear(&b);
	}
	buf_release(&b);
}

static void
print_report(const struct eval *e, const struct eval *other)
{
	struct report_options o = { resamples, seed, opt_threads(threads) };
	struct buf b = { 0 };
	struct report r;

	report_make(&r, e, other, &o);
	if (table)
		report_table(&r, &b);
	else
		report_json(&r, &b);
	out_write(b.data, b.len);
	report_release(&r);
	buf_release(&b);
}

static void
check_options(void)
{
	if (model_path && dataset_path)
		opt_usage(&command, "-m and -d exclude each other");
	if (per_user && (table || other_path))
		opt_usage(&command, "--per-user excludes --table and --compare");
}

int
main(int argc, char *argv[])
{
	int arg = opt_parse(argc, argv, &command);
	size_t *k = NULL;
	struct knowledge knowledge = { 0 };
	struct eval_options o = { 0 };
	struct eval *e, *other = NULL;
	struct truth truth;
	char *why;

	o.n_k = parse_k(k_text, &k);
	o.k = k;
	check_options();
	if (arg == argc)
		opt_usage(&command, "TRUTH is needed");
	if (truth_read(&truth, argv[arg], &why) < 0)
		errx(1, "%s", why);
	if (!truth.n)
		errx(1, "%s: no truth in it", argv[arg]);
	o.background = learn(&knowledge);
	e = evaluate(&truth, &o, argv + arg + 1, (size_t)(argc - arg - 1));
	if (other_path)
		other = evaluate(&truth, &o, (char *const *)&other_path, 1);
	if (per_user)
		print_inputs(e);
	else
		print_report(e, other);
	eval_free(e);
	eval_free(other);
	truth_release(&truth);
	forget(&knowledge);
	free(k);
	out_close();
	return failed ? 3 : 0;
}
