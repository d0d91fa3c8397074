/* resample - how far a figure would move with other users. */
#include "resample.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "splitmix.h"
#include "threads.h"
#include "util.h"

/*
 * Several resamples share one pass over the rows, which are many. A row comes once on
 * average, and 65,536 times with a probability of 1 in 65,536 factorial at most.
 */
enum { GROUP = 4 };

struct resampling {
	const struct resample *r;
	double *sums;
	uint16_t **counts; /* [threads][n][GROUP] */
	void (*draw)(const struct resample *r, uint64_t seed, uint16_t *count);
};

/* A number below n < 2^32: the high half of a product. */
static size_t
below(size_t n, uint64_t bits)
{
	return (size_t)((bits >> 32) * n >> 32);
}

static void
draw_rows(const struct resample *r, uint64_t seed, uint16_t *count)
{
	for (size_t i = 0; i < r->n; i++)
		count[below(r->n, splitmix_at(seed, i)) * GROUP]++;
}

static void
draw_coins(const struct resample *r, uint64_t seed, uint16_t *count)
{
	uint64_t bits = 0;

	for (size_t i = 0; i < r->n; i++, bits >>= 1) {
		if (i % 64 == 0)
			bits = splitmix_at(seed, i / 64);
		count[i * GROUP] = bits & 1;
	}
}

static void
add_row(double *sums, const double *row, size_t n, double times)
{
	for (size_t c = 0; c < n; c++)
		sums[c] += times * row[c];
}

static void
resample_group(void *context, size_t index, size_t thread)
{
	const struct resampling *x = context;
	const struct resample *r = x->r;
	uint16_t *counts = x->counts[thread];
	size_t first = index * GROUP, n = MIN((size_t)GROUP, r->times - first);
	double *sums = x->sums + first * r->columns;

	memset(counts, 0, r->n * GROUP * sizeof *counts);
	memset(sums, 0, n * r->columns * sizeof *sums);
	for (size_t k = 0; k < n; k++)
		x->draw(r, splitmix_at(r->seed, first + k), counts + k);
	for (size_t i = 0; i < r->n; i++)
		for (size_t k = 0; k < n; k++)
			if (counts[i * GROUP + k])
				add_row(sums + k * r->columns, r->rows + i * r->columns,
				    r->columns, counts[i * GROUP + k]);
}

static void
run(const struct resample *r, double *sums,
    void (*draw)(const struct resample *, uint64_t, uint16_t *))
{
	size_t threads = MAX(r->threads, (size_t)1);
	struct resampling x = { r, sums, xcalloc(threads, sizeof *x.counts), draw };

	for (size_t t = 0; t < threads; t++)
		x.counts[t] = xcalloc(r->n * GROUP, sizeof **x.counts);
	threads_each(threads, (r->times + GROUP - 1) / GROUP, resample_group, &x);
	for (size_t t = 0; t < threads; t++)
		free(x.counts[t]);
	free(x.counts);
}

void
resample_bootstrap(const struct resample *r, double *sums)
{
	run(r, sums, draw_rows);
}

void
resample_coins(const struct resample *r, double *sums)
{
	run(r, sums, draw_coins);
}

static int
rising(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static double
between(const double *sorted, size_t n, double at)
{
	size_t low = MIN((size_t)at, n - 1), high = MIN(low + 1, n - 1);

	return sorted[low] + (at - (double)low) * (sorted[high] - sorted[low]);
}

void
resample_interval(double *values, size_t n, double part, double *low, double *high)
{
	*low = *high = NAN;
	if (!n)
		return;
	qsort(values, n, sizeof *values, rising);
	*low = between(values, n, (double)(n - 1) * (1 - part) / 2);
	*high = between(values, n, (double)(n - 1) * (1 + part) / 2);
}
