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

#include "bitset.h"
#include "scan.h"

struct candidate {
	float value;
	uint32_t at; /* position among the scored items */
};

/* What having met an item adds to its score. */
struct offset {
	uint32_t at; /* position among the scored items */
	float value;
};

struct row {
	float most;
	double sum;    /* of weights_odds */
	float damping; /* weights_damping */
	float least;
	size_t n;
	struct candidate *best; /* [cap] */
	struct offset *met;     /* by rising position */
	size_t n_met, next_met, cap_met;
};

struct scorer {
	const struct model *m;
	size_t k, cap;
	float *packed; /* [SCORE_USERS / VEC_ROWS][dim][VEC_ROWS] */
	float *scores; /* [VEC_ROWS][SCAN_ITEMS] */
	struct row rows[SCORE_USERS];
	struct seen *seen;
	double pairs; /* sum of the popularity counts */
};

struct scorer *
scorer_new(const struct model *m, size_t k)
{
	struct scorer *s = xcalloc(1, sizeof *s);
	size_t n_items = m->catalog.items.strings.n;

	s->m = m;
	s->k = MIN(k, MAX(n_items, (size_t)1));
	s->cap = 2 * s->k + SCAN_ITEMS;
	s->packed = xaligned(SCORE_USERS * MAX(m->dim, (size_t)1), sizeof *s->packed);
	s->scores = xaligned(VEC_ROWS * SCAN_ITEMS, sizeof *s->scores);
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
		free(s->rows[r].met);
	}
	seen_free(s->seen);
	free(s->packed);
	free(s->scores);
	free(s);
}

static int
best_first(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	if (x->value != y->value)
		return x->value < y->value ? 1 : -1;
	return (x->at > y->at) - (x->at < y->at);
}

static void
swap(struct candidate *x, struct candidate *y)
{
	struct candidate t = *x;

	*x = *y;
	*y = t;
}

/*
 * Bring the k best of n to the front, the k-th at its place (Hoare's selection, median
 * of three). Sorting them all for every cut took most of the time of short lists.
 */
static void
select_best(struct candidate *c, size_t n, size_t k)
{
	size_t from = 0, to = n - 1, i, j;

	while (from < to) {
		size_t middle = from + (to - from) / 2;
		struct candidate pivot;

		if (best_first(&c[middle], &c[from]) < 0)
			swap(&c[middle], &c[from]);
		if (best_first(&c[to], &c[from]) < 0)
			swap(&c[to], &c[from]);
		if (best_first(&c[to], &c[middle]) < 0)
			swap(&c[to], &c[middle]);
		pivot = c[middle];
		for (i = from, j = to; i <= j;) {
			while (best_first(&c[i], &pivot) < 0)
				i++;
			while (best_first(&pivot, &c[j]) < 0)
				j--;
			if (i > j)
				break;
			swap(&c[i++], &c[j]);
			if (!j--)
				break;
		}
		if (k - 1 >= i)
			from = i;
		else if (j != SIZE_MAX && k - 1 <= j)
			to = j;
		else
			return;
	}
}

/* Keep the k best, in any order, and raise the threshold to the worst of them. */
static void
cut(struct row *r, size_t k)
{
	if (r->n < k)
		return;
	select_best(r->best, r->n, k);
	r->n = k;
	r->least = r->best[k - 1].value;
}

static bool
allows(const uint64_t *allowed, uint32_t item)
{
	return !allowed || bitset_has(allowed, item);
}

static int
by_position(const void *a, const void *b)
{
	const struct offset *x = a, *y = b;

	return (x->at > y->at) - (x->at < y->at);
}

/* A row to start with: nothing found yet, and what the user has met. */
static void
row_start(struct scorer *s, struct row *r, uint32_t user)
{
	const struct model *m = s->m;
	const struct seen_item *seen;
	size_t n = seen_of(s->seen, user, 0, &seen);

	r->most = r->least = -INFINITY;
	r->sum = 0;
	r->n = r->n_met = r->next_met = 0;
	if (n > r->cap_met) {
		r->cap_met = n;
		r->met = xrealloc(r->met, n, sizeof *r->met);
	}
	for (size_t i = 0; i < n; i++)
		if (m->place[seen[i].item] != NONE)
			r->met[r->n_met++] = (struct offset){ m->place[seen[i].item],
				(float)weights_seen(&m->weights, &seen[i]) };
	qsort(r->met, r->n_met, sizeof *r->met, by_position);
}

/* Complete a stretch of scores by what the user has met. */
static void
add_met(struct row *r, float *x, size_t first, size_t count)
{
	for (; r->next_met < r->n_met && r->met[r->next_met].at < first + count;
	     r->next_met++)
		x[r->met[r->next_met].at - first] += r->met[r->next_met].value;
}

/* One stretch of scores of one query. */
static void
take(struct scorer *s, struct row *r, const uint64_t *allowed, float *x, size_t first,
    size_t count)
{
	const struct vec *v = vec_kernels();
	size_t padded = vec_padded(count), found;
	uint32_t above[SCAN_ITEMS];
	float most;

	add_met(r, x, first, count);
	most = v->max(x, padded);
	if (most > r->most) {
		r->sum *= exp((double)r->most - (double)most);
		r->most = most;
		r->damping = (float)weights_damping(&s->m->weights, (double)most);
	}
	r->sum += v->odds_sum(x, padded, r->most, r->damping);
	found = v->above(x, padded, r->least, above);
	for (size_t i = 0; i < found; i++) {
		uint32_t at = (uint32_t)first + above[i];

		if (allows(allowed, s->m->scored[at]))
			r->best[r->n++] = (struct candidate){ x[above[i]], at };
	}
	/* Soon at first, so that the threshold is worth something; then seldom. */
	if (r->n >= 2 * s->k)
		cut(r, s->k);
}

static void
finish(struct scorer *s, struct row *r, struct score_query *q)
{
	cut(r, s->k);
	qsort(r->best, r->n, sizeof *r->best, best_first);
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

/* The queries with vectors, VEC_ROWS of them side by side. */
static void
pack(struct scorer *s, struct score_query *const *known, size_t n)
{
	const float *users[VEC_ROWS];

	for (size_t g = 0; g < n; g += VEC_ROWS) {
		size_t rows = MIN((size_t)VEC_ROWS, n - g);

		for (size_t r = 0; r < rows; r++)
			users[r] = s->m->users + known[g + r]->user * s->m->dim;
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
		if (model_knows_user(m, queries[i].user))
			known[n_known++] = &queries[i];
		else
			popular(s, &queries[i]);
	}
	pack(s, known, n_known);
	for (size_t r = 0; r < n_known; r++)
		row_start(s, &s->rows[r], known[r]->user);
	for (size_t first = 0; first < m->n_scored; first += SCAN_ITEMS)
		for (size_t g = 0; g < n_known; g += VEC_ROWS) {
			size_t rows = MIN((size_t)VEC_ROWS, n_known - g);
			size_t count = scan_scores(
			    &items, s->packed + g * m->dim, rows, first, s->scores);

			for (size_t r = 0; r < rows; r++)
				take(s, &s->rows[g + r], known[g + r]->allowed,
				    s->scores + r * SCAN_ITEMS, first, count);
		}
	for (size_t r = 0; r < n_known; r++)
		finish(s, &s->rows[r], known[r]);
}
