/* gfcf - item-item weights by two graph filters, without equations. */
#include "gfcf.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lowpass.h"
#include "prune.h"
#include "scan.h"
#include "threads.h"

/* Rows that are pruned together, twelve of them a piece of work. */
enum { PIECES = 6, BLOCK = PIECES * VEC_ROWS };

struct gfcf {
	const struct gfcf_params *p;
	const struct pair *pair;
	const uint32_t *scored;
	uint32_t *place; /* [catalog items] */
	size_t n, padded, first;
	/* D_U ^ (-2 alpha), D_I ^ (alpha - 1) by catalog number */
	double *user, *item;
	float *low;               /* [n][high.dim]: low_pass D_I^-1/2 Y */
	struct item_factors high; /* D_I^1/2 Y; no dimensions: no low-pass filter */
	float *rows;              /* [BLOCK][padded] */
	float **line;             /* [threads][n], 0 between uses */
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

/* The linear filter's row of an item, added. */
static void
add_linear(struct gfcf *g, uint32_t item, float *line, float *row)
{
	const struct matrix *users = &g->pair->by_item, *items = &g->pair->by_user;

	for (uint64_t k = users->row[item]; k < users->row[item + 1]; k++) {
		uint32_t user = users->col[k];
		double by = weight(users, k) * g->user[user];

		for (uint64_t x = items->row[user]; x < items->row[user + 1]; x++)
			line[g->place[items->col[x]]] += (float)(by * weight(items, x));
	}
	for (size_t j = 0; j < g->n; j++)
		if (line[j] > 0) {
			row[j] += (float)pow(
			    (double)line[j] * g->item[item] * g->item[g->scored[j]],
			    g->p->exponent);
			line[j] = 0;
		}
}

static void
filter_piece(void *context, size_t piece, size_t thread)
{
	struct gfcf *g = context;
	size_t from = piece * VEC_ROWS;
	size_t n = MIN((size_t)VEC_ROWS, g->n - g->first - from);
	float *rows = g->rows + from * g->padded;
	uint32_t item[VEC_ROWS] = { 0 };

	for (size_t r = 0; r < n; r++)
		item[r] = (uint32_t)(g->first + from + r);
	if (g->high.dim)
		scan_users(&g->high, g->low, item, n, rows);
	else
		memset(rows, 0, n * g->padded * sizeof *rows);
	for (size_t r = 0; r < n; r++)
		add_linear(
		    g, g->scored[item[r]], g->line[thread], rows + r * g->padded);
}

/* Y's two sides: what to ask for, and what answers. */
static void
low_pass(struct gfcf *g)
{
	const struct gfcf_params *p = g->p;
	size_t dim = lowpass_dim(p->dim, g->n, g->pair->by_user.n_rows);
	double *root;
	float *panels;

	if (!dim || p->low_pass <= 0)
		return;
	root = degrees(&g->pair->by_item, 0.5);
	g->low = lowpass_basis(g->pair, g->scored, g->n, dim, p->seed, p->threads);
	for (size_t i = 0; i < g->n; i++)
		for (size_t d = 0; d < dim; d++)
			g->low[i * dim + d] *= (float)root[g->scored[i]];
	panels = xaligned(vec_padded(g->n) * dim, sizeof *panels);
	scan_panels(panels, g->low, NULL, g->n, dim);
	g->high = (struct item_factors){ g->n, dim, panels };
	for (size_t i = 0; i < g->n; i++) {
		double degree = root[g->scored[i]] * root[g->scored[i]];

		for (size_t d = 0; d < dim && degree > 0; d++)
			g->low[i * dim + d] *= (float)(p->low_pass / degree);
	}
	free(root);
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

struct gfcf_params
gfcf_params_of(const struct recipe *r, const struct hypers *h)
{
	const struct recipe *with = recipe_with(r, "gfcf");
	struct hypers x = *h;

	if (with != r)
		hypers_init(&x, with);
	return (struct gfcf_params){ .alpha = hypers_get(&x, with, "alpha"),
		.exponent = hypers_get(&x, with, "exponent"),
		.low_pass = hypers_get(&x, with, "low_pass"),
		.dim = (size_t)hypers_get(&x, with, "low_pass_dimension"),
		.most = (size_t)hypers_get(h, r, "links_per_item") };
}

double
gfcf_bytes(const struct gfcf_params *p, size_t n, size_t users)
{
	size_t dim = p->low_pass > 0 ? lowpass_dim(p->dim, n, users) : 0;

	return prune_bytes(n, p->most) +
	       sizeof(float) * (double)dim * ((double)users + 2 * (double)n);
}

void
gfcf_train(struct links *to, const struct gfcf_params *p, const struct pair *pair,
    const uint32_t *scored, size_t n)
{
	struct prune *kept = prune_new(n, p->most, p->threads);
	struct gfcf g = { .p = p,
		.pair = pair,
		.scored = scored,
		.place = xcalloc(pair->by_item.n_rows, sizeof *g.place),
		.n = n,
		.padded = vec_padded(n),
		.user = degrees(&pair->by_user, -2 * p->alpha),
		.item = degrees(&pair->by_item, p->alpha - 1),
		.rows = xcalloc(BLOCK * vec_padded(n), sizeof *g.rows),
		.line = xcalloc(p->threads, sizeof *g.line) };

	for (size_t i = 0; i < n; i++)
		g.place[scored[i]] = (uint32_t)i;
	for (size_t t = 0; t < p->threads; t++)
		g.line[t] = xcalloc(n, sizeof *g.line[t]);
	low_pass(&g);
	for (; g.first < n; g.first += BLOCK) {
		size_t count = MIN((size_t)BLOCK, n - g.first);

		threads_each(
		    p->threads, (count + VEC_ROWS - 1) / VEC_ROWS, filter_piece, &g);
		prune_rows(kept, g.first, count, g.rows, g.padded);
	}
	prune_links(kept, to);
	scale(to, n);
	for (size_t t = 0; t < p->threads; t++)
		free(g.line[t]);
	free(g.line);
	free(g.place);
	free(g.user);
	free(g.item);
	free(g.rows);
	free(g.low);
	free((void *)g.high.panels);
}
