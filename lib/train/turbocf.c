/* turbocf - item-item weights by a graph filter. */
#include "turbocf.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "prune.h"
#include "threads.h"

enum { BLOCK = 64 }; /* rows that are pruned together */

struct turbocf {
	const struct turbocf_params *p;
	const struct pair *pair;
	const uint32_t *scored;
	uint32_t *place; /* [catalog items] */
	size_t n, first;
	/* D_U ^ (-2 alpha), D_I ^ (alpha - 1) by catalog number */
	double *user, *item;
	float *rows; /* [BLOCK][n] */
};

static double
weight(const struct matrix *m, uint64_t at)
{
	return m->weight ? (double)m->weight[at] : 1;
}

/* The sum of each row to a power; to be freed. */
static double *
degrees(const struct matrix *m, double power)
{
	double *to = xcalloc(m->n_rows, sizeof *to);

	for (size_t r = 0; r < m->n_rows; r++) {
		double sum = 0;

		for (uint64_t k = m->row[r]; k < m->row[r + 1]; k++)
			sum += weight(m, k);
		to[r] = sum > 0 ? pow(sum, power) : 0;
	}
	return to;
}

static void
filter_row(void *context, size_t r, size_t thread)
{
	struct turbocf *t = context;
	const struct matrix *users = &t->pair->by_item, *items = &t->pair->by_user;
	uint32_t item = t->scored[t->first + r];
	float *row = t->rows + r * t->n;

	(void)thread;
	memset(row, 0, t->n * sizeof *row);
	for (uint64_t k = users->row[item]; k < users->row[item + 1]; k++) {
		uint32_t user = users->col[k];
		double by = weight(users, k) * t->user[user];

		for (uint64_t x = items->row[user]; x < items->row[user + 1]; x++)
			row[t->place[items->col[x]]] += (float)(by * weight(items, x));
	}
	for (size_t j = 0; j < t->n; j++)
		if (row[j] > 0)
			row[j] = (float)pow(
			    (double)row[j] * t->item[item] * t->item[t->scored[j]],
			    t->p->exponent);
}

/* The mean length of the rows becomes 1. */
static void
scale(struct links *l, size_t n)
{
	float *to = (float *)l->weight;
	double sum = 0;

	for (size_t i = 0; i < n; i++) {
		double squares = 0;

		for (uint64_t k = l->row[i]; k < l->row[i + 1]; k++)
			squares += (double)to[k] * (double)to[k];
		sum += sqrt(squares);
	}
	for (uint64_t k = 0; sum > 0 && k < l->row[n]; k++)
		to[k] = (float)((double)to[k] * (double)n / sum);
}

void
turbocf_train(struct links *to, const struct turbocf_params *p, const struct pair *pair,
    const uint32_t *scored, size_t n)
{
	struct prune *kept = prune_new(n, p->most, p->threads);
	struct turbocf t = { .p = p,
		.pair = pair,
		.scored = scored,
		.place = xcalloc(pair->by_item.n_rows, sizeof *t.place),
		.n = n,
		.user = degrees(&pair->by_user, -2 * p->alpha),
		.item = degrees(&pair->by_item, p->alpha - 1),
		.rows = xcalloc(BLOCK * n, sizeof *t.rows) };

	for (size_t i = 0; i < n; i++)
		t.place[scored[i]] = (uint32_t)i;
	for (; t.first < n; t.first += BLOCK) {
		size_t count = MIN((size_t)BLOCK, n - t.first);

		threads_each(p->threads, count, filter_row, &t);
		prune_rows(kept, t.first, count, t.rows, n);
	}
	prune_links(kept, to);
	scale(to, n);
	free(t.place);
	free(t.user);
	free(t.item);
	free(t.rows);
}
