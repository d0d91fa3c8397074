/* pz-train - train a recommender on a dataset */
#include <err.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "als_share.h"
#include "opt.h"
#include "output.h"
#include "progress.h"
#include "threads.h"
#include "train.h"

static const char *recipe_name, *output, *event_type, *algorithm;
static const char *objective, *update_path, *streamed;
static struct opt_list events, excluded, included;
static struct opt_list hypers, factors;
static size_t seed = 1, threads;
static double threshold = NAN, minutes, gigabytes;
static const char *report_path;
static FILE *report_file;
static bool list;
static struct progress progress;

static const struct opt opts[] = {
	{ OPT_STRING, 'r', "recipe", &recipe_name, "RECIPE",
	    "what to train; --list names them" },
	{ OPT_STRING, 'o', "output", &output, "MODEL", "the model file to write" },
	{ OPT_LIST, 0, "hyper", &hypers, "NAME=VALUE", "set a hyperparameter" },
	{ OPT_STRING, 0, "algorithm", &algorithm, "NAME",
	    "how, if the recipe has several; auto: the best on held-out data" },
	{ OPT_REAL, 0, "time", &minutes, "MINUTES",
	    "algorithm auto: what it may take on a nominal machine (30)" },
	{ OPT_REAL, 0, "memory", &gigabytes, "GB",
	    "and how much memory (all there is)" },
	{ OPT_STRING, 0, "report", &report_path, "FILE",
	    "where its trials go, a JSON object each" },
	{ OPT_STRING, 0, "event-type", &event_type, "TYPE",
	    "train on these interactions only" },
	{ OPT_REAL, 0, "event-value-threshold", &threshold, "X",
	    "only on EVENT_VALUE of at least X" },
	{ OPT_LIST, 0, "event", &events, "TYPE[>=X][=WEIGHT]",
	    "on these, each counting as much as its weight, 0 to 1" },
	{ OPT_LIST, 0, "include-column", &included, "TABLE.COLUMN",
	    "of this table look only at these columns" },
	{ OPT_LIST, 0, "exclude-column", &excluded, "TABLE.COLUMN",
	    "do not look at this column, as Items.PRICE" },
	{ OPT_STRING, 0, "objective", &objective, "COLUMN[=SENSITIVITY]",
	    "also prefer items with much of it: LOW, MEDIUM, HIGH, OFF or a number" },
	{ OPT_STRING, 0, "update", &update_path, "MODEL",
	    "keep its item factors or hyperparameters; add what is new" },
	{ OPT_LIST, 0, "from-factors", &factors, "TABLE=FILE",
	    "factors trained elsewhere: users=, items=; user-ids=, item-ids=" },
	{ OPT_STRING, 0, "streamed-events", &streamed, "include|exclude",
	    "whether segments learn from individual records (include)" },
	{ OPT_SIZE, 0, "seed", &seed, "N", "start of the random numbers (1)" },
	{ OPT_SIZE, 'j', "threads", &threads, "N",
	    "threads (all cores); never changes the result" },
	{ OPT_FLAG, 0, "list", &list, NULL,
	    "list recipes and hyperparameters and exit" },
	PROGRESS_OPTIONS,
	{ 0 },
};

static const struct command command = {
	"pz-train",
	"train a recommender on a dataset",
	"-r RECIPE -o MODEL [--hyper NAME=VALUE]... [-j N] DATASET\n"
	"-r RECIPE -o MODEL --from-factors users=FILE --from-factors items=FILE "
	"DATASET\n"
	"--list",
	opts,
};

static void
report(void *context, size_t step, size_t steps, double loss)
{
	char note[64] = "";

	(void)context;
	if (step == 1)
		progress_start(&progress, "training", "sweeps", steps);
	if (loss > 0)
		snprintf(note, sizeof note, "loss %.6g", loss);
	progress_show(&progress, step, note);
}

/* One of auto's trials. */
static void
tried(void *context, const char *text, size_t len)
{
	static size_t trials;
	char note[64];

	(void)context;
	train_trial_note(note, sizeof note, text, len);
	if (!trials++)
		progress_start(&progress, "trying", "trials", 0);
	progress_show(&progress, trials, note);
	if (!report_file)
		return;
	fprintf(report_file, "%.*s\n", (int)len, text);
	if (fflush(report_file))
		err(1, "%s", report_path);
}

static void
print_remarks(const struct train_options *o, const struct train_data *d)
{
	struct buf lines = { 0 };

	train_remarks(&lines, o, d);
	out_warn(lines.data, "");
	buf_release(&lines);
}

static void
read_recipe(struct train_options *o)
{
	char *why;

	if (!recipe_name || !output)
		opt_usage(&command, "-r and -o are needed");
	if (train_set_recipe(o, recipe_name, algorithm, hypers.values, hypers.n, &why) <
	    0)
		errx(2, "%s", why);
}

/* Before hyperparameters are read: factors make it another recipe. */
static void
read_factors(struct train_options *o)
{
	char *why;

	if (factors.n && (algorithm || update_path))
		opt_usage(
		    &command, "--from-factors: there is nothing to train or to update");
	if (train_set_factors(o, factors.values, factors.n, &why) < 0)
		opt_usage(&command, "--from-factors: %s", why);
	if (!factors.n && o->recipe->algorithm == ALGORITHM_GIVEN)
		opt_usage(&command, "--algorithm given: --from-factors is needed");
}

/* An updated model keeps the hyperparameters of the old one. */
static void
read_update(struct train_options *o)
{
	char *why;
	int status;

	if (!update_path)
		return;
	if (hypers.n || algorithm || minutes != 0 || gigabytes != 0 || report_path)
		opt_usage(&command, "--update keeps the old model's algorithm and "
				    "hyperparameters: no --hyper, --algorithm, --time, "
				    "--memory or --report");
	if ((status = train_set_update(o, update_path, &why)))
		errx(status, "%s", why);
}

static void
read_options(struct train_options *o)
{
	char *why;

	read_factors(o);
	if (train_set_hypers(o, hypers.values, hypers.n, &why) < 0)
		errx(2, "--hyper %s", why);
	if (objective && train_set_objective(o, objective, &why) < 0)
		opt_usage(&command, "--objective: %s", why);
	if (streamed && strcmp(streamed, "include") && strcmp(streamed, "exclude"))
		opt_usage(&command,
		    "--streamed-events: '%s' is neither include nor exclude", streamed);
	o->without_put = streamed && !strcmp(streamed, "exclude");
	o->n_excluded = excluded.n;
	o->excluded = excluded.values;
	o->n_included = included.n;
	o->included = included.values;
	if (train_set_events(o, event_type, threshold, events.values, events.n, &why) <
	    0)
		opt_usage(&command, "%s", why);
	if (o->recipe->algorithm != ALGORITHM_AUTO &&
	    (minutes != 0 || gigabytes != 0 || report_path))
		opt_usage(
		    &command, "--time, --memory and --report are for --algorithm auto");
	if (minutes < 0 || gigabytes < 0)
		opt_usage(&command, "--time and --memory: more than 0");
	o->minutes = minutes;
	o->most_bytes = gigabytes * 1e9;
	o->seed = seed;
	o->threads = opt_threads(threads);
}

int
main(int argc, char *argv[])
{
	struct train_options o = { .report = report, .tried = tried };
	struct buf meta = { 0 };
	struct train_data data;
	struct dataset *d;
	struct model *m;
	char *why;
	int arg;

	if (ranks_open(&o.ranks, argv, &why) < 0)
		errx(1, "%s", why);
	if (o.ranks && o.ranks->rank > 0) {
		als_share_work(o.ranks, threads_cores());
		return 0;
	}
	arg = opt_parse(argc, argv, &command);
	if (list) {
		recipes_print(stdout);
		out_close();
		return 0;
	}
	read_recipe(&o);
	if (arg + 1 != argc)
		opt_usage(&command, "one DATASET is needed");
	read_options(&o);
	read_update(&o);
	if (!(d = dataset_open(argv[arg], false, &why)))
		errx(1, "%s", why);
	if (report_path && !(report_file = fopen(report_path, "w")))
		err(1, "%s", report_path);
	m = train(d, &o, &data, &meta, &why);
	if (report_file && fclose(report_file))
		err(1, "%s", report_path);
	progress_end(&progress);
	if (!m && factors.n)
		errx(1, "%s", why); /* which names a file */
	if (!m)
		errx(1, "%s: %s", argv[arg], why);
	print_remarks(&o, &data);
	if (model_save(m, (struct span){ meta.data, meta.len }, output, &why) < 0)
		errx(1, "%s", why);
	model_close(m);
	model_close(o.update);
	free(o.objective);
	dataset_close(d);
	buf_release(&meta);
	free(hypers.values);
	free(factors.values);
	free(events.values);
	free(excluded.values);
	free(included.values);
	out_close();
	return 0;
}
