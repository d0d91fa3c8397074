/* measure - metrics by their definitions. */
#include "measure.h"

#include <math.h>
#include <stdlib.h>

#include "check.h"
#include "world.h"

/* As exponentials, whatever has been met. */
static const struct weights plain = { { [SATURATION] = -1000 } };

static struct metrics
world_measure(const struct world *w, size_t threads)
{
	struct metrics m;

	measure(&m, &w->e, &plain, threads);
	return m;
}

static bool
holds(const uint32_t *x, uint64_t from, uint64_t to, uint32_t item)
{
	for (uint64_t i = from; i < to; i++)
		if (x[i] == item)
			return true;
	return false;
}

struct place {
	double value;
	uint32_t item;
};

static int
best_first(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->value != y->value)
		return x->value < y->value ? 1 : -1;
	return (x->item > y->item) - (x->item < y->item);
}

/* One user's metrics at k from a full sort. 0: no truth that was new. */
static int
user_metrics(const struct world *w, size_t u, size_t k, double *ndcg, double *precision,
    double *rr)
{
	struct place all[ITEMS];
	struct seen_item seen;
	size_t n = 0, truth = 0, hits = 0;
	double dcg = 0, ideal = 0;

	for (uint32_t i = 0; i < ITEMS; i++) {
		if (world_met(w, (uint32_t)u, i, &seen))
			continue;
		truth += holds(w->h.item, w->h.event[u], w->h.event[u + 1], i);
		all[n++] = (struct place){ (double)vec_dot(w->users + u * DIM,
					       w->rows + i * DIM, 1, DIM),
			i };
	}
	qsort(all, n, sizeof *all, best_first);
	*rr = 0;
	for (size_t i = 0; i < k; i++) {
		if (holds(w->h.item, w->h.event[u], w->h.event[u + 1], all[i].item)) {
			dcg += 1 / log2((double)i + 2);
			if (!hits++)
				*rr = 1 / ((double)i + 1);
		}
		if (i < truth)
			ideal += 1 / log2((double)i + 2);
	}
	*ndcg = truth ? dcg / ideal : 0;
	*precision = (double)hits / (double)k;
	return truth > 0;
}

static bool
near(double a, double b)
{
	return fabs(a - b) < 1e-12;
}

static void
metrics_equal_a_full_sort(void)
{
	struct world w;
	struct metrics m, threaded;
	double ndcg[3] = { 0 }, precision[3] = { 0 }, rr[3] = { 0 }, a, b, c;
	static const size_t at[3] = { 5, 10, 25 };
	size_t users = 0;

	world_random(&w);
	m = world_measure(&w, 1);
	for (size_t u = 0; u < USERS; u++)
		for (size_t k = 0; k < 3; k++) {
			int counts = user_metrics(&w, u, at[k], &a, &b, &c);

			users += counts && !k;
			ndcg[k] += counts ? a : 0;
			precision[k] += counts ? b : 0;
			rr[k] += counts ? c : 0;
		}
	CHECK(users > USERS / 2 && m.users == users);
	CHECK(near(m.ndcg5, ndcg[0] / (double)users));
	CHECK(near(m.ndcg10, ndcg[1] / (double)users));
	CHECK(near(m.ndcg25, ndcg[2] / (double)users));
	CHECK(near(m.precision5, precision[0] / (double)users));
	CHECK(near(m.precision10, precision[1] / (double)users));
	CHECK(near(m.precision25, precision[2] / (double)users));
	CHECK(near(m.mrr25, rr[2] / (double)users));
	threaded = world_measure(&w, 3);
	CHECK(m.nll == threaded.nll &&
	      m.calibration_error == threaded.calibration_error &&
	      m.ndcg25 == threaded.ndcg25);
	world_release(&w);
}

/* One user to whom item 0 comes first, then 1, and so on; hits at ranks 2 and 5. */
static void
hits_at_ranks_two_and_five(void)
{
	struct world w;
	struct metrics m;

	world_init(&w);
	w.users[0] = 1;
	for (size_t i = 0; i < ITEMS; i++)
		w.rows[i * DIM] = (float)(ITEMS - i);
	world_user(&w, 0, 2, (const uint32_t[]){ 1, 4 }, 2);
	world_ready(&w);
	m = world_measure(&w, 1);
	CHECK(fabs(m.ndcg5 - 0.62405) < 5e-6);
	CHECK(near(m.precision5, 0.4));
	CHECK(near(m.mrr25, 0.5));
	CHECK(near(m.coverage, 25.0 / ITEMS));
	world_release(&w);
}

/* A model that says the same of all items, asked about events that are even. */
static void
a_uniform_model_is_calibrated(void)
{
	struct world w;
	struct metrics m;

	world_random(&w);
	for (size_t i = 0; i < USERS * DIM; i++)
		w.users[i] = 0;
	m = world_measure(&w, 1);
	CHECK(fabs(m.nll - log(ITEMS)) < 1e-6);
	CHECK(m.calibration_error < 1e-9);
	world_release(&w);
}

/* Term by term, with weights of every kind. */
static void
likelihood_is_its_definition(void)
{
	static const struct weights w = { { [SEEN] = -1,
	    [TIMES] = 0.7,
	    [AGE] = -0.2,
	    [LAST] = 0.4,
	    [SATURATION] = -0.5 } };
	struct world world;
	struct metrics m;
	double nll = 0;

	world_random(&world);
	measure(&m, &world.e, &w, 1);
	for (uint32_t u = 0; u < USERS; u++) {
		double odds[ITEMS], sum = 0;

		for (uint32_t i = 0; i < ITEMS; i++) {
			struct seen_item s;
			double z = world_dot(&world, u, i);

			if (world_met(&world, u, i, &s))
				z += weights_seen(&w, &s);
			sum += odds[i] = exp(z) / (1 + exp(z + w.of[SATURATION]));
		}
		for (uint64_t e = world.h.event[u]; e < world.h.event[u + 1]; e++)
			nll -= log(odds[world.h.item[e]] / sum);
	}
	CHECK(m.events == world.h.event[USERS] && m.unscored == 0);
	CHECK(fabs(m.nll - nll / (double)m.events) < 1e-5);
	world_release(&world);
}

int
main(void)
{
	likelihood_is_its_definition();
	metrics_equal_a_full_sort();
	hits_at_ranks_two_and_five();
	a_uniform_model_is_calibrated();
	return check_end();
}
