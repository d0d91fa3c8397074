/* cointeraction - co-interactions by brute force over pairs, for every setting. */
#include "cointeraction.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bitset.h"
#include "check.h"
#include "random.h"
#include "training.h"

enum { CROWD_ITEMS = 70, CROWD_USERS = 60, EVENTS = 40 };

/* Who met what, as a table; users and items of all sizes, some without any. */
struct crowd {
	bool met[CROWD_USERS][CROWD_ITEMS];
	struct catalog catalog;
	uint64_t offset[CROWD_USERS + 1];
	uint32_t item[CROWD_USERS * EVENTS];
	uint16_t type[CROWD_USERS * EVENTS];
	int64_t time[CROWD_USERS * EVENTS];
};

static void
crowd_random(struct crowd *c)
{
	memset(c, 0, sizeof *c);
	for (size_t u = 0; u < CROWD_USERS; u++) {
		size_t n = one_in(6) ? 0 : random_below(EVENTS), at = c->offset[u];

		for (size_t i = 0; i < n; i++, at++) {
			uint32_t item = (uint32_t)random_below(
			    1 + random_below(1 + random_below(CROWD_ITEMS - 3)));

			c->met[u][item] = true;
			c->item[at] = item;
			c->type[at] = UINT16_MAX;
		}
		c->offset[u + 1] = at;
	}
	c->catalog.items.strings.n = CROWD_ITEMS;
	c->catalog.users.strings.n = CROWD_USERS;
	c->catalog.history = (struct history){
		.offset = c->offset, .item = c->item, .type = c->type, .time = c->time
	};
}

static int
by_size(const void *a, const void *b)
{
	const size_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Which of n sizes are not 0 and lie between two percentiles of those. */
static void
between(const size_t *sizes, size_t n, double least, double most, bool *kept)
{
	size_t sorted[CROWD_USERS + CROWD_ITEMS], some = 0;

	for (size_t i = 0; i < n; i++)
		if (sizes[i])
			sorted[some++] = sizes[i];
	qsort(sorted, some, sizeof *sorted, by_size);
	for (size_t i = 0; i < n; i++)
		kept[i] = sizes[i] &&
			  sizes[i] >= sorted[(size_t)(least * (double)(some - 1))] &&
			  sizes[i] <= sorted[(size_t)round(most * (double)(some - 1))];
}

/* What is left of the table. */
static void
trim(const struct crowd *c, const struct hypers *h, const struct recipe *r,
    bool left[CROWD_USERS][CROWD_ITEMS])
{
	size_t of_user[CROWD_USERS] = { 0 }, of_item[CROWD_ITEMS] = { 0 };
	bool users[CROWD_USERS], items[CROWD_ITEMS];

	for (size_t u = 0; u < CROWD_USERS; u++)
		for (size_t i = 0; i < CROWD_ITEMS; i++) {
			of_user[u] += c->met[u][i];
			of_item[i] += c->met[u][i];
		}
	between(of_user, CROWD_USERS,
	    hypers_get(h, r, "min_user_history_length_percentile"),
	    hypers_get(h, r, "max_user_history_length_percentile"), users);
	between(of_item, CROWD_ITEMS,
	    hypers_get(h, r, "min_item_interaction_count_percentile"),
	    hypers_get(h, r, "max_item_interaction_count_percentile"), items);
	for (size_t u = 0; u < CROWD_USERS; u++)
		for (size_t i = 0; i < CROWD_ITEMS; i++)
			left[u][i] = c->met[u][i] && users[u] && items[i];
}

/* Every item's value for one; -1: not to be recommended. */
static void
values_for(bool left[CROWD_USERS][CROWD_ITEMS], size_t item, double discount,
    double least, const uint64_t *allowed, double *values)
{
	for (size_t j = 0; j < CROWD_ITEMS; j++) {
		size_t both = 0, users = 0;

		for (size_t u = 0; u < CROWD_USERS; u++) {
			users += left[u][j];
			both += left[u][item] && left[u][j];
		}
		values[j] = j != item && both && (double)both >= least &&
				    (!allowed || bitset_has(allowed, j))
				? (double)both / pow((double)users, discount)
				: -1;
	}
}

/* The list holds the best, in order; nearly equal values may stand in any. */
static bool
lists_the_best(const double *values, const struct candidate *best, size_t n, size_t k)
{
	bool taken[CROWD_ITEMS] = { false };
	double last = INFINITY;
	size_t some = 0;

	for (size_t r = 0; r < n; r++) {
		size_t j = best[r].at;

		if (j >= CROWD_ITEMS || taken[j] || values[j] < 0 ||
		    values[j] > last * (1 + 1e-6) ||
		    fabs(values[j] - (double)best[r].value) > 1e-5)
			return false;
		if (r && best[r].value == best[r - 1].value && best[r - 1].at > j)
			return false;
		taken[j] = true;
		last = values[j];
	}
	for (size_t j = 0; j < CROWD_ITEMS; j++) {
		some += values[j] >= 0;
		if (values[j] >= 0 && !taken[j] && n == k &&
		    values[j] > last * (1 + 1e-6))
			return false;
	}
	return n == MIN(some, k);
}

static bool
any_shares_enough(const double *values)
{
	for (size_t j = 0; j < CROWD_ITEMS; j++)
		if (values[j] >= 0)
			return true;
	return false;
}

static void
set(struct hypers *h, const struct recipe *r, const char *name, double value)
{
	char *why, *text = xasprintf("%s=%g", name, value);

	if (hypers_set(h, r, text, &why) < 0)
		puts(why);
	free(text);
}

static void
random_hypers(struct hypers *h, const struct recipe *r)
{
	static const char *const percentiles[] = {
		"min_user_history_length_percentile",
		"max_user_history_length_percentile",
		"min_item_interaction_count_percentile",
		"max_item_interaction_count_percentile",
	};

	hypers_init(h, r);
	set(h, r, "popularity_discount_factor", (double)random_below(5) / 4);
	set(h, r, "min_cointeraction_count", (double)random_below(11));
	for (size_t i = 0; i < LENGTH(percentiles); i++) {
		double share = (double)random_below(40) / 100;

		if (!one_in(3))
			set(h, r, percentiles[i], i % 2 ? 1 - share : share);
	}
}

/* The model, as if it had been saved: hyperparameters are read from its meta. */
static struct model *
model_of(struct crowd *c, const struct train_options *o, struct buf *meta)
{
	struct model *m = xcalloc(1, sizeof *m);
	struct training t = { .o = o };
	struct pair pair;
	char *why;

	m->catalog.items.strings.n = CROWD_ITEMS;
	m->catalog.users.strings.n = CROWD_USERS;
	buf_adds(meta, "{\"hyperparameters\":{");
	for (size_t i = 0; i < o->recipe->n_hypers; i++)
		buf_addf(meta, "%s\"%s\":%g", i ? "," : "", o->recipe->hypers[i].name,
		    o->hypers.value[i]);
	buf_adds(meta, "}");
	pair_init(&pair, &c->catalog, &o->wanted, NULL);
	t.pair = &pair;
	train_cointeraction(m, &t, meta, &why);
	buf_adds(meta, "}");
	m->meta = (struct span){ meta->data, meta->len };
	pair_release(&pair);
	return m;
}

/* All items of one crowd with one setting. */
static bool
one_turn(struct crowd *c, const struct train_options *o)
{
	bool left[CROWD_USERS][CROWD_ITEMS], same = true;
	struct buf meta = { 0 };
	struct model *m = model_of(c, o, &meta);
	struct cointeraction *co = cointeraction_new(m);
	uint64_t allowed[CROWD_ITEMS / 64 + 1] = { 0 };
	double values[CROWD_ITEMS];

	trim(c, &o->hypers, o->recipe, left);
	for (size_t w = 0; w < LENGTH(allowed); w++)
		allowed[w] = random_bits() | random_bits();
	for (uint32_t i = 0; i < CROWD_ITEMS; i++) {
		const struct candidate *best;
		const uint64_t *set = one_in(2) ? allowed : NULL;
		size_t k = 1 + random_below(CROWD_ITEMS);
		double discount =
		    hypers_get(&o->hypers, o->recipe, "popularity_discount_factor");
		double least =
		    hypers_get(&o->hypers, o->recipe, "min_cointeraction_count");
		long n = cointeraction_of(co, i, set, k, &best);

		values_for(left, i, discount, least, NULL, values);
		if (!any_shares_enough(values)) {
			same = same && n == -1;
			continue;
		}
		values_for(left, i, discount, least, set, values);
		same = same && n >= 0 && lists_the_best(values, best, (size_t)n, k);
	}
	cointeraction_free(co);
	model_close(m);
	buf_release(&meta);
	return same;
}

static void
lists_equal_brute_force_for_every_setting(void)
{
	static struct crowd c;
	struct train_options o = { .seed = 1, .threads = 1 };
	const char *why;
	bool same = true;

	o.recipe = recipe_find("sims", &why);
	for (int turn = 0; turn < 60; turn++) {
		crowd_random(&c);
		if (turn)
			random_hypers(&o.hypers, o.recipe);
		else
			hypers_init(&o.hypers, o.recipe);
		same = same && one_turn(&c, &o);
	}
	CHECK(same);
}

int
main(void)
{
	lists_equal_brute_force_for_every_setting();
	return check_end();
}
