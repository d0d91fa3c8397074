/*
 * train_given - users and items as vectors that were trained elsewhere.
 *
 * Nothing is learned: z is taste times the product of a user's and an item's vectors,
 * and scores are softmax of it. Users without a row, but with interactions, are folded
 * in (fold.h); whoever else lacks one gets what their metadata predict. For segments
 * users are compared by z too, without regard to how much each is expected to do.
 *
 * An item with a row was met where it was trained, so it counts as met by one user at
 * least, which is what tells items that are known from new ones.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "factor_file.h"
#include "fold.h"
#include "json.h"
#include "threads.h"
#include "train_factors.h"
#include "vec.h"

/* Below all that products give, and finite, as models want it. */
#define NOTHING_KNOWN -1e30f

struct given {
	const struct training *t;
	struct factor_rows users, items;
	struct als_run run;
	uint32_t *user_worth, *item_worth; /* interactions, at least 1; 0: no vector */
};

static int
read_rows(struct given *g, const struct catalog *c, char **why)
{
	const struct train_options *o = g->t->o;

	if (factor_rows_read(&g->items, &o->items, &c->items, why) < 0 ||
	    factor_rows_read(&g->users, &o->users, &c->users, why) < 0)
		return -1;
	if (g->items.dim == g->users.dim)
		return 0;
	*why = xasprintf("%s has %zu numbers a row, and %s %zu", o->users.path,
	    g->users.dim, o->items.path, g->items.dim);
	return -1;
}

/* Rows of dim numbers, zeros behind. */
static float *
spread(const struct factor_rows *f, size_t dim)
{
	size_t n = f->known->strings.n;
	float *to = xaligned(MAX(n, (size_t)1) * dim, sizeof *to);

	memset(to, 0, n * dim * sizeof *to);
	for (size_t i = 0; i < n; i++)
		memcpy(to + i * dim, f->rows + i * f->dim, f->dim * sizeof *to);
	return to;
}

/* Zeros are what libraries give users who met nothing. */
static uint32_t *
worth(const struct factor_rows *f, const struct matrix *m)
{
	uint32_t *count = xcalloc(f->known->strings.n, sizeof *count);

	for (size_t i = 0; i < f->known->strings.n; i++)
		if (f->given[i] && !vec_is_zero(f->rows + i * f->dim, f->dim))
			count[i] = (uint32_t)MAX(row_count(m, i), (uint64_t)1);
	return count;
}

static void
lay_out(struct given *g)
{
	const struct pair *pair = g->t->pair;
	size_t dim = vec_padded(g->users.dim + 1);

	g->run = (struct als_run){
		.t = g->t,
		.p = { .dim = dim, .used_dim = g->users.dim },
		.n_users = pair->by_user.n_rows,
		.n_items = pair->by_item.n_rows,
		.users = spread(&g->users, dim),
		.items = spread(&g->items, dim),
	};
	g->user_worth = worth(&g->users, &pair->by_user);
	g->item_worth = worth(&g->items, &pair->by_item);
}

/* Whoever has a row was met. */
static void
count_given(struct model *m, const struct given *g)
{
	size_t n = g->run.n_items;
	uint32_t *count = catalog_own(&m->catalog, xcalloc(n, sizeof *count));
	struct popularity p = { n, count, g->t->popularity->recent };

	for (size_t i = 0; i < n; i++)
		count[i] = MAX(m->count[i], (uint32_t)(g->item_worth[i] > 0));
	m->count = count;
	m->popular = catalog_own(&m->catalog, popularity_order(&p));
}

struct folding {
	struct given *g;
	struct fold **folds; /* [threads] */
};

static void
fold_row(void *context, size_t u, size_t thread)
{
	struct folding *f = context;
	struct given *g = f->g;
	uint64_t n = row_count(&g->t->pair->by_user, u);
	float *x = g->run.users + u * g->run.p.dim;

	if (!g->user_worth[u] && n && fold_user(f->folds[thread], (uint32_t)u, x))
		g->user_worth[u] = (uint32_t)n;
	/* Also of who has a row and met nothing here, not of who met something only. */
	x[g->run.p.used_dim] = g->user_worth[u] > 0;
}

static void
fold_in(struct given *g, const struct model *m)
{
	size_t threads = MAX(g->t->o->threads, (size_t)1);
	struct fold_penalty p = fold_given(training_hyper(g->t, "fold_confidence"),
	    training_hyper(g->t, "fold_regularization"),
	    training_hyper(g->t, "fold_regularization_exponent"));
	struct fold_base *base = fold_base_with(m, &p, threads);
	struct folding f = { g, xcalloc(threads, sizeof *f.folds) };

	for (size_t i = 0; i < threads; i++)
		f.folds[i] = fold_new(base, &m->catalog);
	threads_each(threads, g->run.n_users, fold_row, &f);
	for (size_t i = 0; i < threads; i++)
		fold_free(f.folds[i]);
	free(f.folds);
	fold_base_free(base);
	for (size_t u = 0; u < g->run.n_users; u++)
		g->t->data->users_unknown +=
		    !g->user_worth[u] && row_count(&g->t->pair->by_user, u);
}

/* For segments: only z counts. */
static void
add_bases(struct model *m)
{
	size_t n = m->n_user_rows;
	float *base = catalog_own(&m->catalog, xcalloc(n, sizeof *base));

	for (uint32_t u = 0; u < n; u++)
		base[u] = model_user(m, u) ? 0 : NOTHING_KNOWN;
	m->user_base = base;
}

static void
describe_rows(struct buf *meta, const char *name, const struct factor_source *from,
    const struct factor_rows *f)
{
	buf_addf(meta, "\"%s\":{\"from\":", name);
	json_quote(meta, from->path, strlen(from->path));
	buf_addf(meta, ",\"rows\":%zu,\"rowsLeftOut\":%zu}", f->n, f->left);
}

static void
build(struct given *g, struct model *m, struct buf *meta)
{
	const struct train_options *o = g->t->o;

	/* No saturation to speak of, so that scores are softmax. */
	m->weights = (struct weights){
		{ [TASTE] = training_hyper(g->t, "taste"), [SATURATION] = -1000 }
	};
	lay_out(g);
	count_given(m, g);
	factors_items(&g->run, m, g->item_worth);
	fold_in(g, m);
	factors_users(&g->run, m, g->user_worth);
	if (o->recipe->job == JOB_USERS_OF_ITEM ||
	    o->recipe->job == JOB_USERS_OF_ATTRIBUTES)
		add_bases(m);
	g->t->data->users_left = g->users.left;
	g->t->data->items_left = g->items.left;
	buf_adds(meta, ",\"fromFactors\":{");
	describe_rows(meta, "users", &o->users, &g->users);
	buf_addc(meta, ',');
	describe_rows(meta, "items", &o->items, &g->items);
	buf_addc(meta, '}');
}

int
train_given(struct model *m, const struct training *t, struct buf *meta, char **why)
{
	struct given g = { .t = t };
	int status = training_attributes(t, &m->catalog.item_table, why);

	if (status == 0 && (status = read_rows(&g, &m->catalog, why)) == 0)
		build(&g, m, meta);
	factor_rows_release(&g.users);
	factor_rows_release(&g.items);
	als_run_release(&g.run);
	free(g.user_worth);
	free(g.item_worth);
	return status;
}
