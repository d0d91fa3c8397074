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

enum { MANY = 60000, FEW = 8 };

/* A crowd that has met nothing; who the sample looks at may be out of the ordinary. */
struct crowd {
	struct model m;
	float *users, *base, *rows, *panels;
	uint64_t *offset;
	uint32_t number[FEW], count[FEW];
};

static void
crowd_init(struct crowd *c, float sampled)
{
	*c = (struct crowd){ .users = xcalloc(MANY * DIM, sizeof(float)),
		.base = xcalloc(MANY, sizeof(float)),
		.rows = xcalloc(FEW * DIM, sizeof(float)),
		.panels = xaligned(vec_padded(FEW) * DIM, sizeof(float)),
		.offset = xcalloc(MANY + 1, sizeof(uint64_t)) };
	for (size_t i = 0; i < FEW * DIM; i++)
		c->rows[i] = (float)((double)random_below(5) - 2) / 4;
	for (size_t u = 0; u < MANY; u++) {
		c->base[u] = u % 16 ? -(float)random_below(3) : sampled;
		for (size_t d = 0; u % 5 && d < 4; d++)
			c->users[u * DIM + random_below(DIM)] =
			    (float)((double)random_below(5) - 2) / 4;
	}
	for (uint32_t i = 0; i < FEW; i++) {
		c->number[i] = i;
		c->count[i] = 1 + i;
	}
	scan_panels(c->panels, c->rows, c->number, FEW, DIM);
	c->m = (struct model){ .dim = DIM,
		.factors = DIM - 1,
		.n_scored = FEW,
		.scored = c->number,
		.panels = c->panels,
		.users = c->users,
		.n_user_rows = MANY,
		.user_base = c->base,
		.count = c->count,
		.weights = weights };
	c->m.catalog.items.strings.n = FEW;
	c->m.catalog.users.strings.n = MANY;
	c->m.catalog.history.offset = c->offset;
	model_index(&c->m);
}

static void
crowd_release(struct crowd *c)
{
	free(c->users);
	free(c->base);
	free(c->rows);
	free(c->panels);
	free(c->offset);
	free(c->m.place);
}

static int
best_first(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	if (x->value != y->value)
		return x->value < y->value ? 1 : -1;
	return (x->at > y->at) - (x->at < y->at);
}

/* All users for one item, by one sort. Coarse factors: equal ones are many. */
static struct candidate *
all_for(const struct crowd *c, uint32_t item)
{
	struct candidate *all = xcalloc(MANY, sizeof *all);

	for (uint32_t u = 0; u < MANY; u++) {
		double w = (double)c->count[item] / (FEW * (FEW + 1) / 2), z;

		if (model_user(&c->m, u)) {
			z = (double)vec_dot(
			    c->users + u * DIM, c->rows + item * DIM, 1, DIM);
			w = exp(z) / (1 + exp(z + weights.of[SATURATION]));
		}
		all[u] = (struct candidate){ (float)((double)c->base[u] + log(w)), u };
	}
	qsort(all, MANY, sizeof *all, best_first);
	return all;
}

static void
so_many_that_a_sample_comes_first(float sampled, size_t k)
{
	struct segment_query q[FEW] = { 0 };
	struct crowd c;
	bool right = true;

	crowd_init(&c, sampled);
	for (size_t i = 0; i < FEW; i++)
		q[i] = (struct segment_query){ .n_items = 1, .items = &c.number[i] };
	segment_scan(&c.m, q, FEW, k, 3);
	for (uint32_t i = 0; i < FEW; i++) {
		struct candidate *all = all_for(&c, i);

		right = right && q[i].n == k;
		for (size_t r = 0; right && r < k; r++)
			right = q[i].best[r].at == all[r].at &&
				fabsf(q[i].best[r].value - all[r].value) < 1e-5f;
		free(all);
		free(q[i].best);
	}
	CHECK(right);
	crowd_release(&c);
}

int
main(void)
{
	equals_a_full_sort(1);
	equals_a_full_sort(7);
	equals_a_full_sort(USERS);
	equals_a_full_sort(5000);
	so_many_that_a_sample_comes_first(-1, 20000); /* and tells the truth, */
	so_many_that_a_sample_comes_first(9, 20000);  /* promises too much, */
	so_many_that_a_sample_comes_first(-9, 20000); /* or too little */
	so_many_that_a_sample_comes_first(-1, MANY);
	return check_end();
}
