/*
 * train_auto - which algorithm, and with which hyperparameters: the service's
 * performHPO.
 *
 * Every algorithm of the recipe is trained with its defaults, ials also with a lighter
 * penalty, on all interactions but the newest tenth of a sample of users (holdout.h),
 * the same for all, and measured by NDCG@25 of what it recommends then. The best one's
 * hyperparameters are then changed one after another, by a factor up as long as that
 * helps, else down. A change has to gain more than half the standard error of the
 * measure: smaller gains were losses as often as not in what was held out from all of
 * this, on Beauty and on Gowalla.
 *
 * What would take longer than is left, the last training included, or more memory than
 * allowed, is not tried. Time is that of a nominal machine, worked out from the data,
 * so that the choice is the same everywhere.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "gfcf.h"
#include "inverse.h"
#include "json.h"
#include "number.h"
#include "prune.h"
#include "training.h"

/* Multiplications and additions a second: about two cores of 2023. */
#define NOMINAL_SPEED 5e10
/* Calibrating and measuring, whatever was trained. */
#define NOMINAL_MEASURE 5e10

enum { MOST_STEPS = 3 }; /* in one direction */

/* What is varied, in this order. */
static const struct tunable {
	enum algorithm algorithm;
	const char *hyper;
	double factor;
} tunables[] = {
	{ ALGORITHM_ALS, "regularization", 3 },
	{ ALGORITHM_ALS, "alpha", 3 },
	{ ALGORITHM_ALS, "hidden_dimension", 2 },
	{ ALGORITHM_EASE, "lambda", 3 },
	{ ALGORITHM_GFCF, "low_pass", 2 },
	{ ALGORITHM_GFCF, "alpha", 1.25 },
	{ ALGORITHM_GFCF, "exponent", 1.25 },
	{ ALGORITHM_SLIST, "graph", 2 },
	{ ALGORITHM_SLIST, "mix", 2 },
	{ ALGORITHM_SLIST, "decay", 2 },
	{ ALGORITHM_SLIST, "sequence_lambda", 3 },
	{ ALGORITHM_SLIST, "lambda", 3 },
};

/* What is tried first, in this order; of hyperparameters what is not the default. */
static const struct beginning {
	const char *algorithm;
	struct {
		const char *hyper;
		double value;
	} other[2];
} beginnings[] = {
	{ .algorithm = "popularity" },
	{ .algorithm = "ials" },
	/* The default penalty, which grows with the items, is too great for many. */
	{ "ials", { { "alpha", 0.02 }, { "regularization", 0.0015 } } },
	{ .algorithm = "gfcf" },
	{ .algorithm = "ease" },
	{ .algorithm = "slist" },
};

struct trial {
	const struct recipe *recipe;
	struct hypers hypers;
	struct metrics metrics;
};

struct search {
	const struct training *t;
	const struct catalog *c;
	double users, items, pairs,
	    squares; /* squares: sum of items of a user, squared */
	double spent, most_work, most_bytes;
	struct buf *tried; /* JSON objects, with commas between */
	struct trial best; /* recipe NULL: none yet */
	char *why;         /* of the first trial that failed */
};

static double
value_of(const struct trial *x, const char *name)
{
	return hypers_get(&x->hypers, x->recipe, name);
}

static double
gfcf_work(const struct search *s, const struct trial *x)
{
	struct gfcf_params p = gfcf_params_of(x->recipe, &x->hypers);
	double n = s->items, dim = p.low_pass > 0 ? (double)p.dim : 0;

	return 20 * s->squares + n * n * (50 + dim) + 12 * dim * (s->pairs + n * dim);
}

/* Of one training, in multiplications and additions. */
static double
work_of(const struct search *s, const struct trial *x)
{
	double n = s->items, dim;

	switch (x->recipe->algorithm) {
	case ALGORITHM_ALS:
		dim = value_of(x, "hidden_dimension");
		return value_of(x, "epochs") *
		       (24 * s->pairs * dim + 6 * (s->users + s->items) * dim * dim +
			   10 * dim * dim * dim);
	case ALGORITHM_EASE:
		return n * n * n;
	case ALGORITHM_SLIST:
		return 2 * n * n * n + 200 * s->pairs * n +
		       (value_of(x, "graph") > 0 ? gfcf_work(s, x) : 0);
	case ALGORITHM_GFCF:
		return gfcf_work(s, x);
	default:
		return 0;
	}
}

static double
bytes_of(const struct search *s, const struct trial *x)
{
	size_t n = (size_t)s->items;
	struct gfcf_params gfcf;
	double dim;

	switch (x->recipe->algorithm) {
	case ALGORITHM_ALS:
		dim = value_of(x, "hidden_dimension") + 32;
		return 4 * dim * (2 * s->users + 3 * s->items);
	case ALGORITHM_EASE:
		return symmetric_bytes(n) +
		       prune_bytes(n, (size_t)value_of(x, "links_per_item"));
	case ALGORITHM_SLIST:
		return 2 * symmetric_bytes(n) +
		       prune_bytes(n, (size_t)value_of(x, "links_per_item"));
	case ALGORITHM_GFCF:
		gfcf = gfcf_params_of(x->recipe, &x->hypers);
		return gfcf_bytes(&gfcf, n, (size_t)s->users);
	default:
		return 0;
	}
}

/* Whether there is time to try it and to train it, or the best, at last, twice
 * (holdout.h).
 */
static bool
affordable(const struct search *s, const struct trial *x)
{
	double work = work_of(s, x);
	double last = s->best.recipe ? work_of(s, &s->best) : 0;

	return s->spent + work + 2 * MAX(work, last) + 2 * NOMINAL_MEASURE <=
		   s->most_work &&
	       bytes_of(s, x) <= s->most_bytes;
}

static void
describe_trial(struct buf *b, const struct trial *x)
{
	char text[NUMBER_SIZE];

	buf_addf(b, "{\"algorithm\":\"%s\",\"hyperparameters\":{",
	    x->recipe->algorithm_name);
	for (size_t i = 0; i < x->recipe->n_hypers; i++) {
		number_json(text, x->hypers.value[i]);
		buf_addf(
		    b, "%s\"%s\":%s", i ? "," : "", x->recipe->hypers[i].name, text);
	}
	number_json(text, x->metrics.ndcg25);
	buf_addf(b, "},\"normalized_discounted_cumulative_gain_at_25\":%s", text);
	number_json(text, x->metrics.nll);
	buf_addf(b, ",\"negative_log_likelihood\":%s", text);
}

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Seconds go to who watches, not into the model, which has the same bytes each time. */
static void
report(struct search *s, const struct trial *x, double seconds)
{
	const struct train_options *o = s->t->o;
	struct buf b = { 0 };

	describe_trial(&b, x);
	if (s->tried->len)
		buf_addc(s->tried, ',');
	buf_add(s->tried, b.data, b.len);
	buf_addc(s->tried, '}');
	buf_addf(&b, ",\"seconds\":%.1f}", seconds);
	if (o->tried)
		o->tried(o->context, b.data, b.len);
	buf_release(&b);
}

/* Whether it is the best so far, by more than margin. */
static bool
try(struct search *s, struct trial *x, double margin)
{
	struct train_options o = *s->t->o;
	struct training t = *s->t;
	double start = now();
	char *why;
	int status;

	if (!affordable(s, x))
		return false;
	o.recipe = x->recipe;
	o.hypers = x->hypers;
	o.report = NULL;
	t.o = &o;
	t.trial = true;
	s->spent += work_of(s, x) + NOMINAL_MEASURE;
	status = x->recipe->algorithm == ALGORITHM_ALS
		     ? measure_factors(&t, s->c, &x->metrics, &why)
		     : measure_links(&t, s->c, &x->metrics, &why);
	if (status < 0) {
		if (s->why)
			free(why);
		else
			s->why = why;
		return false;
	}
	report(s, x, now() - start);
	if (s->best.recipe && !(x->metrics.ndcg25 > s->best.metrics.ndcg25 + margin))
		return false;
	s->best = *x;
	return true;
}

/* The recipe's own hyperparameters are those of all its algorithms. */
static void
start(const struct search *s, const struct beginning *b, struct trial *x)
{
	const struct recipe *own = s->t->o->recipe, *r = recipe_with(own, b->algorithm);

	*x = (struct trial){ .recipe = r };
	hypers_init(&x->hypers, r);
	for (size_t i = 0; i < own->n_hypers; i++)
		hypers_put(
		    &x->hypers, r, own->hypers[i].name, s->t->o->hypers.value[i]);
	for (size_t i = 0; i < LENGTH(b->other) && b->other[i].hyper; i++)
		hypers_put(&x->hypers, r, b->other[i].hyper, b->other[i].value);
}

/* Steps in one direction; whether the first one helped. */
static bool
climb(struct search *s, const struct tunable *v, double factor)
{
	for (int i = 0; i < MOST_STEPS; i++) {
		struct trial x = s->best;

		if (!hypers_put(&x.hypers, x.recipe, v->hyper,
			value_of(&x, v->hyper) * factor) ||
		    !try(s, &x, metrics_doubt(&s->best.metrics)))
			return i > 0;
	}
	return true;
}

static void
tune(struct search *s)
{
	for (size_t i = 0; i < LENGTH(tunables); i++) {
		const struct tunable *v = &tunables[i];

		if (v->algorithm == s->best.recipe->algorithm &&
		    !climb(s, v, v->factor))
			climb(s, v, 1 / v->factor);
	}
}

static void
search_init(struct search *s, const struct training *t)
{
	const struct matrix *m = &t->pair->by_user;
	double bytes = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);

	s->most_work =
	    (t->o->minutes > 0 ? t->o->minutes : TRAIN_MINUTES) * 60 * NOMINAL_SPEED;
	s->most_bytes = t->o->most_bytes > 0 ? t->o->most_bytes : bytes;
	s->pairs = (double)m->row[m->n_rows];
	for (size_t u = 0; u < m->n_rows; u++) {
		double n = (double)row_count(m, u);

		s->users += n > 0;
		s->squares += n * n;
	}
	for (size_t i = 0; i < t->pair->by_item.n_rows; i++)
		s->items += row_count(&t->pair->by_item, i) > 0;
}

int
auto_choose(struct train_options *chosen, const struct training *t,
    const struct catalog *c, struct buf *tried, char **why)
{
	struct search s = { .t = t, .c = c, .tried = tried };

	search_init(&s, t);
	for (size_t i = 0; i < LENGTH(beginnings); i++) {
		struct trial x;

		start(&s, &beginnings[i], &x);
		try(&s, &x, 0);
	}
	if (!s.best.recipe) {
		*why = s.why ? s.why
			     : xstrdup("no algorithm fits into the time and "
				       "memory given");
		return -1;
	}
	tune(&s);
	free(s.why);
	chosen->recipe = s.best.recipe;
	chosen->hypers = s.best.hypers;
	return 0;
}
