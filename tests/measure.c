/* measure - metrics by their definitions, the scale at the likelihood's maximum. */
#include "measure.h"

#include <math.h>
#include <stdlib.h>

#include "check.h"
#include "random.h"

enum { ITEMS = 90, USERS = 40, DIM = VEC_COLS };

/* Users with one to three held-out events each, and a matrix of what they knew. */
struct world {
	struct holdout h;
	struct matrix known;
	struct item_factors items;
	uint32_t number[ITEMS], counts[ITEMS];
	float *rows, *panels, *users;
};

static void
world_init(struct world *w)
{
	*w = (struct world){ 0 };
	w->rows = xcalloc(ITEMS * DIM, sizeof *w->rows);
	w->users = xcalloc(USERS * DIM, sizeof *w->users);
	w->panels = xaligned(vec_padded(ITEMS) * DIM, sizeof *w->panels);
	w->known = (struct matrix){ USERS, ITEMS, xcalloc(USERS + 1, sizeof(uint64_t)),
		xcalloc(USERS * ITEMS, sizeof(uint32_t)) };
	w->h.user = xcalloc(USERS, sizeof *w->h.user);
	w->h.skip = xcalloc(USERS, sizeof *w->h.skip);
	w->h.event = xcalloc(USERS + 1, sizeof *w->h.event);
	w->h.item = xcalloc(3 * USERS, sizeof *w->h.item);
	for (uint32_t i = 0; i < ITEMS; i++) {
		w->number[i] = i;
		w->counts[i] = 1 + i % 7;
	}
}

static void
world_release(struct world *w)
{
	holdout_release(&w->h);
	matrix_release(&w->known);
	free(w->rows);
	free(w->panels);
	free(w->users);
}

static void
world_ready(struct world *w)
{
	scan_panels(w->panels, w->rows, NULL, ITEMS, DIM);
	w->items = (struct item_factors){ ITEMS, DIM, w->panels };
}

static struct metrics
world_measure(const struct world *w, size_t threads)
{
	struct metrics m;

	measure(
	    &m, &w->h, &w->items, w->number, w->users, &w->known, w->counts, threads);
	return m;
}

static float
random_value(void)
{
	return (float)random_below(1001) / 500 - 1;
}

static void
random_world(struct world *w)
{
	uint64_t n = 0;

	world_init(w);
	for (size_t i = 0; i < ITEMS * DIM; i++)
		w->rows[i] = random_value() / 4;
	for (size_t i = 0; i < USERS * DIM; i++)
		w->users[i] = random_value();
	for (uint32_t u = 0; u < USERS; u++) {
		w->known.row[u + 1] = w->known.row[u];
		for (uint32_t i = 0; i < ITEMS; i++)
			if (one_in(6))
				w->known.col[w->known.row[u + 1]++] = i;
		w->h.user[u] = u;
		for (uint64_t k = 1 + random_below(3); k; k--)
			w->h.item[n++] = (uint32_t)random_below(ITEMS);
		w->h.event[u + 1] = n;
	}
	w->h.n_users = USERS;
	world_ready(w);
}

static double
dot(const struct world *w, size_t user, size_t item)
{
	double sum = 0;

	for (size_t d = 0; d < DIM; d++)
		sum +=
		    (double)w->users[user * DIM + d] * (double)w->rows[item * DIM + d];
	return sum;
}

/* The mean negative log-likelihood of the events, term by term. */
static double
likelihood(const struct world *w, double scale)
{
	double total = 0;

	for (size_t u = 0; u < USERS; u++)
		for (uint64_t e = w->h.event[u]; e < w->h.event[u + 1]; e++) {
			double sum = 0;

			for (size_t i = 0; i < ITEMS; i++)
				sum += exp(scale * dot(w, u, i));
			total += log(sum) - scale * dot(w, u, w->h.item[e]);
		}
	return total / (double)w->h.event[USERS];
}

static void
scale_is_at_the_maximum_of_the_likelihood(void)
{
	struct world w;
	struct metrics m;
	double least;

	random_world(&w);
	/* Let events follow the scores, or the best scale would be the least one. */
	for (uint64_t e = 0, u = 0; e < w.h.event[USERS]; e++) {
		uint32_t best = 0;

		u += e >= w.h.event[u + 1];
		for (int i = 0; i < 5; i++) {
			uint32_t other = (uint32_t)random_below(ITEMS);

			best = dot(&w, u, other) > dot(&w, u, best) ? other : best;
		}
		w.h.item[e] = best;
	}
	m = world_measure(&w, 1);
	least = likelihood(&w, m.scale);
	CHECK(m.scale > 0.1 && m.scale < 100);
	CHECK(fabs(m.nll - least) < 1e-5);
	CHECK(likelihood(&w, m.scale * 1.001) > least);
	CHECK(likelihood(&w, m.scale * 0.999) > least);
	CHECK(m.events == w.h.event[USERS] && m.unscored == 0);
	world_release(&w);
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
	size_t n = 0, truth = 0, hits = 0;
	double dcg = 0, ideal = 0;

	for (uint32_t i = 0; i < ITEMS; i++) {
		if (matrix_has(&w->known, u, i))
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

	random_world(&w);
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
	CHECK(m.scale == threaded.scale && m.nll == threaded.nll &&
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
	w.h.n_users = 1;
	w.h.item[0] = 1;
	w.h.item[1] = 4;
	w.h.event[1] = 2;
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

	random_world(&w);
	for (size_t i = 0; i < USERS * DIM; i++)
		w.users[i] = 0;
	m = world_measure(&w, 1);
	CHECK(fabs(m.nll - log(ITEMS)) < 1e-6);
	CHECK(m.calibration_error < 1e-9);
	world_release(&w);
}

int
main(void)
{
	scale_is_at_the_maximum_of_the_likelihood();
	metrics_equal_a_full_sort();
	hits_at_ranks_two_and_five();
	a_uniform_model_is_calibrated();
	return check_end();
}
