/* prune - of each column the greatest, as a full sort says. */
#include "prune.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "random.h"

enum { N = 400, STRIDE = N + 3, BLOCK = 37 };

/* How many of column j come before row i: greater, or equal and above it. */
static size_t
before(const float *rows, size_t i, size_t j)
{
	size_t n = 0;
	float x = fabsf(rows[i * STRIDE + j]);

	for (size_t k = 0; k < N; k++) {
		float y = fabsf(rows[k * STRIDE + j]);

		n += k != j && (y > x || (y == x && k < i));
	}
	return n;
}

/* Values are coarse, so that there are many ties, and zeros, which are not kept. */
static void
greatest_are_kept(size_t most, size_t threads)
{
	float *rows = xcalloc(N * STRIDE, sizeof *rows);
	struct prune *p = prune_new(N, most, threads);
	struct links l;
	bool right = true, rising = true;

	for (size_t i = 0; i < N * STRIDE; i++)
		rows[i] = (float)random_below(most < 20 ? 100 : 9) / 4 - 1;
	for (size_t i = 0; i < N; i += BLOCK)
		prune_rows(p, i, MIN((size_t)BLOCK, N - i), rows + i * STRIDE, STRIDE);
	prune_links(p, &l);
	for (size_t i = 0; i < N; i++) {
		uint64_t k = l.row[i];

		for (size_t j = 0; j < N; j++) {
			float x = rows[i * STRIDE + j];
			bool kept = k < l.row[i + 1] && l.at[k] == j;

			right = right &&
				kept == (i != j && x != 0 && before(rows, i, j) < most);
			right = right && (!kept || l.weight[k] == x);
			k += kept;
		}
		rising = rising && k == l.row[i + 1];
	}
	CHECK(right);
	CHECK(rising);
	links_release(&l);
	free(rows);
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
