/* pz-score - answer input records with the best items of a model */
#include <err.h>
#include <stdlib.h>

#include "answer_lines.h"
#include "dataset.h"
#include "explore.h"
#include "filter_jq.h"
#include "filter_options.h"
#include "fold.h"
#include "influence.h"
#include "live.h"
#include "model.h"
#include "opt.h"
#include "output.h"
#include "themes.h"

static const char *model_path, *dataset_path;
static size_t n_results = 25, threads;
static const char *ranking_influence, *name_column;
static bool docs_format, scores, reasons;
static double exploration_weight = -1, age_cut_off = -1; /* the model's */

static const struct opt opts[] = {
	{ OPT_STRING, 'm', "model", &model_path, "MODEL", "the model file" },
	{ OPT_STRING, 'd', "dataset", &dataset_path, "DATASET",
	    "what is newer than the model: metadata, interactions" },
	{ OPT_SIZE, 'n', "num-results", &n_results, "N", "items per record (25)" },
	{ OPT_SIZE, 'j', "threads", &threads, "N",
	    "threads (all cores); never changes the output" },
	FILTER_OPTIONS,
	{ OPT_REAL, 0, "exploration-weight", &exploration_weight, "X",
	    "how much new items are tried, 0 to 1 (the model's)" },
	{ OPT_REAL, 0, "exploration-item-age-cut-off", &age_cut_off, "DAYS",
	    "the age up to which an item is new (the model's)" },
	{ OPT_FLAG, 0, "reasons", &reasons, NULL,
	    "items for users or items: also why an item is there, if not for its "
	    "score" },
	{ OPT_STRING, 0, "ranking-influence", &ranking_influence, "NAME=X[,NAME=X]",
	    "semantic-similarity: how much POPULARITY and FRESHNESS count, 0 to 1" },
	{ OPT_STRING, 0, "themes", &name_column, "COLUMN",
	    "related items: also what they have in common; their names are in COLUMN" },
	{ OPT_FLAG, 0, "docs-format", &docs_format, NULL,
	    "segments: recommendedUsers, as the service's pages have it" },
	{ OPT_FLAG, 0, "scores", &scores, NULL,
	    "segments: also users' probabilities; related items: how alike they are" },
	PROGRESS_OPTIONS,
	{ 0 },
};

static const struct command command = {
	"pz-score",
	"answer input records with the best items of a model",
	"-m MODEL [-d DATASET] [-n N] [-j N] [options] [FILE...]",
	opts,
};

/* The options' values, or what the model was trained with; NULL: no exploration. */
static float *
exploration(const struct model *m)
{
	double weight = exploration_weight, days = age_cut_off;

	if (weight < 0)
		weight = model_hyper(m, "exploration_weight", 0);
	if (days < 0)
		days = model_hyper(m, "exploration_item_age_cut_off", 30);
	return m->users || m->links.base || m->links.own
		   ? explore_bonus(m, weight, days)
		   : NULL;
}

static void
check_options(struct answer_options *o, struct influence *influence)
{
	const char *why;

	if (!model_path)
		opt_usage(&command, "-m is needed");
	if (!n_results)
		opt_usage(&command, "-n: at least 1");
	if (exploration_weight > 1)
		opt_usage(&command, "--exploration-weight: from 0 to 1");
	if (ranking_influence &&
	    influence_parse(influence, ranking_influence, &why) < 0)
		opt_usage(&command, "--ranking-influence: %s", why);
	o->similarity = scores;
	if (filter_options_get(&o->filters, &why) < 0)
		opt_usage(&command, "%s", why);
}

/* The model, and its recipe, which options may not be for. */
static struct model *
open_model(const struct recipe **recipe)
{
	const char *unknown, *name;
	struct model *m;
	char *why;

	if (!(m = model_open_by_user(model_path, &why)))
		errx(1, "%s", why);
	if (!(*recipe = recipe_find(m->recipe, &unknown)))
		errx(1, "%s: recipe %s: %s", model_path, m->recipe, unknown);
	name = (*recipe)->name;
	if (reasons && (*recipe)->job != JOB_RECOMMEND &&
	    (*recipe)->job != JOB_RELATED) {
		model_close(m);
		errx(2, "--reasons: %s has none", name);
	}
	if (ranking_influence && (*recipe)->algorithm != ALGORITHM_TEXT) {
		model_close(m);
		errx(2, "--ranking-influence: %s has none", name);
	}
	if (name_column && (*recipe)->job != JOB_RELATED) {
		model_close(m);
		errx(2, "--themes: %s has none", name);
	}
	/* Segments are of all users, and a dataset says something of each. */
	if ((dataset_path || recipe_most_lines(*recipe)) &&
	    model_check(m, model_path, &why) < 0)
		errx(1, "%s", why);
	return m;
}

/* The model with what the dataset says now. */
static struct model *
open_live(const struct model *m)
{
	struct dataset *d;
	struct model *view;
	char *why;

	if (!(d = dataset_open(dataset_path, false, &why)) ||
	    !(view = live_open(m, d, opt_threads(threads), &why)))
		errx(1, "%s", why);
	dataset_close(d);
	return view;
}

/* What is worked out once for all records, and shared by threads. */
struct extras {
	float *bonus, *influence;
	struct themes *themes;
};

static struct extras
extras_of(const struct model *m, const struct influence *influence)
{
	struct extras e = { exploration(m), influence_of(m, influence), NULL };
	char *why;

	if (name_column &&
	    !(e.themes = themes_new(&m->catalog.item_table, name_column, &why)))
		errx(1, "--themes: %s", why);
	return e;
}

static void
extras_release(struct extras *e)
{
	free(e->bonus);
	free(e->influence);
	themes_free(e->themes);
}

/* Users for items, or items for users and items. */
static long
answer_all(const struct model *m, const struct answer_options *o, struct lines *in,
    struct progress *progress)
{
	const struct segment_options segment = {
		.recipe = o->recipe,
		.k = n_results,
		.docs_format = docs_format,
		.scores = scores,
		.filters = o->filters,
		.threads = opt_threads(threads),
		.trained = o->trained,
	};
	size_t n, most = recipe_most_lines(o->recipe);
	long errors;

	if (!most)
		return answer_lines(m, o, in, opt_threads(threads), progress);
	if (n_results > SEGMENT_MOST && filter_service_limits)
		errx(1, "-n %zu: the service gives %d users at most", n_results,
		    SEGMENT_MOST);
	if (n_results > SEGMENT_MOST)
		warnx("-n %zu: the service gives %d users at most", n_results,
		    SEGMENT_MOST);
	errors = segment_lines(
	    m, &segment, in, filter_service_limits ? most : SIZE_MAX, &n, progress);
	if (n > most && filter_service_limits)
		errx(1, "%s: more than %zu lines: that is all the service takes for %s",
		    in->path, most, o->recipe->name);
	if (n > most)
		warnx("%zu lines in a file: the service takes %zu for %s", n, most,
		    o->recipe->name);
	return errors;
}

int
main(int argc, char *argv[])
{
	int arg = opt_parse(argc, argv, &command);
	struct answer_options o = { 0 };
	struct influence influence = { 0 };
	struct progress progress = { 0 };
	struct lines in;
	struct model *m, *live = NULL;
	struct fold_base *fold = NULL;
	const struct model *view;
	long errors;
	struct extras extras;

	check_options(&o, &influence);
	m = open_model(&o.recipe);
	o.reasons = reasons;
	view = m;
	if (dataset_path) {
		view = live = open_live(m);
		o.trained = m;
		o.fold = fold =
		    m->n_user_rows ? fold_base_new(view, opt_threads(threads)) : NULL;
	}
	o.k = MIN(n_results, MAX(view->catalog.items.strings.n, (size_t)1));
	extras = extras_of(view, &influence);
	o.bonus = extras.bonus;
	o.influence = extras.influence;
	o.themes = extras.themes;
	o.filters.jq = filter_jq_new(&view->catalog, o.filters.now);
	lines_open(&in, argv + arg, (size_t)(argc - arg));
	progress_start(&progress, "scoring", "MB", lines_total(&in));
	errors = answer_all(view, &o, &in, &progress);
	progress_end(&progress);
	if (errors < 0)
		errx(1, "%s:%zu: %s", in.path, in.number, in.why);
	lines_close(&in);
	filter_jq_free(o.filters.jq);
	extras_release(&extras);
	fold_base_free(fold);
	live_close(live);
	model_close(m);
	out_close();
	return errors ? 3 : 0;
}
