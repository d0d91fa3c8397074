/* als_cg - many steps are the solution, few lower the objective. */
#include "als_cg.h"

#include "als.h"
#include "check.h"

static void
many_steps_solve(bool weights)
{
	static struct als_problem a;
	float *gram = xaligned(WORK * WORK, sizeof *gram);
	double loss[USERS];
	struct als_side s;

	als_problem_init(&a, weights);
	s = als_users_side(&a, gram, loss);
	als_cg(&s, 500, 1e-7);
	CHECK(als_users_are_best(&a, 1e-4));
	CHECK(als_loss_is_right(&a, loss));
	als_problem_release(&a);
	free(gram);
}

static void
each_step_lowers_the_objective(void)
{
	static struct als_problem a;
	float *gram = xaligned(WORK * WORK, sizeof *gram);
	double loss[USERS], before;
	bool falls = true, right = true;
	struct als_side s;

	als_problem_init(&a, true);
	before = als_objective(&a);
	s = als_users_side(&a, gram, loss);
	for (int step = 0; step < 10; step++) {
		double now;

		als_cg(&s, 1, 0);
		now = als_objective(&a);
		falls = falls && now < before * (1 + 1e-7);
		right = right && als_loss_is_right(&a, loss);
		before = now;
	}
	CHECK(falls);
	CHECK(right);
	als_problem_release(&a);
	free(gram);
}

/* Fewer items than dimensions leave some where nothing is. */
static void
few_items_are_enough(void)
{
	static struct als_problem a;
	float *gram = xaligned(WORK * WORK, sizeof *gram);
	struct als_side s;

	als_problem_init(&a, false);
	for (size_t k = DIM; k < ITEMS * DIM; k++)
		a.items[k] = k % 3 ? a.items[k % DIM] : 0;
	s = als_users_side(&a, gram, NULL);
	als_cg(&s, 500, 1e-7);
	CHECK(als_users_are_best(&a, 1e-4));
	als_problem_release(&a);
	free(gram);
}

int
main(void)
{
	many_steps_solve(false);
	many_steps_solve(true);
	each_step_lowers_the_objective();
	few_items_are_enough();
	return check_end();
}
