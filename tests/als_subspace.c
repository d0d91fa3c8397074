/* als_subspace - one block of all is the solution, many blocks come to the same. */
#include "als_subspace.h"

#include "als.h"
#include "check.h"

static void
one_block_solves(bool weights)
{
	static struct als_problem a;
	struct als_side s;

	als_problem_init(&a, weights);
	s = als_users_side(&a);
	CHECK(als_subspace(&s, WORK) == 0);
	CHECK(als_users_are_best(&a, 1e-4));
	CHECK(als_loss_is_right(&a));
	/* Where there is nothing to gain, it stays. */
	CHECK(als_subspace(&s, WORK) == 0);
	CHECK(als_users_are_best(&a, 1e-4));
	als_problem_release(&a);
}

static void
blocks_lower_the_objective(size_t block)
{
	static struct als_problem a;

	als_problem_init(&a, true);
	CHECK(als_rounds_lower(&a, 60, als_subspace, block));
	CHECK(als_users_are_best(&a, 1e-3));
	als_problem_release(&a);
}

int
main(void)
{
	one_block_solves(false);
	one_block_solves(true);
	blocks_lower_the_objective(32);
	blocks_lower_the_objective(64);
	return check_end();
}
