/*
 * train_factors - users and items as vectors whose product is the score.
 *
 * Trained twice over: first without held-out interactions, which then calibrate and
 * measure (calibrate.h, measure.h), then on from there on everything. Items and users
 * without interactions get vectors from their metadata (cold.h).
 */
#include "train_factors.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "calibrate.h"
#include "cold.h"
#include "json.h"
#include "measure.h"
#include "number.h"
#include "objective.h"
#include "scan.h"
#include "vec.h"

/*
 * Epochs over the users whose history is neither too short nor too long, then all
 * users for the items they gave.
 */
static int
learn(struct als_run *run, const struct pair *all, size_t epochs, char **why)
{
	const struct training *t = run->t;
	struct pair pair;
	int status;

	pair_between(&pair, all,
	    training_hyper(t, "min_user_history_length_percentile"),
	    training_hyper(t, "max_user_history_length_percentile"));
	status = als_run_epochs(run, &pair, epochs, why);
	pair_release(&pair);
	if (status == 0)
		als_run_users(run, &all->by_user);
	return status;
}

/* Train without the held-out interactions, and learn from them. */
static int
train_and_measure(struct als_run *run, const struct catalog *c, struct weights *w,
    struct metrics *m, char **why)
{
	struct popularity popularity;
	struct holdout h;
	struct pair pair;
	const struct train_options *o = run->t->o;
	struct evidence e = { c, &o->wanted, &h, { .dim = run->p.dim }, NULL,
		run->users, &popularity,
		.without_recent = training_hyper(run->t, "recency_mask") == 0,
		.quick = run->t->trial };
	int status;

	holdout_choose(&h, c, &o->wanted, o->seed);
	pair_init(&pair, c, &o->wanted, h.skip);
	status = learn(run, &pair, run->epochs, why);
	if (status == 0) {
		uint32_t *scored = scored_items(&pair.by_item, &e.items.n);
		float *panels =
		    xaligned(vec_padded(e.items.n) * run->p.dim, sizeof *panels);

		scan_panels(panels, run->items, scored, e.items.n, run->p.dim);
		e.items.panels = panels;
		e.number = scored;
		popularity_init(&popularity, c, e.wanted, h.skip);
		calibrate(w, &e, o->threads);
		calibrate_fold(w, &e, panels, run->users, run->p.used_dim);
		measure(m, &e, w, o->threads);
		popularity_release(&popularity);
		free(scored);
		free(panels);
	}
	pair_release(&pair);
	holdout_release(&h);
	return status;
}

/* Items whose factors were learned, and those of which something else is known. */
static uint32_t *
described_items(const struct table *t, const uint32_t *count, size_t n_items, size_t *n)
{
	uint32_t *scored = xcalloc(n_items, sizeof *scored);

	*n = 0;
	for (size_t i = 0; i < n_items; i++)
		if (count[i] || cold_says(t, i))
			scored[(*n)++] = (uint32_t)i;
	return scored;
}

/* Items that nobody met get what items like them have, their own part too. */
static void
fill_items(struct model *m, const struct popularity *popularity, const uint32_t *count,
    float *items, float *panels)
{
	size_t dim = m->dim, used = m->factors;
	float *predicted;

	for (size_t i = 0; i < popularity->n_items; i++)
		items[i * dim + used] =
		    (float)weights_item(&m->weights, popularity, (uint32_t)i);
	predicted = cold_predict(&m->catalog.item_table, count, items, dim, used + 1);
	for (size_t s = 0; s < m->n_scored; s++) {
		float *panel = panels + s / VEC_COLS * dim * VEC_COLS + s % VEC_COLS;
		size_t item = m->scored[s];

		for (size_t d = 0; !count[item] && d <= used; d++)
			panel[d * VEC_COLS] = predicted[item * (used + 1) + d];
	}
	free(predicted);
}

/* Users of whom only metadata are known get what users like them have. */
static void
fill_users(const struct model *m, const uint32_t *count, size_t n, float *users)
{
	const struct table *t = &m->catalog.user_table;
	size_t dim = m->dim;
	float *predicted = cold_predict(t, count, users, dim, m->factors + 1);

	for (size_t u = 0; predicted && u < n; u++)
		if (!count[u] && cold_says(t, u))
			memcpy(users + u * dim, predicted + u * (m->factors + 1),
			    (m->factors + 1) * sizeof *users);
	free(predicted);
}

/* What an item earns by the objective, on top of what it adds by itself. */
static void
add_objective(const struct model *m, const struct train_options *o, float *panels)
{
	float *adds = objective_adds(m, o);

	for (size_t s = 0; adds && s < m->n_scored; s++)
		panels[(s / VEC_COLS * m->dim + m->factors) * VEC_COLS +
		       s % VEC_COLS] += adds[s];
	free(adds);
}

void
factors_items(struct als_run *run, struct model *m, const uint32_t *count)
{
	const struct training *t = run->t;
	struct catalog *c = &m->catalog;
	uint32_t *scored =
	    described_items(&c->item_table, count, run->n_items, &m->n_scored);
	float *panels = xaligned(vec_padded(m->n_scored) * run->p.dim, sizeof *panels);
	struct evidence e = { .catalog = c,
		.wanted = &t->o->wanted,
		.items = { m->n_scored, run->p.dim, panels },
		.number = scored,
		.users = run->users,
		.popularity = t->popularity };

	m->dim = run->p.dim;
	m->factors = run->p.used_dim;
	m->scored = catalog_own(c, scored);
	scan_panels(panels, run->items, scored, m->n_scored, m->dim);
	calibrate_fold(&m->weights, &e, panels, run->users, m->factors);
	if (c->item_table.n_columns)
		fill_items(m, t->popularity, count, run->items, panels);
	add_objective(m, t->o, panels);
	m->panels = catalog_own(c, panels);
	model_index(m);
}

void
factors_users(struct als_run *run, struct model *m, const uint32_t *count)
{
	if (m->catalog.user_table.n_columns)
		fill_users(m, count, run->n_users, run->users);
	m->users = catalog_own(&m->catalog, run->users);
	m->n_user_rows = run->n_users;
	run->users = NULL;
}

/* The trained factors become the model's arrays. */
static void
finish(struct als_run *run, struct model *m)
{
	const struct matrix *by_user = &run->t->pair->by_user;
	uint32_t *count = xcalloc(run->n_users, sizeof *count);

	for (size_t u = 0; u < run->n_users; u++)
		count[u] = (uint32_t)row_count(by_user, u);
	factors_items(run, m, run->t->popularity->count);
	factors_users(run, m, count);
	free(count);
}

/* trainingMode UPDATE: the items' factors are those of an older model. */
static void
take_items(struct als_run *run, const struct model *m, const struct model *old)
{
	const struct strings *ids = &m->catalog.items.strings;

	memset(run->items, 0, run->n_items * run->p.dim * sizeof *run->items);
	for (uint32_t i = 0; i < run->n_items; i++) {
		uint32_t item = ids_find(&old->catalog.items, strings_get(ids, i));
		const float *from;

		if (item == NONE || old->place[item] == NONE || !old->count[item])
			continue;
		from = model_item(old, old->place[item]);
		for (size_t d = 0; d < run->p.used_dim; d++)
			run->items[i * run->p.dim + d] = from[d * VEC_COLS];
	}
}

/* The metrics stay those of the full training, as the service's do. */
static int
update(struct als_run *run, struct model *m, struct buf *meta, char **why)
{
	const struct model *old = run->t->o->update;
	struct json_value metrics = model_meta(old, "metrics");

	if (!old->n_user_rows || old->factors != run->p.used_dim) {
		*why = xasprintf("the model to update has not %zu factors per user and "
				 "item",
		    run->p.used_dim);
		return -1;
	}
	take_items(run, m, old);
	m->weights = old->weights;
	als_run_users(run, &run->t->pair->by_user);
	finish(run, m);
	if (metrics.type) {
		buf_adds(meta, ",\"metrics\":");
		buf_add(meta, metrics.raw.data, metrics.raw.len);
	}
	return 0;
}

static int
learn_all(struct als_run *run, struct model *m, struct buf *meta, char **why)
{
	/* From factors that lack only the held-out few, a quarter of the way is enough.
	 */
	size_t more = (run->epochs + 3) / 4;
	struct metrics metrics;
	char text[NUMBER_SIZE];

	run->steps = run->epochs + more;
	if (train_and_measure(run, &m->catalog, &m->weights, &metrics, why) < 0 ||
	    learn(run, run->t->pair, more, why) < 0)
		return -1;
	finish(run, m);
	number_json(text, run->loss);
	buf_addf(meta, ",\"loss\":%s,\"metrics\":", text);
	metrics_print(&metrics, meta);
	return 0;
}

int
measure_factors(
    const struct training *t, const struct catalog *c, struct metrics *m, char **why)
{
	struct als_run run;
	struct weights weights;
	int status;

	als_run_init(&run, t, "hidden_dimension");
	status = train_and_measure(&run, c, &weights, m, why);
	als_run_release(&run);
	return status;
}

int
train_factors(struct model *m, const struct training *t, struct buf *meta, char **why)
{
	struct als_run run;
	int status;

	als_run_init(&run, t, "hidden_dimension");
	status =
	    t->o->update ? update(&run, m, meta, why) : learn_all(&run, m, meta, why);
	als_run_release(&run);
	return status;
}
