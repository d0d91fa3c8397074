/*
 * train_ease - item-item weights (ease.h, slist.h), calibrated and measured.
 *
 * Trained twice: without held-out interactions, which then calibrate and measure
 * (calibrate.h, measure.h), and with everything. Items that nobody met have no weights
 * and are not recommended.
 */
#include <stdlib.h>

#include "calibrate.h"
#include "measure.h"
#include "objective.h"
#include "prune.h"
#include "slist.h"

struct ease_run {
	const struct training *t;
	bool ordered; /* slist, else ease */
	struct slist_params p;
	double decay;       /* of what has been met, at scoring */
	size_t step, steps; /* for the report */
};

static void
run_init(struct ease_run *run, const struct training *t, size_t steps)
{
	*run = (struct ease_run){
		.t = t,
		.ordered = t->o->recipe->algorithm == ALGORITHM_SLIST,
		.p.ease = {
			.lambda = training_hyper(t, "lambda"),
			.most = (size_t)training_hyper(t, "links_per_item"),
			.threads = MAX(t->o->threads, (size_t)1),
		},
		.steps = steps,
	};
	if (t->o->recipe->algorithm != ALGORITHM_EASE_SIMILAR)
		run->decay = training_hyper(t, "decay");
	if (!run->ordered)
		return;
	run->p.decay = run->decay;
	run->p.lambda = training_hyper(t, "sequence_lambda");
	run->p.mix = training_hyper(t, "mix");
}

/* From the users whose history is neither too short nor too long. */
static int
learn(struct ease_run *run, struct links *to, const struct catalog *c,
    const uint32_t *skip, const struct pair *all, const uint32_t *scored, size_t n,
    char **why)
{
	const struct training *t = run->t;
	struct pair pair;
	int status;

	pair_between(&pair, all,
	    training_hyper(t, "min_user_history_length_percentile"),
	    training_hyper(t, "max_user_history_length_percentile"));
	status = run->ordered ? slist_train(to, &run->p, c, &t->o->wanted, skip, &pair,
				    scored, n, why)
			      : ease_train(to, &run->p.ease, &pair, scored, n, why);
	pair_release(&pair);
	if (status == 0 && t->o->report)
		t->o->report(t->o->context, ++run->step, run->steps, 0);
	to->decay = run->decay;
	return status;
}

static float *
own_of(const struct weights *w, const struct popularity *p, const uint32_t *scored,
    size_t n)
{
	float *own = xcalloc(n, sizeof *own);

	for (size_t i = 0; i < n; i++)
		own[i] = (float)weights_item(w, p, scored[i]);
	return own;
}

/* Train without the held-out interactions, and learn from them. */
static int
learn_and_measure(struct ease_run *run, const struct catalog *c, struct weights *w,
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
		.links = &links };
	uint32_t *scored;
	int status;

	holdout_choose(&h, c, &o->wanted, o->seed);
	pair_init(&pair, c, &o->wanted, h.skip);
	e.number = scored = scored_items(&pair.by_item, &e.items.n);
	status = learn(run, &links, c, h.skip, &pair, scored, e.items.n, why);
	if (status == 0) {
		float *own;

		popularity_init(&popularity, c, e.wanted, h.skip);
		calibrate(w, &e, o->threads);
		links.own = own = own_of(w, &popularity, scored, e.items.n);
		measure(m, &e, w, o->threads);
		popularity_release(&popularity);
		free(own);
		links_release(&links);
	}
	free(scored);
	pair_release(&pair);
	holdout_release(&h);
	return status;
}

/* The links of everything become the model's. */
static int
learn_all(struct ease_run *run, struct model *m, char **why)
{
	struct catalog *c = &m->catalog;
	struct links *l = &m->links;
	uint32_t *scored = scored_items(&run->t->pair->by_item, &m->n_scored);

	m->scored = catalog_own(c, scored);
	if (learn(run, l, c, NULL, run->t->pair, scored, m->n_scored, why) < 0)
		return -1;
	catalog_own(c, (void *)l->row);
	catalog_own(c, (void *)l->at);
	catalog_own(c, (void *)l->weight);
	model_index(m);
	return 0;
}

static void
finish(struct model *m, const struct training *t)
{
	float *own = own_of(&m->weights, t->popularity, m->scored, m->n_scored);
	float *adds = objective_adds(m, t->o);

	for (size_t i = 0; adds && i < m->n_scored; i++)
		own[i] += adds[i];
	free(adds);
	m->links.own = catalog_own(&m->catalog, own);
}

int
train_ease(struct model *m, const struct training *t, struct buf *meta, char **why)
{
	struct metrics metrics;
	struct ease_run run;

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
train_ease_similar(
    struct model *m, const struct training *t, struct buf *meta, char **why)
{
	struct ease_run run;

	(void)meta;
	run_init(&run, t, 1);
	return learn_all(&run, m, why);
}
