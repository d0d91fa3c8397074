/* explore - the bonus of new items by its formula. */
#include "explore.h"

#include <math.h>
#include <stdlib.h>

#include "check.h"
#include "random_model.h"

/* When the item began, by a search; the latest interaction if nothing says it. */
static double
start_of(const struct model *m, uint32_t item, double latest)
{
	const struct table *t = &m->catalog.item_table;
	const struct history *h = &m->catalog.history;
	double start = INFINITY;

	if (t->n_columns && !isnan(t->columns[0].number[item]))
		return t->columns[0].number[item];
	for (uint64_t i = 0; i < h->offset[USERS]; i++)
		if (h->item[i] == item && (double)h->time[i] < start)
			start = (double)h->time[i];
	return isinf(start) ? latest : start;
}

static bool
right(const struct model *m, double weight, double days)
{
	float *bonus = explore_bonus(m, weight, days);
	const struct history *h = &m->catalog.history;
	double latest = 0, g = weight / (1 - weight);
	bool same = true, any = false;

	for (uint64_t i = 0; i < h->offset[USERS]; i++)
		latest = fmax(latest, (double)h->time[i]);
	for (size_t i = 0; i < m->n_scored; i++) {
		uint32_t item = m->scored[i];
		double n = (double)m->count[item], factor;
		double shown = m->shown ? (double)m->shown[item] : 0;
		bool new = latest - start_of(m, item, latest) <= days * 86400;

		/* What the odds are multiplied by. */
		if (n > 0)
			factor = new ? 1 + g / sqrt(1 + n + shown) : 1;
		else
			factor = new ? g / sqrt(1 + shown) : 0;
		any = any || factor != 1;
		if (bonus)
			same = same && fabs(exp((double)bonus[i]) - factor) <=
					   1e-6 * (1 + factor);
	}
	same = same && (bonus != NULL) == any;
	free(bonus);
	return same;
}

static void
all_weights(const struct model *m)
{
	CHECK(right(m, 0, 30));
	CHECK(right(m, 0.3, 30));
	CHECK(right(m, 0.3, 2.5));
	CHECK(right(m, 0.5, 1e-9));
	CHECK(right(m, 0.99, 5));
}

static void
age_starts_at_the_first_interaction(const struct model *m)
{
	all_weights(m);
}

static void
or_at_the_creation_if_it_is_known(struct model *m)
{
	struct table *t = &m->catalog.item_table;
	double *number = catalog_own(&m->catalog, xcalloc(ITEMS, sizeof *number));

	t->columns = catalog_own(&m->catalog, xcalloc(1, sizeof *t->columns));
	t->columns[0] = (struct column){
		.name = catalog_own(&m->catalog, xstrdup("CREATION_TIMESTAMP")),
		.number = number,
	};
	t->n_columns = 1;
	t->n_rows = ITEMS;
	for (size_t i = 0; i < ITEMS; i++)
		number[i] = one_in(3) ? NAN : (double)random_below(1200000);
	all_weights(m);
}

static void
impressions_are_trials_too(struct model *m)
{
	uint32_t *shown = catalog_own(&m->catalog, xcalloc(ITEMS, sizeof *shown));

	for (size_t i = 0; i < ITEMS; i++)
		shown[i] = one_in(2) ? 0 : (uint32_t)random_below(100);
	m->shown = shown;
	all_weights(m);
}

static void
weight_one_is_finite(const struct model *m)
{
	float *bonus = explore_bonus(m, 1, 30);
	bool finite = true;

	for (size_t i = 0; i < m->n_scored; i++)
		finite = finite && (bonus[i] == -INFINITY || isfinite(bonus[i]));
	CHECK(finite);
	free(bonus);
}

/* Without cold items, nothing is added for nothing. */
static void
weight_zero_without_cold_items_adds_nothing(struct model *m)
{
	uint32_t *count = catalog_own(&m->catalog, xcalloc(ITEMS, sizeof *count));

	for (size_t i = 0; i < ITEMS; i++)
		count[i] = 1;
	m->count = count;
	CHECK(explore_bonus(m, 0, 30) == NULL);
}

int
main(void)
{
	struct model *m = random_model();

	age_starts_at_the_first_interaction(m);
	or_at_the_creation_if_it_is_known(m);
	impressions_are_trials_too(m);
	weight_one_is_finite(m);
	weight_zero_without_cold_items_adds_nothing(m);
	model_close(m);
	return check_end();
}
