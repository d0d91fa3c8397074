/* influence - what popularity and freshness make of an item's value. */
#include "influence.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "explore.h"

static double *
find(struct influence *i, struct span name)
{
	if (span_equal_nocase(name, span_of("POPULARITY")))
		return &i->popularity;
	if (span_equal_nocase(name, span_of("FRESHNESS")))
		return &i->freshness;
	return NULL;
}

int
influence_parse(struct influence *i, const char *text, const char **why)
{
	struct influence read = *i;

	*why = "expected POPULARITY=X,FRESHNESS=X with numbers from 0 to 1";
	for (;;) {
		const char *equal = strchr(text, '=');
		double *to;
		char *end;

		if (!equal ||
		    !(to = find(&read, (struct span){ text, (size_t)(equal - text) })))
			return -1;
		*to = strtod(equal + 1, &end);
		if (end == equal + 1 || !(*to >= 0 && *to <= 1) ||
		    (*end && *end != ','))
			return -1;
		if (!*end)
			break;
		text = end + 1;
	}
	*i = read;
	return 0;
}

static double *
popular(const struct model *m, size_t n)
{
	double *x = xcalloc(n, sizeof *x), most = 0;

	for (size_t i = 0; i < n; i++)
		most = fmax(most, (double)m->count[i]);
	for (size_t i = 0; i < n; i++)
		x[i] = most > 0 ? log1p((double)m->count[i]) / log1p(most) : 1;
	return x;
}

static int
by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* How many of n sorted numbers are at most x. */
static size_t
at_most(const double *sorted, size_t n, double x)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (sorted[middle] <= x)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static double *
fresh(const struct model *m, size_t n)
{
	double latest, *start = explore_starts(&m->catalog, &latest);
	double *sorted = xcalloc(n, sizeof *sorted);

	memcpy(sorted, start, n * sizeof *sorted);
	qsort(sorted, n, sizeof *sorted, by_value);
	for (size_t i = 0; i < n; i++)
		start[i] = (double)at_most(sorted, n, start[i]) / (double)n;
	free(sorted);
	return start;
}

float *
influence_of(const struct model *m, const struct influence *i)
{
	size_t n = m->catalog.items.strings.n;
	double p = i->popularity, f = i->freshness, *popular_of, *fresh_of;
	float *x;

	if (!(p > 0) && !(f > 0))
		return NULL;
	popular_of = popular(m, n);
	fresh_of = fresh(m, n);
	x = xcalloc(n, sizeof *x);
	for (size_t j = 0; j < n; j++)
		x[j] = (float)((1 - p + p * popular_of[j]) * (1 - f + f * fresh_of[j]));
	free(popular_of);
	free(fresh_of);
	return x;
}
