/* best - the k best against a full sort. */
#include "best.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "random.h"
#include "util.h"

enum { MOST = 300 };

static int
best_first(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	if (x->value != y->value)
		return x->value < y->value ? 1 : -1;
	return (x->at > y->at) - (x->at < y->at);
}

static bool
same(const struct candidate *x, const struct candidate *y, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (x[i].value != y[i].value || x[i].at != y[i].at)
			return false;
	return true;
}

/* values: how many different ones there are; 0: falling, as if sorted already. */
static void
make(struct candidate *c, size_t n, uint64_t values)
{
	for (size_t i = 0; i < n; i++)
		c[i] = (struct candidate){ values ? (float)random_below(values)
						  : (float)(n - i),
			(uint32_t)i };
	for (size_t i = n; values && i > 1; i--) {
		size_t other = random_below(i);
		struct candidate t = c[other];

		c[other] = c[i - 1];
		c[i - 1] = t;
	}
}

static void
selection_brings_the_best_to_the_front(void)
{
	struct candidate c[MOST], sorted[MOST];
	bool front = true, at_its_place = true;

	for (int turn = 0; turn < 4000; turn++) {
		size_t n = 1 + random_below(MOST), k = 1 + random_below(n);

		make(c, n, turn % 5 * (uint64_t)(turn % 50));
		memcpy(sorted, c, n * sizeof *c);
		qsort(sorted, n, sizeof *c, best_first);
		best_select(c, n, k);
		at_its_place = at_its_place && same(c + k - 1, sorted + k - 1, 1);
		qsort(c, k, sizeof *c, best_first);
		front = front && same(c, sorted, k);
	}
	CHECK(at_its_place);
	CHECK(front);
}

static void
sorting_puts_greater_values_then_smaller_numbers_first(void)
{
	struct candidate c[] = { { 1, 7 }, { 2, 9 }, { 1, 3 }, { 2, 4 } };
	static const struct candidate sorted[] = { { 2, 4 }, { 2, 9 }, { 1, 3 },
		{ 1, 7 } };
	struct candidate d[LENGTH(c)];

	memcpy(d, c, sizeof d);
	best_sort_few(d, LENGTH(d));
	best_sort(c, LENGTH(c));
	CHECK(same(c, d, LENGTH(c)));
	CHECK(same(c, sorted, LENGTH(c)));
	best_sort(c, 0);
}

/* Numbers that rise; values are few, of both signs, and zeros of both. */
static void
make_rising(struct candidate *c, size_t n, uint64_t values)
{
	for (size_t i = 0; i < n; i++)
		c[i] = (struct candidate){
			((float)random_below(values) - (float)(values / 2)) * 0.37f,
			(uint32_t)(3 * i)
		};
	if (one_in(2))
		c[random_below(n)].value = -0.0f;
	if (one_in(3))
		c[random_below(n)].value = -INFINITY;
}

static void
lists_with_rising_numbers_are_cut_and_sorted(void)
{
	struct candidate c[MOST], kept[MOST], sorted[MOST], room[MOST];
	bool right = true, rising = true, last = true;

	for (int turn = 0; turn < 4000; turn++) {
		size_t n = 1 + random_below(MOST), k = 1 + random_below(n);

		make_rising(c, n, 1 + random_below(turn % 2 ? 5 : 2000));
		memcpy(sorted, c, n * sizeof *c);
		qsort(sorted, n, sizeof *c, best_first);
		last = last && best_cut(c, n, k) == sorted[k - 1].value;
		for (size_t i = 1; i < k; i++)
			rising = rising && c[i - 1].at < c[i].at;
		memcpy(kept, c, k * sizeof *c);
		best_sort_rising(kept, k, room);
		right = right && same(kept, sorted, k);
	}
	CHECK(last);
	CHECK(rising);
	CHECK(right);
	best_sort_rising(c, 0, room);
}

int
main(void)
{
	selection_brings_the_best_to_the_front();
	sorting_puts_greater_values_then_smaller_numbers_first();
	lists_with_rising_numbers_are_cut_and_sorted();
	return check_end();
}
