/* score - the k best equal a brute-force scan, whatever shares the pass. */
#include "score.h"

#include <math.h>
#include <stdlib.h>

#include "bitset.h"
#include "check.h"
#include "coarse.h"
#include "random_model.h"

static int
best_first(const void *a, const void *b)
{
	const struct scored_item *x = a, *y = b;

	if (x->z != y->z)
		return x->z < y->z ? 1 : -1;
	return (x->item > y->item) - (x->item < y->item);
}

/* Straight from the definition: every dot product, one sort, one sum. */
static size_t
brute_force(const struct model *m, const struct score_query *q, const float *bonus,
    size_t k, struct scored_item *best)
{
	struct scored_item all[ITEMS];
	double sum = 0, damping = m->weights.of[SATURATION];
	size_t n = 0;

	for (size_t i = 0; i < m->n_scored; i++) {
		uint32_t item = m->scored[i];
		float z =
		    vec_dot(m->users + q->user * DIM, model_item(m, i), VEC_COLS, DIM) +
		    (bonus ? bonus[i] : 0);
		double w;

		for (size_t c = 0; c < q->n_contexts; c++)
			z += random_model_context(m, q->contexts[c], i);
		z += random_model_met(m, q->user, item);
		w = exp((double)z) / (1 + exp((double)z + damping));
		sum += w;
		if (bitset_has(q->allowed, item) && z > -INFINITY)
			all[n++] = (struct scored_item){ item, z, w };
	}
	qsort(all, n, sizeof *all, best_first);
	n = MIN(n, k);
	for (size_t i = 0; i < n; i++) {
		best[i] = all[i];
		best[i].score /= sum;
	}
	return n;
}

static bool
same(const struct score_query *q, const struct scored_item *best, size_t n)
{
	if (q->n != n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (q->items[i].item != best[i].item || q->items[i].z != best[i].z ||
		    fabs(q->items[i].score - best[i].score) >
			1e-5 * best[i].score + 1e-30)
			return false;
	return true;
}

/* coarse: NULL is fine */
static void
coarse_equals_brute_force(const struct model *m, const struct coarse *coarse,
    const float *bonus, size_t k, size_t share)
{
	uint64_t allowed[SCORE_USERS][ITEMS / 64 + 1];
	struct context_value contexts[SCORE_USERS][CONTEXTS];
	struct score_query q[SCORE_USERS] = { 0 };
	struct scorer *s = scorer_new(m, coarse, k, bonus);
	struct scored_item *best = xcalloc(ITEMS, sizeof *best);
	bool all_same = true;

	for (size_t i = 0; i < share; i++) {
		for (size_t w = 0; w < LENGTH(allowed[i]); w++)
			allowed[i][w] = random_bits();
		do
			q[i].user = (uint32_t)random_below(USERS);
		while (!(q[i].vector = model_user(m, q[i].user)));
		q[i].item = NONE;
		q[i].allowed = allowed[i];
		q[i].contexts = contexts[i];
		q[i].n_contexts = i % 2 ? random_context_values(contexts[i]) : 0;
		q[i].items = xcalloc(k, sizeof *q[i].items);
	}
	score_users(s, q, share);
	for (size_t i = 0; i < share; i++) {
		size_t n;

		n = brute_force(m, &q[i], bonus, k, best);
		all_same = all_same && same(&q[i], best, n);
	}
	CHECK(all_same);
	for (size_t i = 0; i < share; i++)
		free(q[i].items);
	scorer_free(s);
	free(best);
}

static void
equals_brute_force(const struct model *m, const float *bonus, size_t k, size_t share)
{
	coarse_equals_brute_force(m, NULL, bonus, k, share);
}

/* Exact products of a stretch of the items after the other, for all queries. */
static void
small_caches_change_nothing(const struct model *m)
{
	struct coarse *c = score_prepare(m, 1);

	for (c->cached = 40; c->cached < ITEMS; c->cached = 3 * c->cached + 1) {
		coarse_equals_brute_force(m, c, NULL, ITEMS, 7);
		coarse_equals_brute_force(m, c, NULL, 400, 40);
	}
	coarse_free(c);
}

/* New items: some gain, some are not to be recommended, among them the whole first
 * stretch of a scan. */
static void
a_bonus_is_part_of_z(const struct model *m)
{
	float *bonus = xcalloc(vec_padded(m->n_scored), sizeof *bonus);

	for (size_t i = 0; i < m->n_scored; i++)
		bonus[i] = i < SCAN_ITEMS || one_in(9) ? -INFINITY : random_value();
	equals_brute_force(m, bonus, 25, 40);
	equals_brute_force(m, bonus, ITEMS, 7);
	free(bonus);
}

/*
 * The best items stand first, so that guesses from the first stretch are too bold; in
 * the end numbers are so great that only exact products will do.
 */
static void
other_models(void)
{
	struct model *m = random_model();
	float *panels = (float *)m->panels, *users = (float *)m->users;

	for (size_t i = 0; i < vec_padded(m->n_scored) * DIM; i++)
		panels[i] *= i < SCAN_ITEMS * DIM ? 8 : 0.125f;
	equals_brute_force(m, NULL, 25, 40);
	equals_brute_force(m, NULL, 3, SCORE_USERS);
	for (size_t i = 0; i < USERS * DIM; i++)
		users[i] *= 60;
	m->weights.of[SATURATION] = -INFINITY;
	equals_brute_force(m, NULL, 25, 40);
	model_close(m);
}

static void
unknown_users_get_popular_items(const struct model *m)
{
	struct scored_item items[5];
	struct score_query q = { .user = NONE, .items = items };
	struct scorer *s = scorer_new(m, NULL, 5, NULL);

	score_users(s, &q, 1);
	CHECK(q.n == 5);
	CHECK(items[0].item == 1 && items[1].item == 2 && items[2].item == 4);
	CHECK(items[0].score > items[1].score && items[0].score < 0.01);
	scorer_free(s);
}

static void
nothing_allowed_gives_nothing(const struct model *m)
{
	static const uint64_t none[ITEMS / 64 + 1];
	struct scored_item items[5];
	struct score_query q = {
		.vector = m->users + DIM, .user = 1, .allowed = none, .items = items
	};
	struct scorer *s = scorer_new(m, NULL, 5, NULL);

	score_users(s, &q, 1);
	CHECK(q.n == 0);
	scorer_free(s);
}

int
main(void)
{
	struct model *m = random_model();

	equals_brute_force(m, NULL, 1, 1);
	equals_brute_force(m, NULL, 25, 13);
	equals_brute_force(m, NULL, 25, SCORE_USERS);
	equals_brute_force(m, NULL, 500, 40);
	equals_brute_force(m, NULL, ITEMS, 7);
	small_caches_change_nothing(m);
	a_bonus_is_part_of_z(m);
	other_models();
	unknown_users_get_popular_items(m);
	nothing_allowed_gives_nothing(m);
	model_close(m);
	return check_end();
}
