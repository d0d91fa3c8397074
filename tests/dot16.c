/* dot16 - every kernel gives the dot products themselves, up to the greatest sums. */
#include "dot16.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "random.h"
#include "util.h"
#include "vec.h"

enum { X = DOT16_ROWS, Y = 3 * DOT16_COLS, MOST_DIM = 3 * DOT16_DIM };

static int16_t x[X][MOST_DIM], y[Y][MOST_DIM];

/* Up to `most`, and a root of dimensions less where all are great. */
static void
fill(int16_t *to, size_t dim, int32_t most)
{
	for (size_t d = 0; d < dim; d++)
		to[d] = (int16_t)((int64_t)random_below(2 * (uint64_t)most + 1) - most);
}

/* One great element, the others nothing: |to|^2 is as great as it may be. */
static void
fill_one(int16_t *to, size_t dim)
{
	memset(to, 0, dim * sizeof *to);
	to[random_below(dim)] = one_in(2) ? DOT16_MOST : -DOT16_MOST;
}

static int32_t
brute_force(size_t r, size_t i, size_t dim)
{
	int64_t sum = 0;

	for (size_t d = 0; d < dim; d++)
		sum += (int64_t)x[r][d] * y[i][d];
	return (int32_t)sum;
}

static bool
right(const struct dot16 *k, size_t rows, size_t dim)
{
	int16_t *group = xaligned(X * dim, sizeof *group);
	int16_t *panels = xaligned(Y * dim, sizeof *panels);
	int32_t out[X * (Y + 1)];
	bool same = true;

	memset(group, 0, X * dim * sizeof *group);
	memset(panels, 0, Y * dim * sizeof *panels);
	for (size_t r = 0; r < rows; r++) {
		if (one_in(4))
			fill_one(x[r], dim);
		else /* |x|^2 < 2^31 */
			fill(x[r], dim, one_in(2) ? 3300 : 127);
		k->pack_x(group, x[r], r, dim);
	}
	for (size_t i = 0; i < Y; i++) {
		if (one_in(4))
			fill_one(y[i], dim);
		else
			fill(y[i], dim, 3300);
		k->pack_y(panels + i / DOT16_COLS * DOT16_COLS * dim, y[i],
		    i % DOT16_COLS, dim);
	}
	k->products(rows, dim, group, panels, Y, out, Y + 1);
	for (size_t r = 0; r < rows; r++)
		for (size_t i = 0; i < Y; i++)
			same = same && out[r * (Y + 1) + i] == brute_force(r, i, dim);
	free(group);
	free(panels);
	return same;
}

int
main(void)
{
	static const char *const names[] = { "scalar", "avx2", "avx512", "amx",
		"neon" };

	for (size_t n = 0; n < LENGTH(names); n++) {
		const struct vec *v = vec_named(names[n]);
		bool all = true;

		printf("# %s: %s\n", names[n], v ? "compared" : "not on this CPU");
		for (size_t rows = 1; v && rows <= v->dot16->rows; rows++)
			for (size_t dim = DOT16_DIM; dim <= MOST_DIM; dim += DOT16_DIM)
				all = all && right(v->dot16, rows, dim);
		CHECK(all);
	}
#if defined(__x86_64__)
	if (vec_named("avx2")) /* which may be avxvnni */
		CHECK(right(&dot16_avx2, 11, MOST_DIM));
	if (vec_named("avx512")) {
		CHECK(right(&dot16_avx512, dot16_avx512.rows, DOT16_DIM));
		CHECK(right(&dot16_avx512, 5, MOST_DIM));
	}
#endif
	return check_end();
}
