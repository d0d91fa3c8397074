/* best - the k best of many candidates: greater values first, then smaller numbers. */
#include "best.h"

#include <stdlib.h>

static int
best_first(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	if (x->value != y->value)
		return x->value < y->value ? 1 : -1;
	return (x->at > y->at) - (x->at < y->at);
}

static void
swap(struct candidate *x, struct candidate *y)
{
	struct candidate t = *x;

	*x = *y;
	*y = t;
}

/*
 * Bring the k best of n to the front, the k-th at its place (Hoare's selection, median
 * of three). Sorting them all for every cut took most of the time of short lists.
 */
void
best_select(struct candidate *c, size_t n, size_t k)
{
	size_t from = 0, to = n - 1, i, j;

	while (from < to) {
		size_t middle = from + (to - from) / 2;
		struct candidate pivot;

		if (best_first(&c[middle], &c[from]) < 0)
			swap(&c[middle], &c[from]);
		if (best_first(&c[to], &c[from]) < 0)
			swap(&c[to], &c[from]);
		if (best_first(&c[to], &c[middle]) < 0)
			swap(&c[to], &c[middle]);
		pivot = c[middle];
		for (i = from, j = to; i <= j;) {
			while (best_first(&c[i], &pivot) < 0)
				i++;
			while (best_first(&pivot, &c[j]) < 0)
				j--;
			if (i > j)
				break;
			swap(&c[i++], &c[j]);
			if (!j--)
				break;
		}
		if (k - 1 >= i)
			from = i;
		else if (j != SIZE_MAX && k - 1 <= j)
			to = j;
		else
			return;
	}
}

void
best_sort(struct candidate *c, size_t n)
{
	qsort(c, n, sizeof *c, best_first);
}
