/*
 * score - the best items for many users at once, exactly.
 *
 * Items pass in stretches that stay in the caches while all queries meet them, as
 * products of whole numbers that are wrong by a known bound (coarse.h). What may be
 * among the k best, or weighs much in the sum of all, is then worked out exactly
 * (shortlist.h, score_row.h); the rest of the sum takes the products as they are.
 *
 * Queries whose numbers are too great for that, and those answered by links alone, are
 * scanned exactly from the start.
 */
#include "score.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bitset.h"
#include "links.h"
#include "score_row.h"

struct scorer {
	struct score_base base;
	struct coarse *coarse; /* if nobody else has it */
	int16_t *groups;       /* of dot16.h, side by side */
	int32_t *products;     /* [DOT16_ROWS][COARSE_STRIDE] */
	float *packed;         /* [VEC_ROWS][dim] */
	float *scores;         /* [VEC_ROWS][SCAN_ITEMS] */
	float *linked;         /* [vec_padded(n_scored)] of models with links */
	struct seen *seen;
	double pairs; /* sum of the popularity counts */
	struct score_room room;
	struct score_row rows[SCORE_USERS];
};

struct coarse *
score_prepare(const struct model *m, size_t threads)
{
	struct item_factors items = { m->n_scored, m->dim, m->panels };

	return m->dim && m->n_scored ? coarse_new(&items, m->factors, threads) : NULL;
}

struct scorer *
scorer_new(
    const struct model *m, const struct coarse *coarse, size_t k, const float *bonus)
{
	struct scorer *s = xcalloc(1, sizeof *s);
	size_t n_items = m->catalog.items.strings.n;

	if (!coarse)
		coarse = s->coarse = score_prepare(m, 1);
	s->base = (struct score_base){ m, coarse, bonus,
		MIN(k, MAX(n_items, (size_t)1)), true, score_most_added(m, bonus) };
	if (coarse) {
		s->groups = xaligned(
		    (SCORE_USERS + DOT16_ROWS) * 2 * coarse->dim, sizeof *s->groups);
		s->products = xaligned(DOT16_ROWS * COARSE_STRIDE, sizeof *s->products);
	}
	s->packed = xaligned(VEC_ROWS * MAX(m->dim, (size_t)1), sizeof *s->packed);
	s->scores = xaligned(VEC_ROWS * SCAN_ITEMS, sizeof *s->scores);
	if (m->links.row)
		s->linked = xaligned(vec_padded(m->n_scored), sizeof *s->linked);
	s->seen = seen_new(&m->catalog, &m->wanted);
	for (size_t i = 0; i < n_items; i++)
		s->pairs += (double)m->count[i];
	return s;
}

void
scorer_free(struct scorer *s)
{
	if (!s)
		return;
	for (size_t r = 0; r < SCORE_USERS; r++)
		score_row_release(&s->rows[r]);
	score_room_release(&s->room);
	coarse_free(s->coarse);
	seen_free(s->seen);
	free(s->groups);
	free(s->products);
	free(s->linked);
	free(s->packed);
	free(s->scores);
	free(s);
}

/* For whom nothing is known: each item by its share of all pairs. */
static void
popular(const struct scorer *s, struct score_query *q)
{
	const struct model *m = s->base.m;

	q->n = 0;
	q->popular = true;
	for (size_t i = 0; i < m->catalog.items.strings.n && q->n < s->base.k; i++) {
		uint32_t item = m->popular[i];

		if (!m->count[item])
			break;
		if (!q->allowed || bitset_has(q->allowed, item))
			q->items[q->n++] =
			    (struct scored_item){ item, (float)m->count[item],
				    (double)m->count[item] / s->pairs };
	}
}

/* By links. false: nothing that was met is linked. */
static bool
linked(struct scorer *s, struct score_query *q)
{
	const struct model *m = s->base.m;
	struct score_row *r = &s->rows[0];
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
	score_row_start(r, &s->base, q, s->seen, NULL, 0);
	for (size_t first = 0; first < m->n_scored; first += SCAN_ITEMS) {
		size_t count = MIN((size_t)SCAN_ITEMS, m->n_scored - first);
		float *x = s->linked + first;

		score_row_take(r, &s->base, q, x, first, count,
		    vec_kernels()->max(x, vec_padded(count)));
	}
	score_row_close(r);
	score_row_finish(r, &s->base, q, &s->room);
	return true;
}

/* Exactly from the start: up to VEC_ROWS queries with vectors. */
static void
scan_exactly(struct scorer *s, struct score_query *const *queries, size_t n)
{
	const struct model *m = s->base.m;
	struct item_factors items = { m->n_scored, m->dim, m->panels };
	const float *users[VEC_ROWS];

	for (size_t r = 0; r < n; r++) {
		users[r] = queries[r]->vector;
		score_row_start(&s->rows[r], &s->base, queries[r], s->seen, NULL, 0);
	}
	scan_pack(s->packed, users, n, m->dim);
	for (size_t first = 0; first < m->n_scored; first += SCAN_ITEMS) {
		size_t count = scan_scores(&items, s->packed, n, first, s->scores);

		for (size_t r = 0; r < n; r++) {
			float *x = s->scores + r * SCAN_ITEMS;

			score_row_take(&s->rows[r], &s->base, queries[r], x, first,
			    count, vec_kernels()->max(x, vec_padded(count)));
		}
	}
	for (size_t r = 0; r < n; r++) {
		score_row_close(&s->rows[r]);
		score_row_finish(&s->rows[r], &s->base, queries[r], &s->room);
	}
}

static int16_t *
group_of(const struct scorer *s, size_t row)
{
	size_t rows = vec_kernels()->dot16->rows;

	return s->groups + row / rows * DOT16_ROWS * s->base.coarse->dim;
}

/*
 * Start those of the queries that can be scanned coarsely; they come first then. How
 * many.
 */
static size_t
start(struct scorer *s, struct score_query **queries, size_t n)
{
	size_t rows = vec_kernels()->dot16->rows, n_coarse = 0, n_exact = 0;
	struct score_query *exact[SCORE_USERS] = { 0 };

	memset(s->groups, 0,
	    (n / rows + 1) * DOT16_ROWS * s->base.coarse->dim * sizeof *s->groups);
	for (size_t i = 0; i < n; i++)
		if (score_row_start(&s->rows[n_coarse], &s->base, queries[i], s->seen,
			group_of(s, n_coarse), n_coarse % rows))
			queries[n_coarse++] = queries[i];
		else
			exact[n_exact++] = queries[i];
	for (size_t i = 0; i < n_exact; i++)
		queries[n_coarse + i] = exact[i];
	return n_coarse;
}

/* All queries with a stretch of the items. */
static void
pass(struct scorer *s, struct score_query *const *queries, size_t n, size_t first)
{
	size_t rows = vec_kernels()->dot16->rows;
	const struct coarse *c = s->base.coarse;

	for (size_t g = 0; g < n; g += rows) {
		size_t in = MIN(rows, n - g);
		size_t count =
		    coarse_products(c, group_of(s, g), in, first, s->products);

		for (size_t r = 0; r < in; r++) {
			struct score_row *row = &s->rows[g + r];
			float most;

			score_row_expect(row, &s->base, queries[g + r], first);
			most = coarse_scale(c, &row->coarse,
			    s->products + r * COARSE_STRIDE, first, count, s->scores);

			score_row_take(row, &s->base, queries[g + r], s->scores, first,
			    count, most);
		}
	}
}

/*
 * The exact products of all, `needed` of them. Where there are enough, items pass in
 * stretches that stay in the cache while all queries meet them.
 */
static void
work_out(struct scorer *s, struct score_query *const *queries, size_t n, size_t needed)
{
	enum { FEW = 48 };
	size_t n_items = s->base.m->n_scored, step = s->base.coarse->cached;

	if (needed / n < FEW * (n_items / step + 1))
		return;
	for (size_t end = step; end < n_items; end += step)
		for (size_t r = 0; r < n; r++)
			score_row_exact(&s->rows[r], &s->base, queries[r], end);
}

/* How many were too bold; they come first then. */
static size_t
finish(struct scorer *s, struct score_query **queries, size_t n)
{
	size_t again = 0, needed = 0;

	for (size_t r = 0; r < n; r++)
		needed += score_row_close(&s->rows[r]);
	if (n)
		work_out(s, queries, n, needed);
	/* What is left, each while what the next one needs is fetched. */
	for (size_t r = 0; r < n; r++) {
		if (r + 1 < n)
			score_row_fetch(&s->rows[r + 1], &s->base);
		score_row_exact(&s->rows[r], &s->base, queries[r], SIZE_MAX);
		if (!score_row_finish(&s->rows[r], &s->base, queries[r], &s->room))
			queries[again++] = queries[r];
	}
	return again;
}

/* How many were too bold; they come first then. */
static size_t
scan(struct scorer *s, struct score_query **queries, size_t n)
{
	size_t n_coarse = s->base.coarse ? start(s, queries, n) : 0, again;

	for (size_t first = 0; n_coarse && first < s->base.m->n_scored;
	     first += SCAN_ITEMS)
		pass(s, queries, n_coarse, first);
	again = finish(s, queries, n_coarse);
	for (size_t g = n_coarse; g < n; g += VEC_ROWS)
		scan_exactly(s, queries + g, MIN((size_t)VEC_ROWS, n - g));
	return again;
}

void
score_users(struct scorer *s, struct score_query *queries, size_t n)
{
	struct score_query *known[SCORE_USERS];
	size_t n_known = 0, again;

	for (size_t i = 0; i < n; i++) {
		queries[i].popular = false;
		if (queries[i].vector)
			known[n_known++] = &queries[i];
		else if (!linked(s, &queries[i]))
			popular(s, &queries[i]);
	}
	again = scan(s, known, n_known);
	if (!again)
		return;
	/* Being bold changes no result, and is given up where it does not pay. */
	s->base.bold = false;
	scan(s, known, again);
	s->base.bold = again * 16 < n;
}
