/* rank - the order and scores of lists by their definition. */
#include "rank.h"

#include <math.h>
#include <stdlib.h>

#include "check.h"
#include "random_model.h"

enum { LIST = 60 };

/* exp(z) / (1 + exp(z + saturation)), or the users of the item; -1: not scored. */
static double
worth(const struct model *m, uint32_t user, const struct context_value *contexts,
    size_t n_contexts, uint32_t item, double *order)
{
	float z;

	if (item == NONE || !m->count[item] || m->place[item] == NONE)
		return -1;
	if (!model_user(m, user))
		return *order = (double)m->count[item];
	z = vec_dot(
	    m->users + user * DIM, model_item(m, m->place[item]), VEC_COLS, DIM);
	for (size_t c = 0; c < n_contexts; c++)
		z += random_model_context(m, contexts[c], m->place[item]);
	z += random_model_met(m, user, item);
	*order = (double)z;
	return exp((double)z) / (1 + exp((double)z + m->weights.of[SATURATION]));
}

/* Every position must stand behind those that are better, and have its share. */
static bool
right(const struct model *m, uint32_t user, const struct context_value *contexts,
    size_t n_contexts, const uint32_t *items, size_t n, const struct ranked *ranked)
{
	double sum = 0, order[LIST], worths[LIST];
	bool taken[LIST] = { false };

	for (size_t i = 0; i < n; i++) {
		worths[i] = worth(m, user, contexts, n_contexts, items[i], &order[i]);
		sum += fmax(worths[i], 0);
	}
	for (size_t r = 0; r < n; r++) {
		size_t best = LIST;

		for (size_t i = 0; i < n; i++) {
			bool scored = worths[i] >= 0;

			if (taken[i])
				continue;
			if (best == LIST || (scored && worths[best] < 0) ||
			    (scored && order[i] > order[best]) ||
			    (scored && order[i] == order[best] &&
				items[i] < items[best]))
				best = i;
		}
		taken[best] = true;
		if (ranked[r].at != best ||
		    fabs(ranked[r].score - fmax(worths[best], 0) / sum) > 1e-6)
			return false;
	}
	return true;
}

static void
lists_of_any_kind_are_right(const struct model *m)
{
	struct ranker *r = ranker_new(m);
	struct ranked ranked[LIST];
	uint32_t items[LIST];
	bool known = true, unknown = true;

	for (int turn = 0; turn < 600; turn++) {
		size_t n = 1 + random_below(LIST), kinds = 1 + random_below(ITEMS);
		uint32_t user = (uint32_t)random_below(USERS);
		struct context_value contexts[CONTEXTS];
		size_t n_contexts;

		for (size_t i = 0; i < n; i++)
			items[i] = one_in(9) ? NONE : (uint32_t)random_below(kinds);
		items[0] = 1; /* so that there is a sum */
		n_contexts = random_context_values(contexts);
		rank_items(r, model_user(m, user), user, contexts, n_contexts, items, n,
		    ranked);
		known = known && right(m, user, contexts, n_contexts, items, n, ranked);
		rank_items(r, NULL, NONE, NULL, 0, items, n, ranked);
		unknown = unknown && right(m, NONE, NULL, 0, items, n, ranked);
	}
	CHECK(known);
	CHECK(unknown);
	ranker_free(r);
}

static void
repeats_share_and_stand_together(const struct model *m)
{
	static const uint32_t items[] = { 2, 1, 2, NONE, 2 };
	struct ranker *r = ranker_new(m);
	struct ranked ranked[LENGTH(items)];

	rank_items(r, NULL, NONE, NULL, 0, items, LENGTH(items), ranked);
	CHECK(ranked[0].at == 1 && ranked[1].at == 0 && ranked[2].at == 2 &&
	      ranked[3].at == 4 && ranked[4].at == 3);
	CHECK(ranked[1].score == ranked[2].score && ranked[4].score == 0);
	CHECK(fabs(ranked[0].score + 3 * ranked[1].score - 1) < 1e-12);
	ranker_free(r);
}

/* Item 0 has no factors, item 7 no users. */
static void
lists_of_items_that_are_not_scored_keep_their_order(const struct model *m)
{
	static const uint32_t items[] = { 7, NONE, 0, NONE };
	struct ranker *r = ranker_new(m);
	struct ranked ranked[LENGTH(items)];

	CHECK(m->place[7] != NONE && !m->count[7] && m->place[0] == NONE);
	rank_items(r, model_user(m, 1), 1, NULL, 0, items, LENGTH(items), ranked);
	for (size_t i = 0; i < LENGTH(items); i++)
		CHECK(ranked[i].at == i && ranked[i].score == 0);
	rank_items(r, model_user(m, 1), 1, NULL, 0, items, 0, ranked);
	ranker_free(r);
}

int
main(void)
{
	struct model *m = random_model();

	lists_of_any_kind_are_right(m);
	repeats_share_and_stand_together(m);
	lists_of_items_that_are_not_scored_keep_their_order(m);
	model_close(m);
	return check_end();
}
