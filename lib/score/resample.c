/* resample - how far a figure would move with other users. */
#include "resample.h"

#include <math.h>
#include <stdlib.h>

#include "splitmix.h"
#include "threads.h"
#include "util.h"

struct resampling {
	const struct resample *r;
	double *sums;
	uint32_t **counts; /* [threads][n] */
};

static void
add_row(double *sums, const double *row, size_t n, double times)
{
	for (size_t c = 0; c < n; c++)
		sums[c] += times * row[c];
}

/* A number below n < 2^32: the high half of a product. */
static size_t
below(size_t n, uint64_t bits)
{
	return (size_t)((bits >> 32) * n >> 32);
}

static void
bootstrap_one(void *context, size_t index, size_t thread)
{
	const struct resampling *x = context;
	const struct resample *r = x->r;
	double *sums = x->sums + index * r->columns;
	uint32_t *count = x->counts[thread];
	uint64_t seed = splitmix_at(r->seed, index);

	for (size_t i = 0; i < r->n; i++)
		count[i] = 0;
	for (size_t i = 0; i < r->n; i++)
		count[below(r->n, splitmix_at(seed, i))]++;
	for (size_t i = 0; i < r->n; i++)
		if (count[i])
			add_row(sums, r->rows + i * r->columns, r->columns, count[i]);
}

static void
coins_one(void *context, size_t index, size_t thread)
{
	const struct resampling *x = context;
	const struct resample *r = x->r;
	double *sums = x->sums + index * r->columns;
	uint64_t seed = splitmix_at(r->seed, index), bits = 0;

	(void)thread;
	for (size_t i = 0; i < r->n; i++, bits >>= 1) {
		if (i % 64 == 0)
			bits = splitmix_at(seed, i / 64);
		if (bits & 1)
			add_row(sums, r->rows + i * r->columns, r->columns, 1);
	}
}

static void
run(const struct resample *r, double *sums, void (*one)(void *, size_t, size_t))
{
	size_t threads = MAX(r->threads, (size_t)1);
	struct resampling x = { r, sums, xcalloc(threads, sizeof *x.counts) };

	for (size_t t = 0; t < threads; t++)
		x.counts[t] = xcalloc(r->n, sizeof **x.counts);
	for (size_t i = 0; i < r->times * r->columns; i++)
		sums[i] = 0;
	threads_each(threads, r->times, one, &x);
	for (size_t t = 0; t < threads; t++)
		free(x.counts[t]);
	free(x.counts);
}

void
resample_bootstrap(const struct resample *r, double *sums)
{
	run(r, sums, bootstrap_one);
}

void
resample_coins(const struct resample *r, double *sums)
{
	run(r, sums, coins_one);
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
