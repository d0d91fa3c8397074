/* train - a model out of a dataset: one recipe, one solution version. */
#include "train.h"

#include <stdlib.h>
#include <strings.h>

#include "catalog_load.h"
#include "describe.h"
#include "training.h"

static void
count_data(struct train_data *d, const struct catalog *c, const struct wanted *w,
    const struct pair *p)
{
	const struct history *h = &c->history;
	size_t n_users = c->users.strings.n, n;
	struct wanted_types t;

	*d = (struct train_data){ .pairs = p->by_user.row[n_users] };
	wanted_types_init(&t, h, w);
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
	wanted_types_release(&t);
}

static int
run_algorithm(struct model *m, const struct training *t, struct buf *meta, char **why)
{
	switch (t->o->recipe->algorithm) {
	case ALGORITHM_ALS:
		return train_factors(m, t, meta, why);
	case ALGORITHM_SIMILARITY:
		return train_similar(m, t, meta, why);
	case ALGORITHM_COINTERACTION:
		return train_cointeraction(m, t, meta, why);
	case ALGORITHM_TRENDING:
		return train_trending(m, t, meta, why);
	case ALGORITHM_POPULARITY:
		break;
	}
	return 0;
}

/* Items.NAME or Users.NAME; NULL if there is no such column. */
static struct column *
find_column(struct catalog *c, const char *text)
{
	const struct table *t = !strncasecmp(text, "Items.", 6)   ? &c->item_table
				: !strncasecmp(text, "Users.", 6) ? &c->user_table
								  : NULL;

	return t ? (struct column *)table_column(t, span_of(text + 6)) : NULL;
}

/* Options that name columns. -1 and *why. */
static int
choose_columns(struct catalog *c, const struct train_options *o, char **why)
{
	struct column *column;
	const struct column *aim;

	for (size_t i = 0; i < o->n_excluded; i++) {
		if (!(column = find_column(c, o->excluded[i]))) {
			*why = xasprintf("there is no column %s to exclude, expected "
					 "Items.NAME or Users.NAME",
			    o->excluded[i]);
			return -1;
		}
		column->excluded = true;
	}
	if (!o->objective)
		return 0;
	aim = table_column(&c->item_table, span_of(o->objective));
	if (aim && aim->type == COLUMN_NUMBER)
		return 0;
	*why = xasprintf(
	    "the objective %s is not a numeric column of the items", o->objective);
	return -1;
}

struct model *
train(const struct dataset *d, const struct train_options *o, struct train_data *data,
    struct buf *meta, char **why)
{
	struct catalog *c = catalog_load(d, NULL, why);
	struct popularity popularity;
	struct model *m;
	struct pair pair;
	struct training training = { o, &pair, &popularity };

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
	} else if (choose_columns(&m->catalog, o, why) < 0 ||
		   run_algorithm(m, &training, meta, why) < 0) {
		model_close(m);
		m = NULL;
	}
	buf_addc(meta, '}');
	free(popularity.recent); /* the counts are the model's */
	pair_release(&pair);
	return m;
}
