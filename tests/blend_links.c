/* blend_links - what dense matrices say. */
#include "blend_links.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "prune.h"
#include "random.h"

enum { N = 150, MOST = 20 };

/* About a third of all weights, whose size is up to `size`. */
static void
random_links(struct links *to, float *dense, float size)
{
	struct prune *p = prune_new(N, N, 1);

	for (size_t x = 0; x < N * N; x++)
		dense[x] = x / N == x % N || random_below(3)
			       ? 0
			       : size * ((float)random_below(2001) - 1000) / 1000;
	prune_rows(p, 0, N, dense, N);
	prune_links(p, to);
}

static double
norm(const float *dense)
{
	double squares = 0;

	for (size_t x = 0; x < N * N; x++)
		squares += (double)dense[x] * (double)dense[x];
	return sqrt(squares);
}

/* The greatest of the sum are kept, each as it is in the sum. */
static void
sums_are_kept(double share, size_t threads)
{
	float *a = xcalloc(N * N, sizeof *a), *c = xcalloc(N * N, sizeof *c);
	float *got = xcalloc(N * N, sizeof *got);
	double factor, worst = 0, least = INFINITY, left = 0;
	struct links to, more;

	random_links(&to, a, 1);
	random_links(&more, c, 30);
	to.decay = 3;
	factor = share * norm(a) / norm(c);
	blend_links(&to, &more, share, N, MOST, threads);
	CHECK(to.decay == 3 && to.row[N] == N * MOST);
	for (size_t i = 0; i < N; i++)
		for (uint64_t k = to.row[i]; k < to.row[i + 1]; k++)
			got[i * N + to.at[k]] = to.weight[k];
	for (size_t x = 0; x < N * N; x++) {
		double sum = (double)a[x] + factor * (double)c[x];

		if (got[x] == 0)
			left = fmax(left, fabs(sum));
		else {
			worst = fmax(worst, fabs(sum - (double)got[x]));
			least = fmin(least, fabs(sum));
		}
	}
	CHECK(worst < 1e-6 && left <= least + 1e-6);
	links_release(&to);
	links_release(&more);
	free(a);
	free(c);
	free(got);
}

static void
nothing_more_changes_nothing(void)
{
	float *a = xcalloc(N * N, sizeof *a);
	uint64_t *row = xcalloc(N + 1, sizeof *row);
	struct links to, none = { .row = row };
	bool same = true;
	uint64_t n;

	random_links(&to, a, 1);
	n = to.row[N];
	blend_links(&to, &none, 0.5, N, N, 1);
	CHECK(to.row[N] == n);
	for (size_t i = 0; i < N; i++)
		for (uint64_t k = to.row[i]; k < to.row[i + 1]; k++)
			same = same && to.weight[k] == a[i * N + to.at[k]];
	CHECK(same);
	links_release(&to);
	free(row);
	free(a);
}

int
main(void)
{
	sums_are_kept(0.5, 1);
	sums_are_kept(4, 3);
	nothing_more_changes_nothing();
	return check_end();
}
