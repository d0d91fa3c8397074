/* bins - whether printed scores happen as often as they say. */
#include "bins.h"

#include <math.h>
#include <stdlib.h>

#include "util.h"

static int
highest_first(const void *a, const void *b)
{
	const struct cell *x = a, *y = b;

	return (x->score < y->score) - (x->score > y->score);
}

/* Sort, and make one of all cells with the same score. */
static void
merge(struct bins *b)
{
	size_t n = 0;

	if (b->n)
		qsort(b->cells, b->n, sizeof *b->cells, highest_first);
	for (size_t i = 0; i < b->n; i++) {
		if (!n || b->cells[n - 1].score != b->cells[i].score) {
			b->cells[n++] = b->cells[i];
			continue;
		}
		b->cells[n - 1].trials += b->cells[i].trials;
		b->cells[n - 1].hits += b->cells[i].hits;
	}
	b->n = n;
}

/* Scores have 7 decimals: many are equal, and memory is theirs that differ. */
void
bins_add(struct bins *b, double score, double trials, double hits)
{
	if (b->n == b->cap) {
		merge(b);
		if (b->n >= b->cap / 2) {
			b->cap = b->cap ? 2 * b->cap : 4096;
			b->cells = xrealloc(b->cells, b->cap, sizeof *b->cells);
		}
	}
	b->cells[b->n++] = (struct cell){ score, trials, hits };
}

void
bins_release(struct bins *b)
{
	free(b->cells);
	*b = (struct bins){ 0 };
}

static double
mass(const struct cell *c, int by_score)
{
	return by_score ? c->trials * c->score : c->trials;
}

/* The sum over bins of |sum of scores - hits|. */
static double
gaps(struct bins *b, int by_score)
{
	double total = 0, error = 0, filled = 0, gap = 0;
	int bin = 1;

	merge(b);
	for (size_t i = 0; i < b->n; i++)
		total += mass(&b->cells[i], by_score);
	for (size_t i = 0; i < b->n; i++) {
		const struct cell *c = &b->cells[i];
		double all = mass(c, by_score), left = all;
		double excess = c->trials * c->score - c->hits;

		while (bin < BINS && filled + left > total * bin / BINS && all > 0) {
			double part = total * bin++ / BINS - filled;

			error += fabs(gap + excess * (part / all));
			gap = 0;
			filled += part;
			left -= part;
		}
		gap += all > 0 ? excess * (left / all) : excess;
		filled += left;
	}
	return error + fabs(gap);
}

double
bins_by_trials(struct bins *b)
{
	double trials = 0;

	for (size_t i = 0; i < b->n; i++)
		trials += b->cells[i].trials;
	return trials > 0 ? gaps(b, 0) / trials : 0;
}

double
bins_by_score(struct bins *b, double events)
{
	return events > 0 ? gaps(b, 1) / events : 0;
}
