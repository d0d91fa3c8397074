/* als_run - alternating least squares from its start through its epochs. */
#include "als_run.h"

#include <stdlib.h>
#include <string.h>

#include "als_share.h"
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
	const struct train_options *o = run->t->o;
	struct als_share share;
	int status = 0;

	memset(run->users, 0, run->n_users * run->p.dim * sizeof *run->users);
	als_share_open(&share, o->ranks, &run->p, &pair->by_user, &pair->by_item,
	    run->users, run->items);
	als_share_users(&share, run->users, run->items);
	for (size_t e = 0; e < epochs && status == 0; e++) {
		status = als_share_sweep(&share, run->users, run->items, &run->loss);
		if (status == 0 && o->report)
			o->report(o->context, ++run->step, run->steps, run->loss);
	}
	als_share_close(&share);
	if (status < 0)
		*why = xstrdup("training failed: a system of equations has no "
			       "solution; raise regularization");
	return status;
}

void
als_run_users(struct als_run *run, const struct matrix *by_user)
{
	struct als_share share;

	als_share_open(
	    &share, run->t->o->ranks, &run->p, by_user, NULL, run->users, run->items);
	als_share_users(&share, run->users, run->items);
	als_share_close(&share);
}
