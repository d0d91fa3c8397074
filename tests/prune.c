/* prune - the greatest are kept, as a full sort says. */
#include "prune.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "random.h"

enum { N = 400, STRIDE = N + 3, BLOCK = 37 };

struct place {
	float size;
	size_t at;
};

static int
greatest_first(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->size != y->size)
		return x->size < y->size ? 1 : -1;
	return x->at < y->at ? -1 : 1;
}

/* Whether each place [N * N] is among the greatest: to be freed. */
static bool *
greatest(const float *rows, size_t most)
{
	struct place *all = xcalloc(N * N, sizeof *all);
	bool *is = xcalloc(N * N, sizeof *is);
	size_t n = 0;

	for (size_t i = 0; i < N; i++)
		for (size_t j = 0; j < N; j++)
			if (i != j && rows[i * STRIDE + j] != 0)
				all[n++] = (struct place){ fabsf(rows[i * STRIDE + j]),
					i * N + j };
	qsort(all, n, sizeof *all, greatest_first);
	for (size_t k = 0; k < MIN(n, most * N); k++)
		is[all[k].at] = true;
	free(all);
	return is;
}

/* Values are coarse, so that there are many ties, and zeros, which are not kept. */
static void
greatest_are_kept(size_t most, size_t threads)
{
	float *rows = xcalloc(N * STRIDE, sizeof *rows);
	struct prune *p = prune_new(N, most, threads);
	struct links l;
	bool right = true, rising = true, *is;

	for (size_t i = 0; i < N * STRIDE; i++)
		rows[i] = (float)random_below(most < 20 ? 100 : 9) / 4 - 1;
	for (size_t i = 0; i < N; i += BLOCK)
		prune_rows(p, i, MIN((size_t)BLOCK, N - i), rows + i * STRIDE, STRIDE);
	prune_links(p, &l);
	is = greatest(rows, most);
	for (size_t i = 0; i < N; i++) {
		uint64_t k = l.row[i];

		for (size_t j = 0; j < N; j++) {
			float x = rows[i * STRIDE + j];
			bool kept = k < l.row[i + 1] && l.at[k] == j;

			right = right && kept == is[i * N + j];
			right = right && (!kept || l.weight[k] == x);
			k += kept;
		}
		rising = rising && k == l.row[i + 1];
	}
	CHECK(right);
	CHECK(rising);
	links_release(&l);
	free(rows);
	free(is);
}

int
main(void)
{
	greatest_are_kept(1, 1);
	greatest_are_kept(5, 3);
	greatest_are_kept(150, 1);
	greatest_are_kept(300, 2);
	greatest_are_kept(N, 1);
	greatest_are_kept(10 * N, 3);
	return check_end();
}
