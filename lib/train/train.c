/* train - a model out of a dataset: one recipe, one solution version. */
#include "train.h"

#include <stdlib.h>
#include <strings.h>

#include "catalog_load.h"
#include "contexts.h"
#include "describe.h"
#include "impressions.h"
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
	case ALGORITHM_EASE:
	case ALGORITHM_SLIST:
	case ALGORITHM_GFCF:
	case ALGORITHM_HABIT:
		return train_links(m, t, meta, why);
	case ALGORITHM_EASE_SIMILAR:
		return train_links_similar(m, t, meta, why);
	case ALGORITHM_GIVEN:
		return train_given(m, t, meta, why);
	case ALGORITHM_AFFINITY:
		return train_affinity(m, t, meta, why);
	case ALGORITHM_SIMILARITY:
		return train_similar(m, t, meta, why);
	case ALGORITHM_COINTERACTION:
		return train_cointeraction(m, t, meta, why);
	case ALGORITHM_TEXT:
		return train_text(m, t, meta, why);
	case ALGORITHM_TRENDING:
		return train_trending(m, t, meta, why);
	case ALGORITHM_AUTO: /* chosen before */
	case ALGORITHM_POPULARITY:
		break;
	}
	return 0;
}

/* With what o says, or what auto makes of it, which is then in *chosen. */
static int
run(struct model *m, struct training *t, struct train_options *chosen, struct buf *meta,
    char **why)
{
	struct buf tried = { 0 };
	int status = 0;

	if (t->o->recipe->algorithm == ALGORITHM_AUTO) {
		status = auto_choose(chosen, t, &m->catalog, &tried, why);
		t->o = chosen;
		buf_adds(meta, ",\"performHPO\":true,\"tried\":[");
		buf_add(meta, tried.data, tried.len);
		buf_addc(meta, ']');
		buf_release(&tried);
	}
	return status < 0 ? status : run_algorithm(m, t, meta, why);
}

/* Whether Items.NAME, Users.NAME or Interactions.NAME is there. */
static bool
has_column(const struct catalog *c, const struct schema *interactions, const char *text)
{
	if (!strncasecmp(text, "Items.", 6))
		return table_column(&c->item_table, span_of(text + 6));
	if (!strncasecmp(text, "Users.", 6))
		return table_column(&c->user_table, span_of(text + 6));
	for (size_t f = 0; interactions && f < interactions->n_fields; f++)
		if (!strncasecmp(text, "Interactions.", 13) &&
		    !strcasecmp(interactions->fields[f].name, text + 13))
			return true;
	return false;
}

static int
check_columns(const struct catalog *c, const struct schema *interactions,
    const char *const *texts, size_t n, const char *what, char **why)
{
	for (size_t i = 0; i < n; i++)
		if (!has_column(c, interactions, texts[i])) {
			*why = xasprintf("there is no column %s to %s, expected "
					 "Items.NAME, Users.NAME or Interactions.NAME",
			    texts[i], what);
			return -1;
		}
	return 0;
}

static void
exclude(struct table *t, const struct train_options *o, const char *dataset)
{
	for (size_t i = 0; i < t->n_columns; i++)
		t->columns[i].excluded =
		    !train_looks_at(o, dataset, t->columns[i].name);
}

/* Options that name columns; s is of the interactions. -1 and *why. */
static int
choose_columns(struct catalog *c, const struct schema *s, const struct train_options *o,
    char **why)
{
	const struct column *aim;

	if (check_columns(c, s, o->excluded, o->n_excluded, "exclude", why) < 0 ||
	    check_columns(c, s, o->included, o->n_included, "include", why) < 0)
		return -1;
	exclude(&c->item_table, o, "Items");
	exclude(&c->user_table, o, "Users");
	if (!o->objective)
		return 0;
	aim = table_column(&c->item_table, span_of(o->objective));
	if (aim && aim->type == COLUMN_NUMBER)
		return 0;
	*why = xasprintf(
	    "the objective %s is not a numeric column of the items", o->objective);
	return -1;
}

/*
 * The segments of a dataset that a recipe learns from, borrowed but for the list. Those
 * for users of items know what was imported in bulk as a whole, and what came
 * individually; what came in increments is left out.
 */
static struct dataset
part_of(const struct dataset *d, const struct train_options *o, uint64_t *left_out)
{
	bool all = o->recipe->algorithm != ALGORITHM_AFFINITY;
	struct dataset part = *d;

	*left_out = 0;
	part.segments = xcalloc(d->n_segments, sizeof *part.segments);
	part.n_segments = 0;
	for (size_t i = 0; i < d->n_segments; i++) {
		const struct segment *s = &d->segments[i];

		if (all || s->mode == MODE_FULL ||
		    (s->mode == MODE_PUT && !o->without_put))
			part.segments[part.n_segments++] = *s;
		else
			*left_out += s->rows;
	}
	return part;
}

/* All that training knows: the catalog, and where there are scores more. NULL, *why. */
static struct catalog *
read_dataset(const struct dataset *d, const struct train_options *o,
    struct contexts_read *contexts, uint32_t **shown, char **why)
{
	struct catalog *c = catalog_load(d, NULL, o->threads, why);

	if (!c || !o->recipe->scores)
		return c;
	if (contexts_read(contexts, d, c, o, why) < 0 ||
	    impressions_read(shown, d, c, why) < 0) {
		free(*shown);
		catalog_release(c);
		free(c);
		return NULL;
	}
	return c;
}

static bool
needs_pairs(enum algorithm a)
{
	return a != ALGORITHM_TEXT && a != ALGORITHM_GIVEN;
}

struct model *
train(struct dataset *whole, const struct train_options *o, struct train_data *data,
    struct buf *meta, char **why)
{
	uint64_t left_out;
	struct dataset part = part_of(whole, o, &left_out);
	struct contexts_read contexts = { 0 };
	uint32_t *shown = NULL;
	struct catalog *c = read_dataset(&part, o, &contexts, &shown, why);
	struct popularity popularity;
	struct model *m;
	struct pair pair;
	struct training training = { o, &pair, &popularity, data, false };
	struct train_options chosen = *o;
	struct buf more = { 0 };

	free(part.segments);
	if (!c) {
		contexts_release(&contexts);
		return NULL;
	}
	dataset_unlock(whole);
	m = xcalloc(1, sizeof *m);
	m->catalog = *c;
	free(c);
	m->recipe = xstrdup(o->recipe->name);
	pair_init(&pair, &m->catalog, &o->wanted, NULL);
	count_data(data, &m->catalog, &o->wanted, &pair);
	popularity_init(&popularity, &m->catalog, &o->wanted, NULL);
	m->count = catalog_own(&m->catalog, popularity.count);
	m->popular = catalog_own(&m->catalog, popularity_order(&popularity));
	if (shown)
		m->shown = catalog_own(&m->catalog, shown);
	m->wanted = o->wanted;
	m->n_events = data->interactions;
	if (o->recipe->algorithm == ALGORITHM_AFFINITY)
		buf_addf(&more, ",\"rowsLeftOut\":%llu", (unsigned long long)left_out);
	if (o->update)
		buf_adds(&more, ",\"trainingMode\":\"UPDATE\"");
	if (!data->pairs && needs_pairs(o->recipe->algorithm)) {
		*why =
		    xstrdup("there is nothing to train on: no interactions, or none of "
			    "the event type and value asked for");
		model_close(m);
		m = NULL;
	} else if (choose_columns(&m->catalog, whole->schemas[INTERACTIONS], o, why) <
		       0 ||
		   run(m, &training, &chosen, &more, why) < 0) {
		model_close(m);
		m = NULL;
	}
	if (m) { /* which the wanted interactions went with, if it went */
		contexts_build(m, &contexts);
		describe(meta, whole, &chosen, data);
		buf_add(meta, more.data, more.len);
		buf_addc(meta, '}');
	}
	contexts_release(&contexts);
	buf_release(&more);
	free(popularity.recent); /* the counts are the model's */
	pair_release(&pair);
	return m;
}
