/* shortlist - the candidates for one query's k best, and the sum of all weights. */
#include "shortlist.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bitset.h"
#include "scan.h"
#include "vec.h"

void
shortlist_start(struct shortlist *s, size_t k, size_t n_items, const struct weights *w,
    double bound, double share, bool bold)
{
	s->k = k;
	s->n_items = n_items;
	s->weights = w;
	s->bound = bound;
	s->share = share;
	s->bold = bold;
	s->most = s->least = -INFINITY;
	s->heavy = share < 1 ? -INFINITY : INFINITY;
	s->sum = s->heavy_sum = 0;
	s->n = 0;
	s->full = k + k / 2 + 32;
}

void
shortlist_release(struct shortlist *s)
{
	free(s->value);
	free(s->entry);
	free(s->exact);
}

/* Room for more, and up to a multiple of 16. */
static void
reserve(struct shortlist *s, size_t more)
{
	size_t need = s->n + more + 16;

	if (need <= s->cap)
		return;
	s->cap = MAX(need, s->cap + s->cap / 2);
	s->value = xrealloc(s->value, s->cap, sizeof *s->value);
	s->entry = xrealloc(s->entry, s->cap, sizeof *s->entry);
	s->exact = xrealloc(s->exact, s->cap, sizeof *s->exact);
}

/*
 * A number that at least k of x[n] are above, and few more: below `high` in steps that
 * double, then by halving. Not below `low`, which is all there is if they are not k. x
 * has room up to a multiple of 16.
 */
static float
level(float *x, size_t n, size_t k, float low, float high)
{
	const struct vec *v = vec_kernels();
	size_t padded = (n + 15) / 16 * 16, enough = k + k / 16 + 2, count = 0;
	float step = 1, at = high;

	for (size_t i = n; i < padded; i++)
		x[i] = -INFINITY;
	while (count < k && at > low && step < 1e30f) {
		high = at;
		at -= step;
		step *= 2;
		count = at > low ? v->count(x, padded, at) : n;
	}
	if (!(at > low))
		at = low;
	for (int i = 0; i < 24 && count > enough && at > -INFINITY; i++) {
		float middle = at + (high - at) / 2;
		size_t more;

		if (!(middle > at && middle < high))
			break;
		more = v->count(x, padded, middle);
		if (more < k)
			high = middle;
		else {
			at = middle;
			count = more;
		}
	}
	return count < k ? low : at;
}

/* What is above a value with all that may be wrong, or is not much less. */
static float
lowered(const struct shortlist *s, float value)
{
	return nextafterf((float)((double)value - 2 * s->bound), -INFINITY);
}

/* Raise `least` to what k of the allowed values in exact are above; false: not k. */
static bool
raise_least(struct shortlist *s)
{
	float low = s->least, at;

	if (vec_kernels()->count(s->exact, (s->n + 15) / 16 * 16, low) < s->k)
		return false;
	at = lowered(s, level(s->exact, s->n, s->k, low, s->most));
	s->least = at > s->least ? at : s->least;
	return true;
}

/* Leave what may be among the k best, and what weighs much. */
static void
cut(struct shortlist *s)
{
	const struct vec *v = vec_kernels();

	reserve(s, 0);
	v->odd(s->value, s->entry, s->n, s->exact);
	/* Then k are known, and what was let pass is not missed. */
	if (raise_least(s))
		s->bold = false;
	s->n = v->keep(s->value, s->entry, s->n, s->least, s->heavy);
	s->full = s->n + MAX(s->k, s->n) / 2 + 32;
}

/* The allowed ones of x[n] above a value that `wanted` are above, into x; how many. */
static size_t
best_allowed(const struct shortlist *s, float *x, size_t first, size_t n, size_t wanted,
    const uint64_t *allowed, const uint32_t *scored, float *at)
{
	size_t found, good = 0;
	uint32_t above[SCAN_ITEMS];

	*at = level(x, n, wanted, -INFINITY, s->most);
	found = vec_kernels()->above(x, (n + 15) / 16 * 16, *at, above);
	for (size_t i = 0; i < found; i++) {
		x[good] = x[above[i]];
		good += !allowed || bitset_has(allowed, scored[first + above[i]]);
	}
	return good;
}

/*
 * Most of a first stretch is not worth being looked at: what k allowed items of it are
 * above is a sure guess. A bold one is what so many are above that there will be twice
 * k of all, and six more.
 */
static void
first_guess(struct shortlist *s, const float *x, size_t first, size_t n,
    const uint64_t *allowed, const uint32_t *scored)
{
	size_t enough = 6 + 2 * s->k * n / s->n_items, wanted, good;
	float room[SCAN_ITEMS], at;
	bool bold = s->bold && enough < s->k && n < s->n_items;

	s->bold = false;
	wanted = bold ? 3 * enough : 2 * s->k + 8;
	if (n < 2 * wanted)
		return;
	memcpy(room, x, vec_padded(n) * sizeof *room);
	good = best_allowed(s, room, first, n, wanted, allowed, scored, &at);
	if (bold && good >= enough) {
		at = level(room, good, enough, at, s->most);
		s->bold = true;
	} else if (good < s->k)
		return;
	s->least = lowered(s, at);
}

static void
add_weights(struct shortlist *s, const float *x, float most, size_t padded)
{
	if (most > s->most) {
		double by = exp((double)s->most - (double)most);

		s->sum *= by;
		s->heavy_sum *= by;
		s->most = most;
		s->damping = (float)weights_damping(s->weights, (double)most);
	}
	if (s->share <= 1)
		s->sum += vec_kernels()->odds_sum(x, padded, s->most, s->damping);
}

/*
 * Where values begin to weigh much: sums only grow. A weight e / (1 + c e) is above w
 * where e is above w / (1 - c w), and nowhere if c w is 1. Whatever the filter and k,
 * `heavy` is the same.
 */
static void
raise_heavy(struct shortlist *s)
{
	double weight = s->share * s->sum, room = 1 - (double)s->damping * weight;
	float heavy = INFINITY;

	if (room > 0)
		heavy = (float)((double)s->most + log(weight / room) - 1e-4);
	s->heavy = heavy > s->heavy ? heavy : s->heavy;
	s->heavy_sum = s->sum;
}

void
shortlist_take(struct shortlist *s, const float *x, float most, size_t first, size_t n,
    const uint64_t *allowed, const uint32_t *scored)
{
	size_t padded = vec_padded(n), found;
	uint32_t above[SCAN_ITEMS];

	add_weights(s, x, most, padded);
	if (s->share < 1 && s->sum > 1.25 * s->heavy_sum)
		raise_heavy(s);
	if (!first)
		first_guess(s, x, first, n, allowed, scored);
	found = vec_kernels()->above(
	    x, padded, s->heavy < s->least ? s->heavy : s->least, above);
	reserve(s, found);
	/* Without a branch: what a filter says of the next item is anybody's guess. */
	for (size_t i = 0; i < found; i++) {
		uint32_t at = (uint32_t)first + above[i];
		bool may = !allowed || bitset_has(allowed, scored[at]);
		float value = x[above[i]];

		s->value[s->n] = value;
		s->entry[s->n] = 2 * at + may;
		s->n += (may & (value > s->least)) | (value > s->heavy);
	}
	if (s->n >= s->full)
		cut(s);
}

void
shortlist_end(struct shortlist *s)
{
	if (s->share < 1 && s->sum > 0)
		raise_heavy(s);
	cut(s);
}

bool
shortlist_failed(const struct shortlist *s)
{
	return s->bold;
}
