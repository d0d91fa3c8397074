/* segment - the best users equal a full sort, for any number of threads. */
#include "segment.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bitset.h"
#include "check.h"
#include "scan.h"
#include "world.h"

static const struct weights weights = {
	{ [SEEN] = -0.5, [TIMES] = 0.25, [AGE] = 0.1, [LAST] = 1, [SATURATION] = -0.5 }
};

/* Every fifth user has no vector, every seventh item none; values are coarse: ties. */
static void
model_of(struct model *m, struct world *w, uint32_t *scored, float *base)
{
	size_t n = 0;

	for (size_t i = 0; i < ITEMS * DIM; i++)
		w->rows[i] = (float)((double)random_below(3) - 1) / 4;
	for (size_t i = 0; i < USERS * DIM; i++)
		w->users[i] =
		    i / DIM % 5 ? (float)((double)random_below(3) - 1) / 4 : 0;
	for (uint32_t i = 0; i < ITEMS; i++)
		if (i % 7)
			scored[n++] = i;
	for (uint32_t u = 0; u < USERS; u++)
		base[u] = -(float)random_below(3);
	scan_panels(w->panels, w->rows, scored, n, DIM);
	*m = (struct model){ .catalog = w->catalog,
		.dim = DIM,
		.factors = DIM - 1,
		.n_scored = n,
		.scored = scored,
		.panels = w->panels,
		.users = w->users,
		.n_user_rows = USERS,
		.user_base = base,
		.count = w->popularity.count,
		.weights = weights };
	model_index(m);
}

/* log v, straight from the definition. */
static double
value_of(
    const struct model *m, struct world *w, uint32_t u, const struct segment_query *q)
{
	double sum = 0, all = 0, some = 0;

	for (uint32_t i = 0; i < ITEMS; i++)
		all += (double)m->count[i];
	for (size_t k = 0; k < q->n_items; k++) {
		uint32_t item = q->items[k], at = m->place[item];
		struct seen_item s;
		float z;

		some += (double)m->count[item];
		if (at == NONE || u % 5 == 0)
			continue;
		z = vec_dot(m->users + u * DIM, model_item(m, at), VEC_COLS, DIM);
		if (world_met(w, u, item, &s))
			z += (float)weights_seen(&weights, &s);
		sum += exp((double)z) / (1 + exp((double)z + weights.of[SATURATION]));
	}
	return (double)m->user_base[u] + log(u % 5 ? sum : some / all);
}

/*
 * In the order of the definition, but where values are so near that rounding decides;
 * then by number.
 */
static bool
is_right(
    const struct model *m, struct world *w, const struct segment_query *q, size_t k)
{
	bool in[USERS] = { false };
	double least = INFINITY;
	size_t could = 0;

	for (size_t i = 0; i < q->n; i++) {
		double v = value_of(m, w, q->best[i].at, q);

		if (fabs(v - (double)q->best[i].value) > 1e-5 ||
		    (q->allowed && !bitset_has(q->allowed, q->best[i].at)) ||
		    in[q->best[i].at])
			return false;
		if (i && (q->best[i].value > q->best[i - 1].value ||
			     (q->best[i].value == q->best[i - 1].value &&
				 q->best[i].at < q->best[i - 1].at)))
			return false;
		in[q->best[i].at] = true;
		least = v;
	}
	for (uint32_t u = 0; u < USERS; u++) {
		double v = value_of(m, w, u, q);

		if (q->allowed && !bitset_has(q->allowed, u))
			continue;
		could += v > -INFINITY;
		if (!in[u] && q->n == k && v > least + 1e-5)
			return false;
	}
	return q->n == MIN(k, could);
}

static void
equals_a_full_sort(size_t k)
{
	struct segment_query q[12] = { 0 }, again[12];
	uint64_t allowed[12][USERS / 64 + 1];
	uint32_t scored[ITEMS], items[12][ITEMS];
	float base[USERS];
	struct world w;
	struct model m;
	bool right = true, same = true;

	world_random(&w);
	memset(w.h.skip, 0, USERS * sizeof *w.h.skip);
	popularity_release(&w.popularity);
	popularity_init(&w.popularity, &w.catalog, &w.wanted, NULL);
	model_of(&m, &w, scored, base);
	for (size_t i = 0; i < LENGTH(q); i++) {
		for (uint32_t x = 0; x < ITEMS; x++)
			if (i < 6 ? x == i * 11 + 1 : one_in(1 + i))
				items[i][q[i].n_items++] = x;
		q[i].items = items[i];
		for (size_t x = 0; x < LENGTH(allowed[i]); x++)
			allowed[i][x] = random_bits();
		q[i].allowed = i % 2 ? allowed[i] : NULL;
		again[i] = q[i];
	}
	segment_scan(&m, q, LENGTH(q), k, 1);
	segment_scan(&m, again, LENGTH(q), k, 3);
	for (size_t i = 0; i < LENGTH(q); i++) {
		right = right && is_right(&m, &w, &q[i], k);
		same = same && q[i].n == again[i].n &&
		       !memcmp(q[i].best, again[i].best, q[i].n * sizeof *q[i].best);
		free(q[i].best);
		free(again[i].best);
	}
	CHECK(right);
	CHECK(same);
	free(m.place);
	world_release(&w);
}

int
main(void)
{
	equals_a_full_sort(1);
	equals_a_full_sort(7);
	equals_a_full_sort(USERS);
	equals_a_full_sort(5000);
	return check_end();
}
