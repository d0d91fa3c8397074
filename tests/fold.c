/* fold - a user folded in has the vector that alternating least squares gives. */
#include "fold.h"

#include <math.h>
#include <stdlib.h>

#include "check.h"
#include "scan.h"
#include "train_als.h"
#include "world.h"

enum { FACTORS = 20 };

static const struct weights weights = { { [TASTE] = 3, [ACTIVITY] = -0.2 } };

/* A model whose items are the world's, every seventh without interactions. */
static void
model_of(struct model *m, struct world *w)
{
	static const char meta[] =
	    "{\"hyperparameters\":{\"alpha\":0.25,\"regularization\":0.03,"
	    "\"regularization_exponent\":0.8}}";

	for (size_t i = 0; i < ITEMS * DIM; i++)
		if (i % DIM >= FACTORS)
			w->rows[i] = 0;
	scan_panels(w->panels, w->rows, NULL, ITEMS, DIM);
	*m = (struct model){ .catalog = w->catalog,
		.meta = { meta, sizeof meta - 1 },
		.dim = DIM,
		.factors = FACTORS,
		.n_scored = ITEMS,
		.scored = w->number,
		.panels = w->panels,
		.n_trained_items = ITEMS,
		.count = w->popularity.count,
		.weights = weights };
	model_index(m);
}

static void
equals_least_squares(void)
{
	struct als_params p = { .dim = DIM,
		.used_dim = FACTORS,
		.alpha = 0.25,
		.regularization = 0.03,
		.exponent = 0.8,
		.threads = 1 };
	struct world w;
	struct matrix by_user;
	struct fold_base *base;
	struct fold *fold;
	struct model m;
	float *users = xcalloc(USERS * DIM, sizeof *users), x[DIM];
	double worst = 0;
	size_t folded = 0;

	world_random(&w);
	/* Everything is known here, nothing held out. */
	popularity_release(&w.popularity);
	popularity_init(&w.popularity, &w.catalog, &w.wanted, NULL);
	for (size_t i = 0; i < ITEMS; i++)
		for (size_t d = 0; !w.popularity.count[i] && d < DIM; d++)
			w.rows[i * DIM + d] = 0;
	model_of(&m, &w);
	matrix_of_history(&by_user, &w.catalog, &w.wanted, NULL);
	als_users(&p, &by_user, users, w.rows);
	base = fold_base_new(&m, 2);
	fold = fold_new(base, &w.catalog);
	for (uint32_t u = 0; u < USERS; u++) {
		size_t met = by_user.row[u + 1] - by_user.row[u];

		if (!fold_user(fold, u, x)) {
			CHECK(met == 0);
			continue;
		}
		folded++;
		for (size_t d = 0; d < FACTORS; d++)
			worst = fmax(worst,
			    fabs((double)x[d] - (double)users[u * DIM + d] *
						    weights_user(&weights, met)));
		CHECK(x[FACTORS] == 1);
	}
	CHECK(folded > USERS / 2);
	CHECK(worst < 1e-4);
	fold_free(fold);
	fold_base_free(base);
	matrix_release(&by_user);
	free(m.place);
	free(users);
	world_release(&w);
}

int
main(void)
{
	equals_least_squares();
	return check_end();
}
