/* score - the k best equal a brute-force scan, whatever shares the pass. */
#include "score.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bitset.h"
#include "check.h"
#include "random.h"
#include "scan.h"

enum { ITEMS = 1300, USERS = 300, DIM = 32 };

/* Coarse values, so that there are many ties. */
static float
random_value(void)
{
	return (float)((double)random_below(5) - 2) / 8;
}

/* Up to nine interactions each, some with the same item. */
static void
random_history(struct model *m)
{
	uint64_t *offset = catalog_own(&m->catalog, xcalloc(USERS + 1, sizeof *offset));
	uint32_t *item = catalog_own(&m->catalog, xcalloc(9 * USERS, sizeof *item));
	uint16_t *type = catalog_own(&m->catalog, xcalloc(9 * USERS, sizeof *type));

	for (size_t u = 0; u < USERS; u++) {
		offset[u + 1] = offset[u];
		for (size_t n = random_below(10); n; n--)
			item[offset[u + 1]++] = n % 3 ? (uint32_t)random_below(ITEMS)
						      : (uint32_t)random_below(5);
	}
	m->catalog.history =
	    (struct history){ .offset = offset, .item = item, .type = type };
	memset(type, 0xff, 9 * USERS * sizeof *type);
}

/* Every third item has no factors, every seventh user is unknown. */
static struct model *
random_model(void)
{
	struct model *m = xcalloc(1, sizeof *m);
	float *rows = xcalloc(ITEMS * DIM, sizeof *rows);
	float *users = xcalloc(USERS * DIM, sizeof *users), *panels;
	uint32_t *scored = xcalloc(ITEMS, sizeof *scored);
	uint32_t *count = xcalloc(ITEMS, sizeof *count);
	uint32_t *popular = xcalloc(ITEMS, sizeof *popular);

	m->catalog.items.strings.n = ITEMS;
	m->catalog.users.strings.n = USERS;
	for (uint32_t i = 0; i < ITEMS; i++) {
		if (i % 3)
			scored[m->n_scored++] = i;
		count[i] = i % 3 ? ITEMS - i : 0;
	}
	for (uint32_t i = 0, at = 0, tail = (uint32_t)m->n_scored; i < ITEMS; i++)
		popular[i % 3 ? at++ : tail++] = i;
	for (size_t i = 0; i < ITEMS * DIM; i++)
		rows[i] = random_value();
	for (size_t i = 0; i < USERS * DIM; i++)
		users[i] = i / DIM % 7 ? random_value() : 0;
	panels = xaligned(vec_padded(m->n_scored) * DIM, sizeof *panels);
	scan_panels(panels, rows, scored, m->n_scored, DIM);
	free(rows);
	m->dim = DIM;
	m->weights = (struct weights){ { [SEEN] = -0.5,
	    [TIMES] = 0.25,
	    [AGE] = 0.1,
	    [LAST] = 1,
	    [SATURATION] = -0.5 } };
	m->users = catalog_own(&m->catalog, users);
	m->n_user_rows = USERS;
	m->panels = catalog_own(&m->catalog, panels);
	m->scored = catalog_own(&m->catalog, scored);
	m->count = catalog_own(&m->catalog, count);
	m->popular = catalog_own(&m->catalog, popular);
	random_history(m);
	model_index(m);
	return m;
}

static int
best_first(const void *a, const void *b)
{
	const struct scored_item *x = a, *y = b;

	if (x->z != y->z)
		return x->z < y->z ? 1 : -1;
	return (x->item > y->item) - (x->item < y->item);
}

/* What having met an item adds, by a search through the history. */
static float
met(const struct model *m, uint32_t user, uint32_t item)
{
	const struct history *h = &m->catalog.history;
	struct seen_item s = { item, 0, 0, 1 };
	uint32_t distinct = 0;

	for (uint64_t i = h->offset[user]; i < h->offset[user + 1]; i++) {
		bool before = false;

		for (uint64_t j = h->offset[user]; j < i; j++)
			before |= h->item[j] == h->item[i];
		distinct += !before;
		if (h->item[i] == item && !s.times++)
			s.age = distinct;
	}
	return s.times ? (float)weights_seen(&m->weights, &s) : 0;
}

/* Straight from the definition: every dot product, one sort, one sum. */
static size_t
brute_force(const struct model *m, uint32_t user, const uint64_t *allowed, size_t k,
    struct scored_item *best)
{
	struct scored_item all[ITEMS];
	double sum = 0, damping = m->weights.of[SATURATION];
	size_t n = 0;

	for (size_t i = 0; i < m->n_scored; i++) {
		uint32_t item = m->scored[i];
		float z =
		    vec_dot(m->users + user * DIM, model_item(m, i), VEC_COLS, DIM) +
		    met(m, user, item);
		double w = exp((double)z) / (1 + exp((double)z + damping));

		sum += w;
		if (bitset_has(allowed, item))
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
		    fabs(q->items[i].score - best[i].score) > 1e-6 * best[i].score)
			return false;
	return true;
}

static void
equals_brute_force(const struct model *m, size_t k, size_t share)
{
	uint64_t allowed[SCORE_USERS][ITEMS / 64 + 1];
	struct score_query q[SCORE_USERS] = { 0 };
	struct scorer *s = scorer_new(m, k, NULL);
	struct scored_item *best = xcalloc(ITEMS, sizeof *best);
	bool all_same = true;

	for (size_t i = 0; i < share; i++) {
		for (size_t w = 0; w < LENGTH(allowed[i]); w++)
			allowed[i][w] = random_bits();
		do
			q[i].user = (uint32_t)random_below(USERS);
		while (!(q[i].vector = model_user(m, q[i].user)));
		q[i].allowed = allowed[i];
		q[i].items = xcalloc(k, sizeof *q[i].items);
	}
	score_users(s, q, share);
	for (size_t i = 0; i < share; i++) {
		size_t n;

		n = brute_force(m, q[i].user, allowed[i], k, best);
		all_same = all_same && same(&q[i], best, n);
	}
	CHECK(all_same);
	for (size_t i = 0; i < share; i++)
		free(q[i].items);
	scorer_free(s);
	free(best);
}

static void
unknown_users_get_popular_items(const struct model *m)
{
	struct scored_item items[5];
	struct score_query q = { .user = NONE, .items = items };
	struct scorer *s = scorer_new(m, 5, NULL);

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
	struct scorer *s = scorer_new(m, 5, NULL);

	score_users(s, &q, 1);
	CHECK(q.n == 0);
	scorer_free(s);
}

int
main(void)
{
	struct model *m = random_model();

	equals_brute_force(m, 1, 1);
	equals_brute_force(m, 25, 13);
	equals_brute_force(m, 25, SCORE_USERS);
	equals_brute_force(m, 500, 40);
	equals_brute_force(m, ITEMS, 7);
	unknown_users_get_popular_items(m);
	nothing_allowed_gives_nothing(m);
	model_close(m);
	return check_end();
}
