/* train - a model out of a dataset: one recipe, one solution version. */
#include "train.h"

#include <stdlib.h>

#include "calibrate.h"
#include "catalog_load.h"
#include "describe.h"
#include "number.h"
#include "scan.h"
#include "train_als.h"
#include "vec.h"

struct pair {
	struct matrix by_user, by_item;
};

static void
pair_init(struct pair *p, const struct catalog *c, const struct wanted *w,
    const uint32_t *skip)
{
	matrix_of_history(&p->by_user, c, w, skip);
	matrix_transpose(&p->by_item, &p->by_user);
}

static void
pair_release(struct pair *p)
{
	matrix_release(&p->by_user);
	matrix_release(&p->by_item);
}

static uint64_t
row_count(const struct matrix *m, size_t row)
{
	return m->row[row + 1] - m->row[row];
}

static void
count_data(struct train_data *d, const struct catalog *c, const struct wanted *w,
    const struct pair *p)
{
	const struct history *h = &c->history;
	size_t n_users = c->users.strings.n, n;
	struct wanted_types t;

	*d = (struct train_data){ .pairs = p->by_user.row[n_users] };
	wanted_init(&t, h, w);
	for (size_t u = 0; u < n_users; u++) {
		n = 0;
		for (uint64_t i = h->offset[u]; i < h->offset[u + 1]; i++)
			n += wanted_counts(&t, i);
		d->interactions += n;
		d->users += n > 0;
		d->users_with_two += n > 1;
	}
	for (size_t i = 0; i < p->by_item.n_rows; i++)
		d->items += row_count(&p->by_item, i) > 0;
	wanted_release(&t);
}

/* The numbers of the items that have interactions. */
static uint32_t *
scored_items(const struct matrix *by_item, size_t *n)
{
	uint32_t *scored = xcalloc(by_item->n_rows, sizeof *scored);

	*n = 0;
	for (size_t i = 0; i < by_item->n_rows; i++)
		if (row_count(by_item, i))
			scored[(*n)++] = (uint32_t)i;
	return scored;
}

struct als_run {
	const struct train_options *o;
	struct als_params p;
	size_t step, steps;
	float *users, *items;
	double loss;
};

static struct als_params
als_params_of(const struct train_options *o)
{
	double dim = hypers_get(&o->hypers, o->recipe, "hidden_dimension");

	return (struct als_params){
		.used_dim = (size_t)dim,
		/* With one more for what an item adds by itself. */
		.dim = vec_padded((size_t)dim + 1),
		.alpha = hypers_get(&o->hypers, o->recipe, "alpha"),
		.regularization = hypers_get(&o->hypers, o->recipe, "regularization"),
		.exponent =
		    hypers_get(&o->hypers, o->recipe, "regularization_exponent"),
		.seed = o->seed,
		.threads = o->threads,
	};
}

static int
als_epochs(struct als_run *run, const struct pair *pair, size_t epochs, char **why)
{
	for (size_t e = 0; e < epochs; e++) {
		if (als_sweep(&run->p, &pair->by_user, &pair->by_item, run->users,
			run->items, &run->loss) < 0) {
			*why = xstrdup("training failed: a system of equations has no "
				       "solution; raise regularization");
			return -1;
		}
		if (run->o->report)
			run->o->report(
			    run->o->context, ++run->step, run->steps, run->loss);
	}
	return 0;
}

/* Train without the held-out interactions, and learn from them. */
static int
als_calibrate(struct als_run *run, const struct catalog *c, struct weights *w,
    struct metrics *m, size_t epochs, char **why)
{
	struct popularity popularity;
	struct holdout h;
	struct pair pair;
	struct evidence e = { c, &run->o->wanted, &h, { .dim = run->p.dim }, NULL,
		run->users, &popularity };
	int status;

	holdout_choose(&h, c, &run->o->wanted, run->o->seed);
	pair_init(&pair, c, &run->o->wanted, h.skip);
	status = als_epochs(run, &pair, epochs, why);
	if (status == 0) {
		uint32_t *scored = scored_items(&pair.by_item, &e.items.n);
		float *panels =
		    xaligned(vec_padded(e.items.n) * run->p.dim, sizeof *panels);

		scan_panels(panels, run->items, scored, e.items.n, run->p.dim);
		e.items.panels = panels;
		e.number = scored;
		popularity_init(&popularity, c, e.wanted, h.skip);
		calibrate(w, &e, run->o->threads);
		calibrate_fold(w, &e, panels, run->users, run->p.used_dim);
		measure(m, &e, w, run->o->threads);
		popularity_release(&popularity);
		free(scored);
		free(panels);
	}
	pair_release(&pair);
	holdout_release(&h);
	return status;
}

/* The trained factors become the model's arrays. */
static void
als_finish(struct als_run *run, struct model *m, const struct matrix *by_item,
    const struct popularity *popularity)
{
	struct catalog *c = &m->catalog;
	uint32_t *scored = scored_items(by_item, &m->n_scored);
	float *panels = xaligned(vec_padded(m->n_scored) * run->p.dim, sizeof *panels);
	struct evidence e = { c, &run->o->wanted, NULL,
		{ m->n_scored, run->p.dim, panels }, scored, run->users, popularity };

	scan_panels(panels, run->items, scored, m->n_scored, run->p.dim);
	calibrate_fold(&m->weights, &e, panels, run->users, run->p.used_dim);
	m->dim = run->p.dim;
	m->factors = run->p.used_dim;
	m->scored = catalog_own(c, scored);
	m->panels = catalog_own(c, panels);
	m->users = catalog_own(c, run->users);
	model_index(m);
	run->users = NULL;
}

static int
train_als(struct model *m, const struct train_options *o, const struct pair *pair,
    const struct popularity *popularity, struct metrics *metrics, double *loss,
    char **why)
{
	const struct catalog *c = &m->catalog;
	size_t n_users = c->users.strings.n, n_items = c->items.strings.n;
	size_t epochs = (size_t)hypers_get(&o->hypers, o->recipe, "epochs");
	/* From factors that lack only the held-out few, a quarter of the way is enough.
	 */
	size_t more = (epochs + 3) / 4;
	struct als_run run = { .o = o, .p = als_params_of(o), .steps = epochs + more };
	int status = -1;

	run.users = xaligned(n_users * run.p.dim, sizeof *run.users);
	run.items = xaligned(n_items * run.p.dim, sizeof *run.items);
	als_start(&run.p, run.items, n_items);
	if (als_calibrate(&run, c, &m->weights, metrics, epochs, why) == 0 &&
	    als_epochs(&run, pair, more, why) == 0 &&
	    als_users(&run.p, &pair->by_user, run.users, run.items) == 0) {
		als_finish(&run, m, &pair->by_item, popularity);
		*loss = run.loss;
		status = 0;
	}
	free(run.users);
	free(run.items);
	return status;
}

static int
run_algorithm(struct model *m, const struct train_options *o, const struct pair *pair,
    const struct popularity *popularity, struct buf *meta, char **why)
{
	struct metrics metrics;
	char text[NUMBER_SIZE];
	double loss;

	if (o->recipe->algorithm == ALGORITHM_POPULARITY)
		return 0;
	if (train_als(m, o, pair, popularity, &metrics, &loss, why) < 0)
		return -1;
	buf_adds(meta, ",\"loss\":");
	number_json(text, loss);
	buf_adds(meta, text);
	buf_adds(meta, ",\"metrics\":");
	metrics_print(&metrics, meta);
	return 0;
}

struct model *
train(const struct dataset *d, const struct train_options *o, struct train_data *data,
    struct buf *meta, char **why)
{
	struct catalog *c = catalog_load(d, NULL, why);
	struct popularity popularity;
	struct model *m;
	struct pair pair;

	if (!c)
		return NULL;
	m = xcalloc(1, sizeof *m);
	m->catalog = *c;
	free(c);
	m->recipe = xstrdup(o->recipe->name);
	pair_init(&pair, &m->catalog, &o->wanted, NULL);
	count_data(data, &m->catalog, &o->wanted, &pair);
	popularity_init(&popularity, &m->catalog, &o->wanted, NULL);
	m->count = catalog_own(&m->catalog, popularity.count);
	m->popular = catalog_own(&m->catalog, popularity_order(&popularity));
	m->wanted = o->wanted;
	m->n_events = data->interactions;
	describe(meta, d, o, data);
	if (!data->pairs) {
		*why =
		    xstrdup("there is nothing to train on: no interactions, or none of "
			    "the event type and value asked for");
		model_close(m);
		m = NULL;
	} else if (run_algorithm(m, o, &pair, &popularity, meta, why) < 0) {
		model_close(m);
		m = NULL;
	}
	buf_addc(meta, '}');
	free(popularity.recent); /* the counts are the model's */
	pair_release(&pair);
	return m;
}
