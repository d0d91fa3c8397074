/* als_cg - many steps are the solution, few lower the objective. */
#include "als_cg.h"

#include "als.h"
#include "check.h"

static void
many_steps_solve(bool weights)
{
	static struct als_problem a;
	struct als_side s;

	als_problem_init(&a, weights);
	s = als_users_side(&a);
	als_cg(&s, 500, 1e-7);
	CHECK(als_users_are_best(&a, 1e-4));
	CHECK(als_loss_is_right(&a));
	als_problem_release(&a);
}

static int
step(const struct als_side *s, size_t block)
{
	(void)block;
	als_cg(s, 1, 0);
	return 0;
}

static void
each_step_lowers_the_objective(void)
{
	static struct als_problem a;

	als_problem_init(&a, true);
	CHECK(als_rounds_lower(&a, 10, step, 0));
	als_problem_release(&a);
}

/* Fewer items than dimensions leave some where nothing is. */
static void
few_items_are_enough(void)
{
	static struct als_problem a;
	struct als_side s;

	als_problem_init(&a, false);
	for (size_t k = DIM; k < ITEMS * DIM; k++)
		a.items[k] = k % 3 ? a.items[k % DIM] : 0;
	s = als_users_side(&a);
	s.loss = NULL;
	als_cg(&s, 500, 1e-7);
	CHECK(als_users_are_best(&a, 1e-4));
	als_problem_release(&a);
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
