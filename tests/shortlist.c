/* shortlist - nothing is missed that is among the k best or weighs much. */
#include "shortlist.h"

#include <math.h>
#include <stdlib.h>

#include "bitset.h"
#include "check.h"
#include "random.h"
#include "scan.h"
#include "util.h"

enum { ITEMS = 3000 };

struct world {
	float x[ITEMS + VEC_COLS];
	uint32_t scored[ITEMS];
	uint64_t allowed[ITEMS / 64 + 1];
	struct weights weights;
};

/* How values run: at random, falling, rising, or with many ties. */
static void
make(struct world *w, int how, uint64_t rare)
{
	for (size_t i = 0; i < ITEMS; i++) {
		double random = (double)random_below(1000000) / 1e5;

		w->scored[i] = (uint32_t)i;
		w->x[i] = (float)(how == 0   ? random - 5
				  : how == 1 ? 3 - (double)i / 200
				  : how == 2 ? (double)i / 200 - 12
					     : floor(random));
		if (one_in(30))
			w->x[i] = -INFINITY;
	}
	for (size_t i = 0; i < LENGTH(w->allowed); i++)
		w->allowed[i] = 0;
	for (size_t i = 0; i < ITEMS; i++)
		if (one_in(rare))
			bitset_add(w->allowed, i);
	w->weights = (struct weights){ { [SATURATION] = -1 } };
}

static void
take_all(const struct world *w, struct shortlist *s)
{
	for (size_t first = 0; first < ITEMS; first += SCAN_ITEMS) {
		size_t n = MIN((size_t)SCAN_ITEMS, ITEMS - first);
		float x[SCAN_ITEMS], most = -INFINITY;

		for (size_t i = 0; i < vec_padded(n); i++) {
			x[i] = i < n ? w->x[first + i] : -INFINITY;
			most = x[i] > most ? x[i] : most;
		}
		shortlist_take(s, x, most, first, n, w->allowed, w->scored);
	}
	shortlist_end(s);
}

static bool
holds(const struct shortlist *s, size_t at)
{
	for (size_t i = 0; i < s->n; i++)
		if (shortlist_at(s->entry[i]) == at)
			return true;
	return false;
}

/* How many allowed values are above one. */
static size_t
allowed_above(const struct world *w, double value)
{
	size_t n = 0;

	for (size_t i = 0; i < ITEMS; i++)
		n += bitset_has(w->allowed, i) && (double)w->x[i] > value;
	return n;
}

static bool
misses_nothing(const struct world *w, const struct shortlist *s)
{
	for (size_t i = 0; i < ITEMS; i++) {
		bool best = bitset_has(w->allowed, i) && w->x[i] > -INFINITY &&
			    allowed_above(w, (double)w->x[i] + 2 * s->bound) < s->k;

		if ((best || w->x[i] > s->heavy) && !holds(s, i))
			return false;
	}
	return true;
}

static bool
sum_is_right(const struct world *w, const struct shortlist *s)
{
	double sum = 0;

	for (size_t i = 0; i < ITEMS; i++)
		sum += weights_odds(&w->weights, (double)w->x[i], (double)s->most);
	return fabs(s->sum / sum - 1) < 1e-6;
}

/* What is above heavy weighs more than the share of the sum, and nothing else does. */
static bool
heavy_is_right(const struct world *w, const struct shortlist *s)
{
	for (size_t i = 0; i < ITEMS; i++) {
		double share =
		    weights_odds(&w->weights, (double)w->x[i], (double)s->most) /
		    s->sum;

		if (w->x[i] > s->heavy ? share < 0.999 * s->share
				       : share > 1.001 * s->share)
			return false;
	}
	return true;
}

static void
nothing_is_missed(void)
{
	static const size_t ks[] = { 1, 25, 500, ITEMS };
	static struct world w;
	struct shortlist s = { 0 };
	size_t failures = 0, bold = 0;
	bool all = true, sums = true, same = true, heavies = true;

	for (int how = 0; how < 4; how++)
		for (size_t i = 0; i < 3 * LENGTH(ks); i++) {
			double bound = i % 2 ? 0.01 : 0, share = i % 3 ? 1e-3 : 1;
			float heavy;

			make(&w, how, 1 + i / LENGTH(ks) * 20);
			shortlist_start(&s, ks[i % LENGTH(ks)], ITEMS, &w.weights,
			    bound, share, true);
			take_all(&w, &s);
			heavy = s.heavy;
			bold += ks[i % LENGTH(ks)] == 25;
			if (shortlist_failed(&s)) {
				failures++;
				shortlist_start(&s, ks[i % LENGTH(ks)], ITEMS,
				    &w.weights, bound, share, false);
				take_all(&w, &s);
			}
			all = all && !shortlist_failed(&s) && misses_nothing(&w, &s);
			sums = sums && sum_is_right(&w, &s);
			same = same && s.heavy == heavy;
			heavies = heavies && heavy_is_right(&w, &s);
		}
	CHECK(all);
	CHECK(sums);
	CHECK(same);
	CHECK(heavies);
	CHECK(failures > 0 && failures < bold + LENGTH(ks) * 3);
	shortlist_release(&s);
}

int
main(void)
{
	nothing_is_missed();
	return check_end();
}
