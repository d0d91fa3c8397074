/*
 * train_links - item-item weights (ease.h, slist.h, gfcf.h), calibrated and
 * measured.
 *
 * Trained twice: without held-out interactions, which then calibrate and measure
 * (calibrate.h, measure.h), and with everything. Items that nobody met get weights from
 * those of items with like metadata (cold_links.h); without any, they are not
 * recommended.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "blend_links.h"
#include "calibrate.h"
#include "cold_links.h"
#include "gfcf.h"
#include "links.h"
#include "measure.h"
#include "objective.h"
#include "prune.h"
#include "slist.h"

#define BEND_USERS ((size_t)200)

struct links_run {
	const struct training *t;
	enum algorithm algorithm;
	struct slist_params slist; /* ease's are a part of them */
	struct gfcf_params gfcf;
	double graph;       /* slist: how much gfcf's weights are to count */
	double decay, bend; /* of what has been met, at scoring (links.h) */
	size_t step, steps; /* for the report */
};

static struct gfcf_params
gfcf_of(const struct training *t, size_t threads)
{
	struct gfcf_params p = gfcf_params_of(t->o->recipe, &t->o->hypers);

	p.seed = t->o->seed;
	p.threads = threads;
	return p;
}

static void
run_init(struct links_run *run, const struct training *t, size_t steps)
{
	enum algorithm a = t->o->recipe->algorithm;
	size_t threads = MAX(t->o->threads, (size_t)1), most;

	*run = (struct links_run){ .t = t, .algorithm = a, .steps = steps };
	if (a == ALGORITHM_HABIT)
		return;
	most = (size_t)training_hyper(t, "links_per_item");
	if (a != ALGORITHM_EASE_SIMILAR)
		run->decay = training_hyper(t, "decay");
	if (a == ALGORITHM_GFCF) {
		run->gfcf = gfcf_of(t, threads);
		return;
	}
	run->slist.ease =
	    (struct ease_params){ training_hyper(t, "lambda"), most, threads };
	if (a != ALGORITHM_SLIST)
		return;
	run->slist.decay = run->decay;
	run->slist.lambda = training_hyper(t, "sequence_lambda");
	run->slist.mix = training_hyper(t, "mix");
	run->graph = training_hyper(t, "graph");
	run->gfcf = gfcf_of(t, threads);
}

/* What is learned from, with the newest skip[u] interactions of user u left out. */
struct lesson {
	const struct catalog *c;
	const uint32_t *skip; /* NULL: all of them */
	const struct pair *all;
	const uint32_t *scored; /* [n] */
	size_t n;
};

/* What follows what, and what the graph says of it. */
static int
learn_order(const struct links_run *run, struct links *to, const struct lesson *l,
    const struct pair *pair, char **why)
{
	const struct ease_params *ease = &run->slist.ease;
	struct links graph;

	if (slist_train(to, &run->slist, l->c, &run->t->o->wanted, l->skip, pair,
		l->scored, l->n, why) < 0)
		return -1;
	if (run->graph > 0) {
		gfcf_train(&graph, &run->gfcf, pair, l->scored, l->n);
		blend_links(to, &graph, run->graph, l->n, ease->most, ease->threads);
		links_release(&graph);
	}
	return 0;
}

static int
learn_from(const struct links_run *run, struct links *to, const struct lesson *l,
    const struct pair *pair, char **why)
{
	switch (run->algorithm) {
	case ALGORITHM_HABIT:
		*to = (struct links){ .row = xcalloc(l->n + 1, sizeof *to->row) };
		return 0;
	case ALGORITHM_GFCF:
		gfcf_train(to, &run->gfcf, pair, l->scored, l->n);
		return 0;
	case ALGORITHM_SLIST:
		return learn_order(run, to, l, pair, why);
	default:
		return ease_train(to, &run->slist.ease, pair, l->scored, l->n, why);
	}
}

/* From the users whose history is neither too short nor too long. */
static int
learn(struct links_run *run, struct links *to, const struct lesson *l, char **why)
{
	const struct training *t = run->t;
	bool all = run->algorithm == ALGORITHM_HABIT;
	struct pair pair;
	int status;

	pair_between(&pair, l->all,
	    all ? 0 : training_hyper(t, "min_user_history_length_percentile"),
	    all ? 1 : training_hyper(t, "max_user_history_length_percentile"));
	status = learn_from(run, to, l, &pair, why);
	pair_release(&pair);
	if (status == 0 && t->o->report)
		t->o->report(t->o->context, ++run->step, run->steps, 0);
	to->decay = run->decay;
	to->bend = run->bend;
	return status;
}

static float *
base_of(const struct weights *w, const struct popularity *p, const uint32_t *scored,
    size_t n)
{
	float *base = xcalloc(n, sizeof *base);

	for (size_t i = 0; i < n; i++)
		base[i] = (float)weights_item(w, p, scored[i]);
	return base;
}

/* What everybody meets is a summand beside links, and all there is without them. */
static void
take_base(struct links *links, const float *base, size_t n)
{
	if (links->row[n])
		links->base = base;
	else
		links->own = base;
}

/* Weights, and metrics with them. */
static void
calibrate_and_measure(struct weights *w, struct metrics *m, const struct evidence *e,
    struct links *links, size_t threads)
{
	float *base;

	calibrate(w, e, threads);
	base = base_of(w, e->popularity, e->number, e->items.n);
	take_base(links, base, e->items.n);
	measure(m, e, w, threads);
	links->base = links->own = NULL;
	free(base);
}

/*
 * Where sums begin to count less: at their root mean square over the items that some of
 * the held-out users have not met.
 */
static double
bend_of(const struct evidence *e, const struct links *links)
{
	const struct holdout *h = e->holdout;
	size_t n_items = e->catalog->items.strings.n, n = MIN(h->n_users, BEND_USERS);
	struct seen *seen = seen_new(e->catalog, e->wanted);
	uint32_t *place = xcalloc(n_items, sizeof *place);
	float *z = xcalloc(e->items.n, sizeof *z);
	double squares = 0, count = 0;

	memset(place, 0xff, n_items * sizeof *place);
	for (size_t i = 0; i < e->items.n; i++)
		place[e->number[i]] = (uint32_t)i;
	for (size_t k = 0; k < n; k++) {
		uint32_t user = h->user[k * h->n_users / n];
		const struct seen_item *met;
		size_t n_met = seen_of(seen, user, h->skip[user], &met);

		links_scan(links, e->items.n, place, met, n_met, 1, z);
		for (size_t i = 0; i < n_met; i++)
			if (place[met[i].item] != NONE)
				z[place[met[i].item]] = 0;
		for (size_t i = 0; i < e->items.n; i++)
			squares += (double)z[i] * (double)z[i];
		count += (double)e->items.n;
	}
	seen_free(seen);
	free(place);
	free(z);
	return squares > 0 ? sqrt(squares / count) : 0;
}

/* Train without the held-out interactions, and learn from them. */
static int
learn_and_measure(struct links_run *run, const struct catalog *c, struct weights *w,
    struct metrics *m, char **why)
{
	const struct train_options *o = run->t->o;
	struct popularity popularity;
	struct holdout h;
	struct pair pair;
	struct links links = { 0 };
	struct evidence e = { .catalog = c,
		.wanted = &o->wanted,
		.holdout = &h,
		.popularity = &popularity,
		.without_recent = training_hyper(run->t, "recency_mask") == 0,
		.links = &links,
		.quick = run->t->trial };
	uint32_t *scored;
	int status;

	holdout_choose(&h, c, &o->wanted, o->seed);
	pair_init(&pair, c, &o->wanted, h.skip);
	e.number = scored = scored_items(&pair.by_item, &e.items.n);
	status = learn(
	    run, &links, &(struct lesson){ c, h.skip, &pair, scored, e.items.n }, why);
	if (status == 0) {
		popularity_init(&popularity, c, e.wanted, h.skip);
		links.bend = run->bend = bend_of(&e, &links);
		calibrate_and_measure(w, m, &e, &links, o->threads);
		popularity_release(&popularity);
		links_release(&links);
	}
	free(scored);
	pair_release(&pair);
	holdout_release(&h);
	return status;
}

/* The links of everything become the model's. */
static int
learn_all(struct links_run *run, struct model *m, char **why)
{
	struct catalog *c = &m->catalog;
	struct links *l = &m->links;
	uint32_t *scored = scored_items(&run->t->pair->by_item, &m->n_scored);

	if (learn(run, l,
		&(struct lesson){ c, NULL, run->t->pair, scored, m->n_scored },
		why) < 0) {
		free(scored);
		return -1;
	}
	if (run->algorithm != ALGORITHM_HABIT)
		cold_links(l, &scored, &m->n_scored, &c->item_table,
		    (size_t)training_hyper(run->t, "links_per_item"),
		    MAX(run->t->o->threads, (size_t)1));
	m->scored = catalog_own(c, scored);
	catalog_own(c, (void *)l->row);
	catalog_own(c, (void *)l->at);
	catalog_own(c, (void *)l->weight);
	model_index(m);
	return 0;
}

static void
finish(struct model *m, const struct training *t)
{
	float *base = base_of(&m->weights, t->popularity, m->scored, m->n_scored);
	float *adds = objective_adds(m, t->o);

	take_base(&m->links, catalog_own(&m->catalog, base), m->n_scored);
	if (!adds)
		return;
	for (size_t i = 0; m->links.own && i < m->n_scored; i++)
		adds[i] += m->links.own[i];
	m->links.own = catalog_own(&m->catalog, adds);
}

int
measure_links(
    const struct training *t, const struct catalog *c, struct metrics *m, char **why)
{
	struct links_run run;
	struct weights weights;

	run_init(&run, t, 2);
	return learn_and_measure(&run, c, &weights, m, why);
}

int
train_links(struct model *m, const struct training *t, struct buf *meta, char **why)
{
	struct metrics metrics;
	struct links_run run;

	run_init(&run, t, 2);
	if (learn_and_measure(&run, &m->catalog, &m->weights, &metrics, why) < 0 ||
	    learn_all(&run, m, why) < 0)
		return -1;
	finish(m, t);
	buf_adds(meta, ",\"metrics\":");
	metrics_print(&metrics, meta);
	return 0;
}

/* For similar items the links alone are the model. */
int
train_links_similar(
    struct model *m, const struct training *t, struct buf *meta, char **why)
{
	struct links_run run;

	(void)meta;
	run_init(&run, t, 1);
	return learn_all(&run, m, why);
}
