/* train_als - solves what it says it solves, on any number of threads. */
#include "train_als.h"

#include "als.h"
#include "check.h"

static void
sweeps_lower_the_objective(bool weights, size_t block)
{
	static struct als_problem a;
	double loss = 0, before = INFINITY;
	bool falls = true, right = true, padding = true;

	als_problem_init(&a, weights);
	a.p.block = block;
	for (int sweep = 0; sweep < 6; sweep++) {
		CHECK(als_sweep(
			  &a.p, &a.by_user, &a.by_item, a.users, a.items, &loss) == 0);
		falls = falls && loss < before;
		right = right && fabs(loss / als_objective(&a) - 1) < 1e-5;
		before = loss;
	}
	CHECK(falls);
	CHECK(right);
	for (size_t i = 0; i < ITEMS; i++)
		for (size_t d = USED; d < DIM; d++)
			padding = padding && a.items[i * DIM + d] == 0;
	CHECK(padding);
	als_users(&a.p, &a.by_user, a.users, a.items);
	CHECK(als_users_are_best(&a, 1e-4));
	als_problem_release(&a);
}

/* The greatest derivative by any element of a side, as a share of the regularisation's.
 */
static double
slope(const struct als_problem *a, const struct matrix *m, const float *to,
    const float *from)
{
	double most = 0, scale = 0, by[USED];

	for (size_t r = 0; r < m->n_rows; r++) {
		als_derivatives(a, m, to, from, r, by);
		for (size_t d = 0; d < USED; d++) {
			most = fmax(most, fabs(by[d]));
			scale = fmax(
			    scale, als_reg(a, m, r) * fabs((double)to[r * DIM + d]));
		}
	}
	return most / scale;
}

/* However the sides are solved, they end where the objective is flat, equally low. */
static void
sweeps_end_in_a_minimum(void)
{
	static struct als_problem a;
	double loss[3];

	for (size_t k = 0; k < 3; k++) {
		random_state = 5;
		als_problem_init(&a, true);
		a.p.block = 32 * k;
		a.p.regularization = 0.3; /* few dimensions are left, so it ends soon */
		for (int sweep = 0; sweep < 100; sweep++)
			als_sweep(
			    &a.p, &a.by_user, &a.by_item, a.users, a.items, &loss[k]);
		CHECK(slope(&a, &a.by_user, a.users, a.items) < 1e-3);
		CHECK(slope(&a, &a.by_item, a.items, a.users) < 1e-3);
		als_problem_release(&a);
	}
	CHECK(fabs(loss[1] / loss[0] - 1) < 1e-4);
	CHECK(fabs(loss[2] / loss[0] - 1) < 1e-4);
}

static void
threads_change_nothing(size_t block)
{
	static struct als_problem a[2];
	double loss[2];

	for (size_t k = 0; k < 2; k++) {
		random_state = 9;
		als_problem_init(&a[k], true);
		a[k].p.block = block;
		a[k].p.threads = 1 + 3 * k;
		for (int sweep = 0; sweep < 3; sweep++)
			als_sweep(&a[k].p, &a[k].by_user, &a[k].by_item, a[k].users,
			    a[k].items, &loss[k]);
		als_users(&a[k].p, &a[k].by_user, a[k].users, a[k].items);
		als_problem_release(&a[k]);
	}
	CHECK(!memcmp(a[0].users, a[1].users, sizeof a[0].users));
	CHECK(!memcmp(a[0].items, a[1].items, sizeof a[0].items));
	CHECK(loss[0] == loss[1]);
}

int
main(void)
{
	for (size_t block = 0; block <= WORK; block += 32) {
		sweeps_lower_the_objective(false, block);
		sweeps_lower_the_objective(true, block);
		threads_change_nothing(block);
	}
	sweeps_end_in_a_minimum();
	return check_end();
}
