/*
 * score - the best items for many users at once, exactly.
 *
 * Items pass in stretches that stay in the caches while all queries meet them. Per
 * query there is a running maximum with the sum of exponentials below it (the sum is
 * rescaled when the maximum rises), and a buffer of candidates above the k-th best
 * score so far. Numbers rise during the pass, so an item that only equals the k-th
 * best loses the tie: a candidate must be strictly above. A buffer of 2 k is cut to
 * its k best, which raises the threshold.
 */
#include "score.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "best.h"
#include "bitset.h"
#include "links.h"
#include "met.h"
#include "scan.h"

struct row {
	float most;
	double sum;    /* of weights_odds */
	float damping; /* weights_damping */
	float least;
	size_t n;
	struct candidate *best; /* [cap] */
	struct met met;
	size_t next_met;
	uint64_t next[MODEL_CONTEXTS]; /* of each context's entries */
	/* Of an item that has links beside its vector: those that are left. */
	const uint32_t *link_at;
	const float *link_weight;
	uint64_t n_links;
};

struct scorer {
	const struct model *m;
	size_t k, cap;
	const float *bonus;
	float *packed; /* [SCORE_USERS / VEC_ROWS][dim][VEC_ROWS] */
	float *scores; /* [VEC_ROWS][SCAN_ITEMS] */
	struct row rows[SCORE_USERS];
	float *linked; /* [vec_padded(n_scored)] of models with links */
	struct seen *seen;
	double pairs; /* sum of the popularity counts */
};

struct scorer *
scorer_new(const struct model *m, size_t k, const float *bonus)
{
	struct scorer *s = xcalloc(1, sizeof *s);
	size_t n_items = m->catalog.items.strings.n;

	s->m = m;
	s->bonus = bonus;
	s->k = MIN(k, MAX(n_items, (size_t)1));
	s->cap = 2 * s->k + SCAN_ITEMS;
	s->packed = xaligned(SCORE_USERS * MAX(m->dim, (size_t)1), sizeof *s->packed);
	s->scores = xaligned(VEC_ROWS * SCAN_ITEMS, sizeof *s->scores);
	if (m->links.row)
		s->linked = xaligned(vec_padded(m->n_scored), sizeof *s->linked);
	s->seen = seen_new(&m->catalog, &m->wanted);
	for (size_t r = 0; r < SCORE_USERS; r++)
		s->rows[r].best = xcalloc(s->cap, sizeof *s->rows[r].best);
	for (size_t i = 0; i < n_items; i++)
		s->pairs += (double)m->count[i];
	return s;
}

void
scorer_free(struct scorer *s)
{
	if (!s)
		return;
	for (size_t r = 0; r < SCORE_USERS; r++) {
		free(s->rows[r].best);
		free(s->rows[r].met.items);
	}
	seen_free(s->seen);
	free(s->linked);
	free(s->packed);
	free(s->scores);
	free(s);
}

/* Keep the k best, in any order, and raise the threshold to the worst of them. */
static void
cut(struct row *r, size_t k)
{
	if (r->n < k)
		return;
	best_select(r->best, r->n, k);
	r->n = k;
	r->least = r->best[k - 1].value;
}

static bool
allows(const uint64_t *allowed, uint32_t item)
{
	return !allowed || bitset_has(allowed, item);
}

static void
find_links(struct row *r, const struct model *m, uint32_t item)
{
	const struct links *l = &m->links;
	uint32_t at = item == NONE ? NONE : m->place[item];

	r->n_links = 0;
	if (at == NONE)
		return;
	r->link_at = l->at + l->row[at];
	r->link_weight = l->weight + l->row[at];
	r->n_links = l->row[at + 1] - l->row[at];
}

/* A row to start with: nothing found yet, and what the user has met. */
static void
row_start(struct scorer *s, struct row *r, uint32_t user)
{
	r->n_links = 0;
	r->most = r->least = -INFINITY;
	r->sum = 0;
	r->n = r->next_met = 0;
	r->met.n = 0;
	if (user != NONE)
		met_find(&r->met, s->m, s->seen, user);
}

/* Complete a stretch of scores by what is new, the context, what the user has met. */
static void
complete(const struct scorer *s, struct row *r, const struct score_query *q, float *x,
    size_t first, size_t count)
{
	for (size_t i = 0; s->bonus && i < count; i++)
		x[i] += s->bonus[first + i];
	for (size_t i = 0; i < q->n_contexts; i++)
		context_add(s->m, q->contexts[i], first, count, x, &r->next[i]);
	for (; r->next_met < r->met.n; r->next_met++) {
		const struct met_item *item = &r->met.items[r->next_met];

		if (item->at >= first + count)
			break;
		x[item->at - first] += item->value;
	}
	for (; r->n_links && *r->link_at < first + count; r->n_links--)
		x[*r->link_at++ - first] += *r->link_weight++;
}

/* One stretch of scores of one query. */
static void
take(struct scorer *s, struct row *r, const struct score_query *q, float *x,
    size_t first, size_t count)
{
	const struct vec *v = vec_kernels();
	size_t padded = vec_padded(count), found;
	uint32_t above[SCAN_ITEMS];
	float most;

	complete(s, r, q, x, first, count);
	most = v->max(x, padded);
	if (most > r->most) {
		r->sum *= exp((double)r->most - (double)most);
		r->most = most;
		r->damping = (float)weights_damping(&s->m->weights, (double)most);
	}
	r->sum += v->odds_sum(x, padded, r->most, r->damping);
	found = v->above(x, padded, r->least, above);
	/* Without a branch: what a filter says of the next item is anybody's guess. */
	for (size_t i = 0; i < found; i++) {
		uint32_t at = (uint32_t)first + above[i];

		r->best[r->n] = (struct candidate){ x[above[i]], at };
		r->n += allows(q->allowed, s->m->scored[at]);
	}
	/* Soon at first, so that the threshold is worth something; then seldom. */
	if (r->n >= 2 * s->k)
		cut(r, s->k);
}

static void
finish(struct scorer *s, struct row *r, struct score_query *q)
{
	cut(r, s->k);
	best_sort(r->best, r->n);
	q->n = r->n;
	for (size_t i = 0; i < r->n; i++) {
		double score = weights_odds(&s->m->weights, (double)r->best[i].value,
				   (double)r->most) /
			       r->sum;

		q->items[i] = (struct scored_item){ s->m->scored[r->best[i].at],
			r->best[i].value, score >= 0 && score <= 1 ? score : 0 };
	}
}

/* For whom nothing is known: each item by its share of all pairs. */
static void
popular(const struct scorer *s, struct score_query *q)
{
	const struct model *m = s->m;

	q->n = 0;
	q->popular = true;
	for (size_t i = 0; i < m->catalog.items.strings.n && q->n < s->k; i++) {
		uint32_t item = m->popular[i];

		if (!m->count[item])
			break;
		if (allows(q->allowed, item))
			q->items[q->n++] =
			    (struct scored_item){ item, (float)m->count[item],
				    (double)m->count[item] / s->pairs };
	}
}

/* By links. false: nothing that was met is linked. */
static bool
linked(struct scorer *s, struct score_query *q)
{
	const struct model *m = s->m;
	struct row *r = &s->rows[0];
	bool knows;

	if (!m->links.row)
		return false;
	if (q->item != NONE)
		knows = links_item(m, q->item, s->linked);
	else
		knows = links_user(m, s->seen, q->user, s->linked);
	if (!knows && !q->n_contexts)
		return false;
	for (size_t i = m->n_scored; i < vec_padded(m->n_scored); i++)
		s->linked[i] = -INFINITY;
	row_start(s, r, q->user);
	for (size_t first = 0; first < m->n_scored; first += SCAN_ITEMS)
		take(s, r, q, s->linked + first, first,
		    MIN((size_t)SCAN_ITEMS, m->n_scored - first));
	finish(s, r, q);
	return true;
}

/* The queries with vectors, VEC_ROWS of them side by side. */
static void
pack(struct scorer *s, struct score_query *const *known, size_t n)
{
	const float *users[VEC_ROWS];

	for (size_t g = 0; g < n; g += VEC_ROWS) {
		size_t rows = MIN((size_t)VEC_ROWS, n - g);

		for (size_t r = 0; r < rows; r++)
			users[r] = known[g + r]->vector;
		scan_pack(s->packed + g * s->m->dim, users, rows, s->m->dim);
	}
}

void
score_users(struct scorer *s, struct score_query *queries, size_t n)
{
	const struct model *m = s->m;
	struct item_factors items = { m->n_scored, m->dim, m->panels };
	struct score_query *known[SCORE_USERS];
	size_t n_known = 0;

	for (size_t i = 0; i < n; i++) {
		queries[i].popular = false;
		if (queries[i].vector)
			known[n_known++] = &queries[i];
		else if (!linked(s, &queries[i]))
			popular(s, &queries[i]);
	}
	pack(s, known, n_known);
	for (size_t r = 0; r < n_known; r++) {
		row_start(s, &s->rows[r], known[r]->user);
		if (m->links.row)
			find_links(&s->rows[r], m, known[r]->item);
	}
	for (size_t first = 0; first < m->n_scored; first += SCAN_ITEMS)
		for (size_t g = 0; g < n_known; g += VEC_ROWS) {
			size_t rows = MIN((size_t)VEC_ROWS, n_known - g);
			size_t count = scan_scores(
			    &items, s->packed + g * m->dim, rows, first, s->scores);

			for (size_t r = 0; r < rows; r++)
				take(s, &s->rows[g + r], known[g + r],
				    s->scores + r * SCAN_ITEMS, first, count);
		}
	for (size_t r = 0; r < n_known; r++)
		finish(s, &s->rows[r], known[r]);
}
