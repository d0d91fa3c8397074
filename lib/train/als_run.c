/* als_run - alternating least squares from its start through its epochs. */
#include "als_run.h"

#include <stdlib.h>
#include <string.h>

#include "vec.h"

void
als_run_init(struct als_run *run, const struct training *t, const char *dim_name)
{
	double dim = training_hyper(t, dim_name);

	*run = (struct als_run){
		.t = t,
		.p = {
			.used_dim = (size_t)dim,
			/* With one more for what an item adds by itself. */
			.dim = vec_padded((size_t)dim + 1),
			.block = (size_t)training_hyper(t, "block"),
			.alpha = training_hyper(t, "alpha"),
			.regularization = training_hyper(t, "regularization"),
			.exponent = training_hyper(t, "regularization_exponent"),
			.seed = t->o->seed,
			.threads = t->o->threads,
		},
		.n_users = t->pair->by_user.n_rows,
		.n_items = t->pair->by_item.n_rows,
		.epochs = (size_t)training_hyper(t, "epochs"),
	};
	run->steps = run->epochs;
	run->users = xaligned(run->n_users * run->p.dim, sizeof *run->users);
	run->items = xaligned(run->n_items * run->p.dim, sizeof *run->items);
	memset(run->users, 0, run->n_users * run->p.dim * sizeof *run->users);
	als_start(&run->p, run->items, run->n_items);
}

void
als_run_release(struct als_run *run)
{
	free(run->users);
	free(run->items);
}

int
als_run_epochs(struct als_run *run, const struct pair *pair, size_t epochs, char **why)
{
	memset(run->users, 0, run->n_users * run->p.dim * sizeof *run->users);
	als_users(&run->p, &pair->by_user, run->users, run->items);
	for (size_t e = 0; e < epochs; e++) {
		if (als_sweep(&run->p, &pair->by_user, &pair->by_item, run->users,
			run->items, &run->loss) < 0) {
			*why = xstrdup("training failed: a system of equations has no "
				       "solution; raise regularization");
			return -1;
		}
		if (run->t->o->report)
			run->t->o->report(
			    run->t->o->context, ++run->step, run->steps, run->loss);
	}
	return 0;
}
