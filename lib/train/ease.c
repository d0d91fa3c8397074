/* ease - item-item weights in closed form. */
#include "ease.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "best.h"
#include "inverse.h"
#include "threads.h"

struct ease {
	const struct ease_params *p;
	const struct pair *pair;
	const uint32_t *scored; /* [n] */
	uint32_t *place;        /* [catalog items], of those that are scored */
	size_t n;
	struct symmetric a;
	struct candidate **room; /* [threads][n] */
	/* The columns of B: kept[j * most ..], count[j] of them, rows rising. */
	size_t most;
	struct candidate *kept;
	uint32_t *count;
};

/* Row i of X'X + lambda I, from the diagonal on; users in their order. */
static void
add_row(void *context, size_t i, size_t thread)
{
	struct ease *e = context;
	const struct matrix *users = &e->pair->by_item, *items = &e->pair->by_user;
	uint32_t item = e->scored[i];

	(void)thread;
	*symmetric_at(&e->a, i, i) = (float)e->p->lambda;
	for (uint64_t k = users->row[item]; k < users->row[item + 1]; k++) {
		uint32_t user = users->col[k];
		float weight = users->weight ? users->weight[k] : 1;

		for (uint64_t x = items->row[user + 1];
		     x-- > items->row[user] && items->col[x] >= item;)
			*symmetric_at(&e->a, i, e->place[items->col[x]]) +=
			    weight * (items->weight ? items->weight[x] : 1);
	}
}

static int
by_row(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	return (x->at > y->at) - (x->at < y->at);
}

/*
 * The weights of column j that are kept, of a matrix -P. Candidates are chosen by size,
 * and get their signs back.
 */
static void
keep_column(void *context, size_t j, size_t thread)
{
	struct ease *e = context;
	struct candidate *c = e->room[thread], *to = e->kept + j * e->most;
	float diagonal = *symmetric_at(&e->a, j, j);
	size_t n = 0, kept;

	for (size_t i = 0; i < e->n; i++) {
		float x = *symmetric_at(&e->a, MIN(i, j), MAX(i, j)) / diagonal;

		if (i != j && x != 0)
			c[n++] = (struct candidate){ fabsf(x), (uint32_t)i };
	}
	kept = MIN(n, e->most);
	if (kept)
		best_select(c, n, kept);
	for (size_t k = 0; k < kept; k++) {
		size_t i = c[k].at;

		to[k] = (struct candidate){
			-*symmetric_at(&e->a, MIN(i, j), MAX(i, j)) / diagonal, c[k].at
		};
	}
	qsort(to, kept, sizeof *to, by_row);
	e->count[j] = (uint32_t)kept;
}

/* Columns to rows. */
static void
links_of(struct links *to, const struct ease *e)
{
	uint64_t *row = xcalloc(e->n + 2, sizeof *row), n;
	uint32_t *at;
	float *weight;

	for (size_t j = 0; j < e->n; j++)
		for (size_t k = 0; k < e->count[j]; k++)
			row[e->kept[j * e->most + k].at + 2]++;
	for (size_t i = 0; i < e->n; i++)
		row[i + 2] += row[i + 1];
	n = row[e->n + 1];
	at = xcalloc(n, sizeof *at);
	weight = xcalloc(n, sizeof *weight);
	for (size_t j = 0; j < e->n; j++)
		for (size_t k = 0; k < e->count[j]; k++) {
			const struct candidate *c = &e->kept[j * e->most + k];

			at[row[c->at + 1]] = (uint32_t)j;
			weight[row[c->at + 1]++] = c->value;
		}
	*to = (struct links){ .row = row, .at = at, .weight = weight };
}

static int
check_memory(const struct ease_params *p, size_t n, char **why)
{
	double need =
	    symmetric_bytes(n) + 2.0 * (double)n * (double)MIN(p->most, n) * 8;
	double have = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);

	if (need <= have)
		return 0;
	*why = xasprintf("ease among %zu items takes %.1f GB of memory, this machine "
			 "has %.1f: choose another algorithm",
	    n, need / 1e9, have / 1e9);
	return -1;
}

static void
fill(struct ease *e, size_t threads)
{
	e->place = xcalloc(e->pair->by_item.n_rows, sizeof *e->place);
	for (size_t i = 0; i < e->n; i++)
		e->place[e->scored[i]] = (uint32_t)i;
	symmetric_init(&e->a, e->n);
	threads_each(threads, e->n, add_row, e);
	free(e->place);
}

static void
keep(struct ease *e, size_t threads)
{
	e->kept = xcalloc(e->n * e->most, sizeof *e->kept);
	e->count = xcalloc(e->n, sizeof *e->count);
	e->room = xcalloc(threads, sizeof *e->room);
	for (size_t t = 0; t < threads; t++)
		e->room[t] = xcalloc(e->n, sizeof **e->room);
	threads_each(threads, e->n, keep_column, e);
	for (size_t t = 0; t < threads; t++)
		free(e->room[t]);
	free(e->room);
}

int
ease_train(struct links *to, const struct ease_params *p, const struct pair *pair,
    const uint32_t *scored, size_t n, char **why)
{
	size_t threads = MAX(p->threads, (size_t)1);
	struct ease e = {
		.p = p, .pair = pair, .scored = scored, .n = n, .most = MIN(p->most, n)
	};
	int status;

	if (check_memory(p, n, why) < 0)
		return -1;
	fill(&e, threads);
	status = symmetric_invert(&e.a, threads);
	if (status == 0)
		keep(&e, threads);
	else
		*why = xstrdup("training failed: lambda is too small, for numbers of "
			       "32 bits");
	symmetric_release(&e.a);
	if (status == 0)
		links_of(to, &e);
	free(e.kept);
	free(e.count);
	return status;
}

void
links_release(struct links *l)
{
	free((void *)l->row);
	free((void *)l->at);
	free((void *)l->weight);
	*l = (struct links){ 0 };
}
