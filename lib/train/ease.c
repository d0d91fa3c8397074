/* ease - item-item weights in closed form. */
#include "ease.h"

#include <stdlib.h>
#include <unistd.h>

#include "prune.h"
#include "threads.h"

struct ease {
	const struct pair *pair;
	const uint32_t *scored;
	uint32_t *place; /* [catalog items], of those that are scored */
	double lambda;
	struct symmetric *a;
};

/* Row i of X'X + lambda I, from the diagonal on; users in their order. */
static void
add_row(void *context, size_t i, size_t thread)
{
	struct ease *e = context;
	const struct matrix *users = &e->pair->by_item, *items = &e->pair->by_user;
	uint32_t item = e->scored[i];

	(void)thread;
	*symmetric_at(e->a, i, i) = (float)e->lambda;
	for (uint64_t k = users->row[item]; k < users->row[item + 1]; k++) {
		uint32_t user = users->col[k];
		float weight = users->weight ? users->weight[k] : 1;

		for (uint64_t x = items->row[user + 1];
		     x-- > items->row[user] && items->col[x] >= item;)
			*symmetric_at(e->a, i, e->place[items->col[x]]) +=
			    weight * (items->weight ? items->weight[x] : 1);
	}
}

int
ease_invert(struct symmetric *a, const struct pair *pair, double lambda,
    const uint32_t *scored, size_t n, size_t threads, char **why)
{
	struct ease e = { pair, scored, xcalloc(pair->by_item.n_rows, sizeof *e.place),
		lambda, a };

	for (size_t i = 0; i < n; i++)
		e.place[scored[i]] = (uint32_t)i;
	symmetric_init(a, n);
	threads_each(threads, n, add_row, &e);
	free(e.place);
	if (symmetric_invert(a, threads) == 0)
		return 0;
	symmetric_release(a);
	*why = xstrdup("training failed: lambda is too small, for numbers of 32 bits");
	return -1;
}

void
ease_rows(const struct symmetric *a, size_t tile, float *rows)
{
	size_t width = a->tiles * TILE;

	symmetric_rows(a, tile, rows);
	for (size_t j = 0; j < a->n; j++) {
		float by = -1 / *symmetric_at(a, j, j);

		for (size_t r = 0; r < TILE; r++)
			rows[r * width + j] *= by;
	}
}

int
ease_train(struct links *to, const struct ease_params *p, const struct pair *pair,
    const uint32_t *scored, size_t n, char **why)
{
	size_t threads = MAX(p->threads, (size_t)1), width;
	struct symmetric a;
	struct prune *kept;
	float *rows;

	if (ease_fits(symmetric_bytes(n) + prune_bytes(n, p->most), n, why) < 0 ||
	    ease_invert(&a, pair, p->lambda, scored, n, threads, why) < 0)
		return -1;
	width = a.tiles * TILE;
	rows = xcalloc(TILE * width, sizeof *rows);
	kept = prune_new(n, p->most, threads);
	for (size_t tile = 0; tile < a.tiles; tile++) {
		ease_rows(&a, tile, rows);
		prune_rows(
		    kept, tile * TILE, MIN((size_t)TILE, n - tile * TILE), rows, width);
	}
	free(rows);
	symmetric_release(&a);
	prune_links(kept, to);
	return 0;
}

int
ease_fits(double bytes, size_t n, char **why)
{
	double have = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);

	if (bytes <= have)
		return 0;
	*why =
	    xasprintf("weights among %zu items take %.1f GB of memory to train, this "
		      "machine has %.1f: choose another algorithm",
		n, bytes / 1e9, have / 1e9);
	return -1;
}
