/* blend_links - item-item weights of two algorithms as one. */
#include "blend_links.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "prune.h"
#include "util.h"

enum { BLOCK = 64 }; /* rows that are dense at once */

static double
norm(const struct links *l, size_t n)
{
	double squares = 0;

	for (uint64_t k = 0; k < l->row[n]; k++)
		squares += (double)l->weight[k] * (double)l->weight[k];
	return sqrt(squares);
}

static void
add_row(float *to, const struct links *l, size_t i, double factor)
{
	for (uint64_t k = l->row[i]; k < l->row[i + 1]; k++)
		to[l->at[k]] += (float)(factor * (double)l->weight[k]);
}

void
blend_links(struct links *to, const struct links *more, double share, size_t n,
    size_t most, size_t threads)
{
	double size = norm(more, n), factor = size > 0 ? share * norm(to, n) / size : 0;
	struct prune *kept = prune_new(n, most, threads);
	float *rows = xcalloc(BLOCK * n, sizeof *rows);
	double decay = to->decay;

	for (size_t first = 0; first < n; first += BLOCK) {
		size_t count = MIN((size_t)BLOCK, n - first);

		memset(rows, 0, count * n * sizeof *rows);
		for (size_t i = 0; i < count; i++) {
			add_row(rows + i * n, to, first + i, 1);
			add_row(rows + i * n, more, first + i, factor);
		}
		prune_rows(kept, first, count, rows, n);
	}
	links_release(to);
	prune_links(kept, to);
	to->decay = decay;
	free(rows);
}
