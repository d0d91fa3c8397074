/* coarse - no product is wrong by more than it says, and exact ones are exact. */
#include "coarse.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "random.h"
#include "util.h"

enum { ITEMS = 600 };

/* Of any size between 2^-10 and 2^10; some vectors are zero, some of one element. */
static void
random_vector(float *x, size_t dim)
{
	float size = ldexpf(1, (int)random_below(21) - 10);
	bool zero = one_in(20), one = one_in(10);

	for (size_t d = 0; d < dim; d++)
		x[d] = zero || (one && d)
			   ? 0
			   : size * (float)((double)random_below(2001) - 1000);
}

static struct coarse *
make(float *panels, float *rows, size_t dim, size_t own)
{
	struct item_factors items = { ITEMS, dim, panels };

	scan_panels(panels, rows, NULL, ITEMS, dim);
	return coarse_new(&items, own, 2);
}

/* The dimensions behind `used` are zero, as in models. */
static void
bounds_hold(size_t dim, size_t used, size_t own)
{
	float *rows = xcalloc(ITEMS * dim, sizeof *rows), *user = xcalloc(dim, 4);
	float *panels = xaligned(vec_padded(ITEMS) * dim, sizeof *panels);
	float x[SCAN_ITEMS], exact[SCAN_ITEMS];
	uint32_t at[SCAN_ITEMS];
	bool within = true, same = true, greatest = true;
	double wrong = 0;
	struct coarse *c;
	int16_t *group;
	int32_t *products = xcalloc(DOT16_ROWS * COARSE_STRIDE, sizeof *products);

	for (size_t i = 0; i < ITEMS; i++)
		random_vector(rows + i * dim, used);
	c = make(panels, rows, dim, own);
	group = xaligned(DOT16_ROWS * c->dim, sizeof *group);
	memset(group, 0, DOT16_ROWS * c->dim * sizeof *group);
	for (int n = 0; n < 20; n++) {
		struct coarse_user u;

		random_vector(user, used);
		CHECK(coarse_user(c, user, group, 0, &u));
		for (size_t first = 0; first < ITEMS; first += SCAN_ITEMS) {
			size_t count = coarse_products(c, group, 1, first, products);
			float most = coarse_scale(c, &u, products, first, count, x);

			for (size_t i = 0; i < count; i++)
				at[i] = (uint32_t)(first + i);
			coarse_exact(c, user, at, count, exact);
			for (size_t i = 0; i < count; i++) {
				double off = fabs((double)x[i] - (double)exact[i]);

				wrong = fmax(wrong, off / fmax(u.bound, 1e-30));
				within = within && off <= u.bound;
				greatest = greatest && x[i] <= most &&
					   fabs((double)exact[i]) <= u.most;
				same = same &&
				       exact[i] ==
					   vec_dot(user, rows + at[i] * dim, 1, dim);
			}
		}
	}
	printf("# at most %.2f of the bound\n", wrong);
	CHECK(within);
	CHECK(greatest);
	CHECK(same);
	CHECK(!used || wrong > 1e-3); /* a bound that says something */
	coarse_free(c);
	free(rows);
	free(user);
	free(panels);
	free(group);
	free(products);
}

static void
great_numbers_are_refused(void)
{
	enum { DIM = 32 };
	float *rows = xcalloc(ITEMS * DIM, sizeof *rows), user[DIM] = { 1e25f };
	float *panels = xaligned(vec_padded(ITEMS) * DIM, sizeof *panels);
	struct coarse_user u;
	struct coarse *c;
	int16_t group[DOT16_ROWS * DOT16_DIM];

	rows[7] = 1;
	c = make(panels, rows, DIM, DIM);
	CHECK(c && !coarse_user(c, user, group, 0, &u));
	coarse_free(c);
	rows[7] = 1e25f;
	CHECK(!make(panels, rows, DIM, DIM));
	free(rows);
	free(panels);
}

int
main(void)
{
	bounds_hold(32, 32, 40);
	bounds_hold(64, 51, 50);
	bounds_hold(160, 129, 128);
	bounds_hold(96, 96, 0);
	bounds_hold(32, 0, 31); /* nothing was learned */
	great_numbers_are_refused();
	return check_end();
}
