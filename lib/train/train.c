/* train - a model out of a dataset: one recipe, one solution version. */
#include "train.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "catalog_load.h"
#include "json.h"
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

/* Counts, and the items by them. */
struct popularity {
	uint32_t *count, *order;
};

static int
by_count(const void *a, const void *b, void *counts)
{
	const uint32_t *count = counts, x = *(const uint32_t *)a,
		       y = *(const uint32_t *)b;

	if (count[x] != count[y])
		return count[x] < count[y] ? 1 : -1;
	return (x > y) - (x < y);
}

static struct popularity
popularity_of(const struct matrix *by_item)
{
	size_t n = by_item->n_rows;
	struct popularity p = { xcalloc(n, sizeof *p.count),
		xcalloc(n, sizeof *p.order) };

	for (size_t i = 0; i < n; i++) {
		p.count[i] = (uint32_t)row_count(by_item, i);
		p.order[i] = (uint32_t)i;
	}
	qsort_r(p.order, n, sizeof *p.order, by_count, p.count);
	return p;
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
		.dim = vec_padded((size_t)dim),
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
als_calibrate(struct als_run *run, const struct catalog *c, struct metrics *m,
    size_t epochs, char **why)
{
	struct item_factors factors = { .dim = run->p.dim };
	struct popularity popularity = { 0 };
	struct holdout h;
	struct pair pair;
	uint32_t *scored = NULL;
	float *panels = NULL;
	int status;

	holdout_choose(&h, c, &run->o->wanted, run->o->seed);
	pair_init(&pair, c, &run->o->wanted, h.skip);
	status = als_epochs(run, &pair, epochs, why);
	if (status == 0) {
		scored = scored_items(&pair.by_item, &factors.n);
		panels = xaligned(vec_padded(factors.n) * factors.dim, sizeof *panels);
		scan_panels(panels, run->items, scored, factors.n, factors.dim);
		factors.panels = panels;
		popularity = popularity_of(&pair.by_item);
		measure(m, &h, &factors, scored, run->users, &pair.by_user,
		    popularity.count, run->o->threads);
	}
	free(scored);
	free(panels);
	free(popularity.count);
	free(popularity.order);
	pair_release(&pair);
	holdout_release(&h);
	return status;
}

/* The trained factors become the model's arrays. */
static void
als_finish(
    struct als_run *run, struct model *m, const struct matrix *by_item, double scale)
{
	struct catalog *c = &m->catalog;
	uint32_t *scored = scored_items(by_item, &m->n_scored);
	float *panels = xaligned(vec_padded(m->n_scored) * run->p.dim, sizeof *panels);

	scan_panels(panels, run->items, scored, m->n_scored, run->p.dim);
	m->dim = run->p.dim;
	m->scored = catalog_own(c, scored);
	m->panels = catalog_own(c, panels);
	m->users = catalog_own(c, run->users);
	m->scale = (float)scale;
	run->users = NULL;
}

static int
train_als(struct model *m, const struct train_options *o, const struct pair *pair,
    struct metrics *metrics, double *loss, char **why)
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
	if (als_calibrate(&run, c, metrics, epochs, why) == 0 &&
	    als_epochs(&run, pair, more, why) == 0 &&
	    als_users(&run.p, &pair->by_user, run.users, run.items) == 0) {
		als_finish(&run, m, &pair->by_item, metrics->scale);
		*loss = run.loss;
		status = 0;
	}
	free(run.users);
	free(run.items);
	return status;
}

static void
add_real(struct buf *b, double value)
{
	char text[NUMBER_SIZE];

	number_json(text, value);
	buf_adds(b, text);
}

/* SOURCE_DATE_EPOCH makes models reproducible to the byte. */
static void
add_time(struct buf *b)
{
	const char *fixed = getenv("SOURCE_DATE_EPOCH");
	time_t now = fixed ? (time_t)strtoll(fixed, NULL, 10) : time(NULL);
	char text[32];
	struct tm tm;

	strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
	buf_addf(b, ",\"created\":\"%s\"", text);
}

static void
add_segments(struct buf *b, const struct dataset *d)
{
	buf_adds(b, ",\"segments\":[");
	for (size_t i = 0; i < d->n_segments; i++) {
		const struct segment *s = &d->segments[i];

		buf_adds(b, i ? ",{\"file\":" : "{\"file\":");
		json_quote(b, s->file, strlen(s->file));
		buf_addf(b, ",\"rows\":%llu,\"checksum\":\"%016llx\"}",
		    (unsigned long long)s->rows, (unsigned long long)s->checksum);
	}
	buf_addc(b, ']');
}

static void
describe(struct buf *b, const struct dataset *d, const struct train_options *o,
    const struct train_data *data)
{
	buf_addf(b, "{\"recipe\":\"%s\",\"algorithm\":\"%s\",\"hyperparameters\":{",
	    o->recipe->name, o->recipe->algorithm_name);
	for (size_t i = 0; i < o->recipe->n_hypers; i++) {
		buf_addf(b, "%s\"%s\":", i ? "," : "", o->recipe->hypers[i].name);
		add_real(b, o->hypers.value[i]);
	}
	buf_addf(b, "},\"seed\":%llu", (unsigned long long)o->seed);
	if (o->wanted.event_type) {
		buf_adds(b, ",\"eventType\":");
		json_quote(b, o->wanted.event_type, strlen(o->wanted.event_type));
	}
	if (o->wanted.has_threshold) {
		buf_adds(b, ",\"eventValueThreshold\":");
		add_real(b, o->wanted.threshold);
	}
	buf_adds(b, ",\"pz\":\"" PZ_VERSION "\"");
	add_time(b);
	add_segments(b, d);
	buf_addf(b, ",\"interactions\":%llu,\"users\":%zu,\"items\":%zu",
	    (unsigned long long)data->interactions, data->users, data->items);
}

static int
run_algorithm(struct model *m, const struct train_options *o, const struct pair *pair,
    struct buf *meta, char **why)
{
	struct metrics metrics;
	double loss;

	if (o->recipe->algorithm == ALGORITHM_POPULARITY)
		return 0;
	if (train_als(m, o, pair, &metrics, &loss, why) < 0)
		return -1;
	buf_adds(meta, ",\"loss\":");
	add_real(meta, loss);
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
	popularity = popularity_of(&pair.by_item);
	m->count = catalog_own(&m->catalog, popularity.count);
	m->popular = catalog_own(&m->catalog, popularity.order);
	m->n_events = data->interactions;
	describe(meta, d, o, data);
	if (!data->pairs) {
		*why =
		    xstrdup("there is nothing to train on: no interactions, or none of "
			    "the event type and value asked for");
		model_close(m);
		m = NULL;
	} else if (run_algorithm(m, o, &pair, meta, why) < 0) {
		model_close(m);
		m = NULL;
	}
	buf_addc(meta, '}');
	pair_release(&pair);
	return m;
}
