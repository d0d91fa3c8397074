/*
 * train_affinity - users as vectors whose products compare among users.
 *
 * train_factors's model, and for each user u
 *
 *	base_u = log lambda_u - log(sum over items j of w(z_uj))
 *
 * with lambda_u the interactions that are expected of u (activity.h) and w(z) as in
 * weights.h, so that base_u + log w(z_ui) is the logarithm of the interactions of u
 * that are expected with item i. Users without a vector have log lambda_u alone.
 */
#include <math.h>
#include <stdlib.h>

#include "activity.h"
#include "met.h"
#include "scan.h"
#include "threads.h"
#include "training.h"
#include "vec.h"

struct bases {
	const struct model *m;
	const double *lambda;
	float *base;
	uint32_t *users; /* those with vectors */
	size_t n;
	struct seen **seen; /* [threads] */
	float **z;          /* [threads][VEC_ROWS][padded] */
};

/* log of the sum of w(z) over the items that somebody met. */
static double
log_sum(const struct bases *b, const float *z)
{
	const struct model *m = b->m;
	double most = -INFINITY, sum = 1e-300; /* never 0 */

	for (size_t i = 0; i < m->n_scored; i++)
		if (m->count[m->scored[i]])
			most = fmax(most, (double)z[i]);
	for (size_t i = 0; i < m->n_scored; i++)
		if (m->count[m->scored[i]])
			sum += weights_odds(&m->weights, (double)z[i], most);
	return most + log(sum);
}

static void
add_bases(void *context, size_t chunk, size_t thread)
{
	struct bases *b = context;
	const struct model *m = b->m;
	struct item_factors items = { m->n_scored, m->dim, m->panels };
	size_t from = chunk * VEC_ROWS, n = MIN((size_t)VEC_ROWS, b->n - from);
	float *z = b->z[thread];
	struct met met = { 0 };

	scan_users(&items, m->users, b->users + from, n, z);
	for (size_t r = 0; r < n; r++, z += vec_padded(m->n_scored)) {
		uint32_t user = b->users[from + r];

		met_find(&met, m, b->seen[thread], user);
		for (size_t i = 0; i < met.n; i++)
			z[met.items[i].at] += met.items[i].value;
		b->base[user] = (float)(log(b->lambda[user]) - log_sum(b, z));
	}
	met_release(&met);
}

static void
run(struct bases *b, size_t threads)
{
	b->seen = xcalloc(threads, sizeof *b->seen);
	b->z = xcalloc(threads, sizeof *b->z);
	for (size_t t = 0; t < threads; t++) {
		b->seen[t] = seen_new(&b->m->catalog, &b->m->wanted);
		b->z[t] =
		    xaligned(VEC_ROWS * vec_padded(b->m->n_scored), sizeof(float));
	}
	threads_each(threads, (b->n + VEC_ROWS - 1) / VEC_ROWS, add_bases, b);
	for (size_t t = 0; t < threads; t++) {
		seen_free(b->seen[t]);
		free(b->z[t]);
	}
	free(b->seen);
	free(b->z);
}

int
train_affinity(struct model *m, const struct training *t, struct buf *meta, char **why)
{
	size_t n_users = m->catalog.users.strings.n;
	struct bases b = { .m = m };
	double *lambda;

	if (training_attributes(t, &m->catalog.item_table, why) < 0)
		return -1;
	b.lambda = lambda = activity_expected(&m->catalog, &t->o->wanted, why);
	if (!lambda || train_factors(m, t, meta, why) < 0) {
		free(lambda);
		return -1;
	}
	b.base = catalog_own(&m->catalog, xcalloc(n_users, sizeof *b.base));
	b.users = xcalloc(n_users, sizeof *b.users);
	for (uint32_t u = 0; u < n_users; u++) {
		b.base[u] = (float)log(lambda[u]);
		if (model_user(m, u))
			b.users[b.n++] = u;
	}
	run(&b, MAX(t->o->threads, (size_t)1));
	m->user_base = b.base;
	free(b.users);
	free(lambda);
	return 0;
}
