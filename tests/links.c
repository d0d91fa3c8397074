/*
 * links - recommendations and rankings by links equal their definition.
 *
 * Weights are eighths, so that sums are exact in any order.
 */
#include "links.h"

#include <math.h>
#include <stdlib.h>

#include "check.h"
#include "random_model.h"
#include "rank.h"
#include "score.h"

/* The random model with links instead of factors, and a taste of 1. */
static struct model *
linked_model(void)
{
	struct model *m = random_model();
	uint64_t *row = xcalloc(m->n_scored + 1, sizeof *row);
	uint32_t *at = xcalloc(20 * m->n_scored, sizeof *at);
	float *weight = xcalloc(20 * m->n_scored, sizeof *weight);
	float *own = xcalloc(m->n_scored, sizeof *own);

	for (size_t i = 0; i < m->n_scored; i++) {
		uint64_t n = row[i];

		for (uint32_t j = (uint32_t)random_below(100); j < m->n_scored;
		     j += 1 + (uint32_t)random_below(200)) {
			if (n - row[i] == 20)
				break;
			at[n] = j;
			weight[n++] = random_value();
		}
		row[i + 1] = n;
		own[i] = random_value();
	}
	m->dim = 0;
	m->n_user_rows = 0;
	m->users = m->panels = NULL;
	m->weights.of[TASTE] = 1;
	m->weights.of[SEEN] = m->weights.of[TIMES] = m->weights.of[AGE] = 0;
	m->links = (struct links){ catalog_own(&m->catalog, row),
		catalog_own(&m->catalog, at), catalog_own(&m->catalog, weight), NULL,
		catalog_own(&m->catalog, own), 0, 0 };
	return m;
}

static double
link_of(const struct links *l, uint32_t i, uint32_t j)
{
	for (uint64_t k = l->row[i]; k < l->row[i + 1]; k++)
		if (l->at[k] == j)
			return (double)l->weight[k];
	return 0;
}

/* z of the scored item at j, for what has been met. false: nothing was scored. */
static bool
z_of(const struct model *m, const uint32_t *met, size_t n, uint32_t j, double *z)
{
	bool any = false;

	*z = (double)m->links.own[j];
	for (size_t i = 0; i < n; i++) {
		bool again = m->place[met[i]] == NONE;

		for (size_t k = 0; k < i; k++)
			again |= met[k] == met[i];
		if (again)
			continue;
		*z += link_of(&m->links, m->place[met[i]], j);
		any = true;
	}
	return any;
}

static void
right_for_a_user(const struct model *m, struct scorer *s, struct ranker *r, uint32_t u)
{
	const struct history *h = &m->catalog.history;
	const uint32_t *met = h->item + h->offset[u];
	size_t n = h->offset[u + 1] - h->offset[u], k = m->n_scored;
	struct score_query q = {
		.user = u, .item = NONE, .items = xcalloc(ITEMS, sizeof *q.items)
	};
	struct ranked *ranked = xcalloc(k, sizeof *ranked);
	double *z = xcalloc(k, sizeof *z), sum = 0;
	bool known = n > 0, right = true;

	for (uint32_t j = 0; j < k; j++) {
		known = z_of(m, met, n, j, &z[j]);
		z[j] += (double)random_model_met(m, u, m->scored[j]);
		sum += exp(z[j]) / (1 + exp(z[j] + m->weights.of[SATURATION]));
	}
	score_users(s, &q, 1);
	rank_items(r, NULL, u, NULL, 0, m->scored, k, ranked);
	CHECK(known || q.items[0].item == m->popular[0]);
	CHECK(!known || q.n == k);
	for (size_t i = 0; known && i < k; i++) {
		size_t j = m->place[q.items[i].item];
		double score =
		    exp(z[j]) / (1 + exp(z[j] + m->weights.of[SATURATION])) / sum;

		right = right && (double)q.items[i].z == z[j] &&
			fabs(q.items[i].score / score - 1) < 1e-5;
		if (i)
			right =
			    right && (q.items[i - 1].z > q.items[i].z ||
					 (q.items[i - 1].z == q.items[i].z &&
					     q.items[i - 1].item < q.items[i].item));
		if (i && m->count[m->scored[ranked[i].at]])
			right = right && z[ranked[i - 1].at] >= z[ranked[i].at] &&
				ranked[i].z == z[ranked[i].at];
	}
	CHECK(right);
	free(q.items);
	free(ranked);
	free(z);
}

static void
users_get_what_is_linked_to_their_history(const struct model *m)
{
	struct scorer *s = scorer_new(m, NULL, ITEMS, NULL);
	struct ranker *r = ranker_new(m);

	for (uint32_t u = 0; u < 40; u++)
		right_for_a_user(m, s, r, u);
	scorer_free(s);
	ranker_free(r);
}

static void
items_are_asked_for_as_if_they_were_a_history(const struct model *m)
{
	struct scorer *s = scorer_new(m, NULL, 10, NULL);
	struct scored_item items[10];
	bool right = true;

	for (uint32_t i = 1; i < 40; i++) {
		struct score_query q = { .user = NONE, .item = i, .items = items };
		double z;

		score_users(s, &q, 1);
		CHECK(q.n == 10);
		if (m->place[i] == NONE) {
			right = right && items[0].item == m->popular[0];
			continue;
		}
		for (size_t k = 0; k < q.n; k++) {
			z_of(m, &i, 1, m->place[items[k].item], &z);
			right = right && (double)items[k].z == z && items[k].score == 0;
		}
		for (uint32_t j = 0; j < m->n_scored; j++) {
			z_of(m, &i, 1, j, &z);
			for (size_t k = 0; k < q.n; k++)
				z = items[k].item == m->scored[j] ? -INFINITY : z;
			right = right && z <= (double)items[9].z;
		}
	}
	CHECK(right);
	scorer_free(s);
}

/* The newest count most, and only what is scored makes the others older. */
static void
what_was_met_fades(struct model *m)
{
	struct seen_item met[40] = { { 0, 1, 1, 1 } };
	float *z = xcalloc(m->n_scored, sizeof *z);
	double worst = 0;
	size_t n = 0;

	for (uint32_t i = 0; n < 40; i++)
		met[n++] = (struct seen_item){ i, 1, (uint32_t)n, 0.5f };
	m->links.decay = 2;
	CHECK(links_scan(&m->links, m->n_scored, m->place, met, n, 3, z));
	for (uint32_t j = 0; j < m->n_scored; j++) {
		double is = (double)m->links.own[j], fade = 1;

		for (size_t i = 0; i < n; i++) {
			if (m->place[i] == NONE)
				continue;
			is += 3 * 0.5 * fade * link_of(&m->links, m->place[i], j);
			fade /= exp(0.5);
		}
		worst = fmax(worst, fabs((double)z[j] - is));
	}
	CHECK(worst < 1e-5);
	met[0].item = 0; /* which is not scored */
	CHECK(!links_scan(&m->links, m->n_scored, m->place, met, 1, 3, z));
	CHECK(z[5] == m->links.own[5]);
	m->links.decay = 0;
	free(z);
}

/* Sums become logarithms, before the rate, what everybody meets and what an item adds.
 */
static void
sums_are_bent(struct model *m)
{
	struct seen_item met[3] = { { 1, 1, 1, 1 }, { 2, 1, 2, 0.5f }, { 3, 1, 3, 1 } };
	float *z = xcalloc(m->n_scored, sizeof *z);
	float *base = xcalloc(m->n_scored, sizeof *base);
	size_t above = 0, below = 0;
	double worst = 0;

	for (uint32_t j = 0; j < m->n_scored; j++)
		base[j] = 40 * random_value();
	m->links.bend = 0.25;
	m->links.base = base;
	CHECK(links_scan(&m->links, m->n_scored, m->place, met, 3, 3, z));
	for (uint32_t j = 0; j < m->n_scored; j++) {
		double sum = 0, taste, most, is;

		for (size_t i = 0; i < 3; i++)
			if (m->place[met[i].item] != NONE)
				sum += (double)met[i].weight *
				       link_of(&m->links, m->place[met[i].item], j);
		taste = sum < 0 ? -3 * log(1 - 4 * sum) / 8 : 3 * log(1 + 4 * sum);
		most = fmax(taste, (double)base[j]);
		is = (double)m->links.own[j] + most +
		     log(exp(taste - most) + exp((double)base[j] - most));
		worst = fmax(worst, fabs((double)z[j] - is));
		above += sum > 0;
		below += sum < 0;
	}
	CHECK(worst < 1e-5 && above && below);
	m->links.bend = 0;
	m->links.base = NULL;
	free(base);
	free(z);
}

int
main(void)
{
	struct model *m = linked_model();

	users_get_what_is_linked_to_their_history(m);
	items_are_asked_for_as_if_they_were_a_history(m);
	what_was_met_fades(m);
	sums_are_bent(m);
	model_close(m);
	return check_end();
}
