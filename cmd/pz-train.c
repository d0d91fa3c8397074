/* pz-train - train a recommender on a dataset */
#include <err.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "opt.h"
#include "output.h"
#include "progress.h"
#include "train.h"

static const char *recipe_name, *output, *event_type, *algorithm;
static struct opt_list hypers;
static size_t seed = 1, threads;
static double threshold = NAN;
static bool list;
static struct progress progress;

static const struct opt opts[] = {
	{ OPT_STRING, 'r', "recipe", &recipe_name, "RECIPE",
	    "what to train; --list names them" },
	{ OPT_STRING, 'o', "output", &output, "MODEL", "the model file to write" },
	{ OPT_LIST, 0, "hyper", &hypers, "NAME=VALUE", "set a hyperparameter" },
	{ OPT_STRING, 0, "algorithm", &algorithm, "NAME", "insist on an algorithm" },
	{ OPT_STRING, 0, "event-type", &event_type, "TYPE",
	    "train on these interactions only" },
	{ OPT_REAL, 0, "event-value-threshold", &threshold, "X",
	    "only on EVENT_VALUE of at least X" },
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
	"-r RECIPE -o MODEL [--hyper NAME=VALUE]... [-j N] DATASET\n--list",
	opts,
};

static void
print_list(void)
{
	for (size_t i = 0; i < n_recipes; i++) {
		const struct recipe *r = &recipes[i];

		printf("%s (%s): %s\n", r->name, r->algorithm_name, r->purpose);
		for (size_t k = 0; k < r->n_hypers; k++)
			printf("  %-24s %-6g [%g, %g] %s\n", r->hypers[k].name,
			    r->hypers[k].value, r->hypers[k].least, r->hypers[k].most,
			    r->hypers[k].help);
	}
}

static void
report(void *context, size_t step, size_t steps, double loss)
{
	char note[64];

	(void)context;
	if (step == 1)
		progress_start(&progress, "training", "sweeps", steps);
	snprintf(note, sizeof note, "loss %.6g", loss);
	progress_show(&progress, step, note);
}

/* The service refuses to train on less (spec of its limits); pz only warns. */
static void
warn_if_little(const struct train_data *d)
{
	if (d->interactions < 1000)
		warnx(
		    "only %llu interactions: the service asks for 1000, expect little",
		    (unsigned long long)d->interactions);
	if (d->users_with_two < 25)
		warnx("only %zu users with two or more interactions: the service asks "
		      "for "
		      "25, expect little",
		    d->users_with_two);
}

static const struct recipe *
recipe_of(void)
{
	const struct recipe *r;
	const char *why;

	if (!recipe_name || !output)
		opt_usage(&command, "-r and -o are needed");
	if (!(r = recipe_find(recipe_name, &why)))
		errx(2, "%s: %s", recipe_name, why);
	if (algorithm && strcmp(algorithm, r->algorithm_name))
		errx(2, "%s: recipe %s has the algorithm %s", algorithm, r->name,
		    r->algorithm_name);
	return r;
}

int
main(int argc, char *argv[])
{
	int arg = opt_parse(argc, argv, &command);
	struct train_options o = { .report = report };
	struct buf meta = { 0 };
	struct train_data data;
	struct dataset *d;
	struct model *m;
	char *why;

	if (list) {
		print_list();
		out_close();
		return 0;
	}
	o.recipe = recipe_of();
	if (arg + 1 != argc)
		opt_usage(&command, "one DATASET is needed");
	hypers_init(&o.hypers, o.recipe);
	for (size_t i = 0; i < hypers.n; i++)
		if (hypers_set(&o.hypers, o.recipe, hypers.values[i], &why) < 0)
			errx(2, "--hyper %s", why);
	o.wanted = (struct wanted){ event_type, !isnan(threshold), threshold };
	o.seed = seed;
	o.threads = opt_threads(threads);
	if (!(d = dataset_open(argv[arg], false, &why)))
		errx(1, "%s", why);
	m = train(d, &o, &data, &meta, &why);
	progress_end(&progress);
	if (!m)
		errx(1, "%s: %s", argv[arg], why);
	warn_if_little(&data);
	if (model_save(m, (struct span){ meta.data, meta.len }, output, &why) < 0)
		errx(1, "%s", why);
	model_close(m);
	dataset_close(d);
	buf_release(&meta);
	free(hypers.values);
	out_close();
	return 0;
}
