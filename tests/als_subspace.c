/* als_subspace - one block of all is the solution, many blocks come to the same. */
#include "als_subspace.h"

#include "als.h"
#include "check.h"

static void
one_block_solves(bool weights)
{
	static struct als_problem a;
	float *gram = xaligned(WORK * WORK, sizeof *gram);
	double loss[USERS];
	struct als_side s;

	als_problem_init(&a, weights);
	s = als_users_side(&a, gram, loss);
	CHECK(als_subspace(&s, WORK) == 0);
	CHECK(als_users_are_best(&a, 1e-4));
	CHECK(als_loss_is_right(&a, loss));
	/* Where there is nothing to gain, it stays. */
	CHECK(als_subspace(&s, WORK) == 0);
	CHECK(als_users_are_best(&a, 1e-4));
	als_problem_release(&a);
	free(gram);
}

static void
blocks_lower_the_objective(size_t block)
{
	static struct als_problem a;
	float *gram = xaligned(WORK * WORK, sizeof *gram);
	double loss[USERS], before;
	bool falls = true, right = true;
	struct als_side s;

	als_problem_init(&a, true);
	before = als_objective(&a);
	s = als_users_side(&a, gram, loss);
	for (int round = 0; round < 60; round++) {
		double now;

		als_subspace(&s, block);
		now = als_objective(&a);
		falls = falls && now < before * (1 + 1e-7);
		right = right && als_loss_is_right(&a, loss);
		before = now;
	}
	CHECK(falls);
	CHECK(right);
	CHECK(als_users_are_best(&a, 1e-3));
	als_problem_release(&a);
	free(gram);
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
