/* score_row - one of the queries that share a pass over the items. */
#include "score_row.h"

#include <math.h>
#include <stdlib.h>

#include "best.h"

/*
 * Items with this share of the sum are added to it exactly. The errors of the others,
 * as good as random, then make at most a 22nd of the usual one, which is to be USUAL at
 * most: if need be, smaller items are added exactly too, and below LEAST_SHARE all.
 */
#define HEAVY_SHARE (1.0 / 512)
#define USUAL 5e-6
#define LEAST_SHARE 1e-7
/* Related items have no probabilities. */
#define NO_SUM 2

/* Up to so many are sorted one by one. */
enum { FEW = 64 };

static double
greatest(const float *x, size_t n)
{
	double most = 0;

	for (size_t i = 0; i < n; i++)
		if (isfinite(x[i]))
			most = fmax(most, fabs((double)x[i]));
	return most;
}

/* Where it is infinite, so are all sums: nothing is lost. */
double
score_most_added(const struct model *m, const float *bonus)
{
	double most = bonus ? greatest(bonus, m->n_scored) : 0;

	for (size_t i = 0; i < m->n_contexts; i++) {
		const struct context *c = &m->contexts[i];

		most += greatest(c->base, m->n_scored) +
			greatest(c->weight, c->row[c->values.n]);
	}
	return most;
}

static void
find_links(struct score_row *r, const struct model *m, const struct score_query *q)
{
	const struct links *l = &m->links;
	uint32_t at = NONE;

	if (q->vector && q->item != NONE && l->row)
		at = m->place[q->item];
	r->n_links = 0;
	if (at == NONE)
		return;
	r->link_at = l->at + l->row[at];
	r->link_weight = l->weight + l->row[at];
	r->n_links = l->row[at + 1] - l->row[at];
}

/* What is added to products, at most. */
static double
most_added(const struct score_row *r, const struct score_base *b)
{
	double most = b->most_added, met = 0;

	for (size_t i = 0; i < r->met.n; i++)
		met = fmax(met, fabs((double)r->met.items[i].value));
	return most + met + greatest(r->link_weight, r->n_links);
}

bool
score_row_start(struct score_row *r, const struct score_base *b,
    const struct score_query *q, struct seen *seen, int16_t *group, size_t at)
{
	double bound = 0, share = 1;

	if (group) {
		if (!coarse_user(b->coarse, q->vector, group, at, &r->coarse))
			return false;
		share = USUAL / r->coarse.usual;
		share = fmin(HEAVY_SHARE, share * share);
		if (!(share >= LEAST_SHARE))
			return false;
	}
	if (q->item != NONE)
		share = NO_SUM;
	find_links(r, b->m, q);
	r->next_met = r->met.n = 0;
	if (q->user != NONE)
		met_find(&r->met, b->m, seen, q->user);
	/* Each addition rounds, here and there: 2^-24 of what is there, each time. */
	if (group)
		bound = r->coarse.bound + 0x1p-23 * (MODEL_CONTEXTS + 4) *
					      (r->coarse.most + most_added(r, b));
	shortlist_start(&r->list, b->k, b->m->n_scored, &b->m->weights, bound, share,
	    b->bold && group);
	return true;
}

void
score_row_release(struct score_row *r)
{
	shortlist_release(&r->list);
	met_release(&r->met);
}

/*
 * Complete a stretch of products by what is new, the context, what the user has met.
 * The greatest, or more if that was one that fell.
 */
static float
complete(struct score_row *r, const struct score_base *b, const struct score_query *q,
    float *x, size_t first, size_t count, float most)
{
	for (size_t i = 0; b->bonus && i < count; i++)
		x[i] += b->bonus[first + i];
	for (size_t i = 0; i < q->n_contexts; i++)
		context_add(b->m, q->contexts[i], first, count, x, &r->next[i]);
	if (b->bonus || q->n_contexts)
		most = vec_kernels()->max(x, vec_padded(count));
	for (; r->next_met < r->met.n; r->next_met++) {
		const struct met_item *item = &r->met.items[r->next_met];
		size_t i = item->at - first;

		if (i >= count)
			break;
		x[i] += item->value;
		most = x[i] > most ? x[i] : most;
	}
	for (; r->n_links && *r->link_at < first + count; r->n_links--) {
		size_t i = *r->link_at++ - first;

		x[i] += *r->link_weight++;
		most = x[i] > most ? x[i] : most;
	}
	return most;
}

void
score_row_expect(const struct score_row *r, const struct score_base *b,
    const struct score_query *q, size_t first)
{
	__builtin_prefetch(r->met.items + r->next_met);
	__builtin_prefetch(r->list.value + r->list.n);
	__builtin_prefetch(r->list.entry + r->list.n);
	if (r->n_links) {
		__builtin_prefetch(r->link_at);
		__builtin_prefetch(r->link_weight);
	}
	if (q->allowed)
		__builtin_prefetch(q->allowed + b->m->scored[first] / 64);
}

void
score_row_take(struct score_row *r, const struct score_base *b,
    const struct score_query *q, float *x, size_t first, size_t count, float most)
{
	most = complete(r, b, q, x, first, count, most);
	shortlist_take(&r->list, x, most, first, count, q->allowed, b->m->scored);
}

/* A multiple of 16, as kernels want it. */
static size_t
reserve(struct score_room *room, size_t n)
{
	n = (n + 15) / 16 * 16;
	if (n <= room->cap)
		return n;
	room->cap = n;
	room->at = xrealloc(room->at, n, sizeof *room->at);
	room->weight = xrealloc(room->weight, n, sizeof *room->weight);
	room->coarse_weight =
	    xrealloc(room->coarse_weight, n, sizeof *room->coarse_weight);
	room->best = xrealloc(room->best, n, sizeof *room->best);
	room->more = xrealloc(room->more, n, sizeof *room->more);
	return n;
}

void
score_room_release(struct score_room *room)
{
	free(room->at);
	free(room->weight);
	free(room->coarse_weight);
	free(room->best);
	free(room->more);
}

/* What was met, or is linked, among n items whose places rise. */
static void
add_met(const struct met *met, const uint32_t *at, size_t n, float *z)
{
	size_t i = 0;

	for (size_t k = 0; k < met->n; k++) {
		while (i < n && at[i] < met->items[k].at)
			i++;
		if (i == n)
			return;
		if (at[i] == met->items[k].at)
			z[i] += met->items[k].value;
	}
}

static void
add_links(const struct score_row *r, const uint32_t *at, size_t n, float *z)
{
	size_t i = 0;

	for (size_t k = 0; k < r->n_links; k++) {
		while (i < n && at[i] < r->link_at[k])
			i++;
		if (i == n)
			return;
		if (at[i] == r->link_at[k])
			z[i] += r->link_weight[k];
	}
}

/* Completed in the order of complete: exact products z of the list's items. */
static void
complete_few(struct score_row *r, const struct score_base *b,
    const struct score_query *q, const uint32_t *at, float *z)
{
	size_t n = r->list.n;

	for (size_t i = 0; b->bonus && i < n; i++)
		z[i] += b->bonus[at[i]];
	for (size_t c = 0; c < q->n_contexts; c++)
		for (size_t i = 0; i < n; i++)
			z[i] += context_at(b->m, q->contexts[c], at[i]);
	add_met(&r->met, at, n, z);
	find_links(r, b->m, q);
	add_links(r, at, n, z);
}

/* What the sum lacks, as items that weigh much are in it by their coarse values. */
static double
lacking(const struct shortlist *list, const float *weight, const float *coarse)
{
	double sum = 0;

	for (size_t i = 0; i < list->n; i++) {
		double more = (double)weight[i] - (double)coarse[i];

		sum += list->value[i] > list->heavy ? more : 0;
	}
	return sum;
}

static void
copy_values(const struct shortlist *list, size_t padded, float *to)
{
	for (size_t i = 0; i < padded; i++)
		to[i] = i < list->n ? list->value[i] : -INFINITY;
}

/* Exact values and weights of the list's items; the sum of all weights. */
static double
refine(struct score_row *r, const struct score_base *b, const struct score_query *q,
    struct score_room *room, size_t padded)
{
	const struct vec *v = vec_kernels();
	struct shortlist *list = &r->list;

	if (list->bound > 0) {
		complete_few(r, b, q, room->at, list->exact);
		for (size_t i = list->n; i < padded; i++)
			list->exact[i] = -INFINITY;
	} else
		copy_values(list, padded, list->exact);
	v->odds(list->exact, padded, list->most, list->damping, room->weight);
	if (!(list->bound > 0))
		return list->sum;
	copy_values(list, padded, room->coarse_weight);
	v->odds(room->coarse_weight, padded, list->most, list->damping,
	    room->coarse_weight);
	return list->sum + lacking(list, room->weight, room->coarse_weight);
}

/* The k best of the allowed into room->best, in order; how many. */
static size_t
choose(const struct shortlist *list, struct score_room *room)
{
	size_t n = 0;

	for (size_t i = 0; i < list->n; i++) {
		room->best[n] = (struct candidate){ list->exact[i], (uint32_t)i };
		n += (list->entry[i] & 1) & (list->value[i] > list->least);
	}
	if (n <= FEW) {
		best_sort_few(room->best, n);
		return MIN(n, list->k);
	}
	/* A few too many are sorted in less time than they are found. */
	if (n > list->k + list->k / 2) {
		best_cut(room->best, n, list->k);
		n = list->k;
	}
	best_sort_rising(room->best, n, room->more);
	return MIN(n, list->k);
}

/* Not of lists that are taken again. */
static bool
needs_exact(const struct score_row *r)
{
	return r->list.bound > 0 && !shortlist_failed(&r->list);
}

size_t
score_row_close(struct score_row *r)
{
	shortlist_end(&r->list);
	r->n_exact = 0;
	return needs_exact(r) ? r->list.n : 0;
}

void
score_row_fetch(const struct score_row *r, const struct score_base *b)
{
	/* Of long lists the kernels fetch what comes later. */
	enum { AHEAD = 96 };
	const struct shortlist *list = &r->list;

	for (size_t i = 0; needs_exact(r) && i < list->n && i < AHEAD; i++)
		coarse_expect(b->coarse, shortlist_at(list->entry[i]));
}

void
score_row_exact(struct score_row *r, const struct score_base *b,
    const struct score_query *q, size_t end)
{
	struct shortlist *list = &r->list;
	uint32_t at[SCAN_ITEMS];
	size_t n;

	if (!needs_exact(r))
		return;
	do {
		const uint32_t *entry = list->entry + r->n_exact;
		size_t left = MIN(list->n - r->n_exact, (size_t)SCAN_ITEMS);

		for (n = 0; n < left && shortlist_at(entry[n]) < end; n++)
			at[n] = shortlist_at(entry[n]);
		coarse_exact(b->coarse, q->vector, at, n, list->exact + r->n_exact);
		r->n_exact += n;
	} while (n == SCAN_ITEMS);
}

bool
score_row_finish(struct score_row *r, const struct score_base *b, struct score_query *q,
    struct score_room *room)
{
	struct shortlist *list = &r->list;
	size_t padded;
	double sum;

	if (shortlist_failed(list))
		return false;
	padded = reserve(room, list->n);
	for (size_t i = 0; i < list->n; i++)
		room->at[i] = shortlist_at(list->entry[i]);
	sum = refine(r, b, q, room, padded);
	q->n = choose(list, room);
	for (size_t i = 0; i < q->n; i++) {
		uint32_t at = room->best[i].at;
		double score = (double)room->weight[at] / sum;

		q->items[i] = (struct scored_item){ b->m->scored[room->at[at]],
			room->best[i].value, score >= 0 && score <= 1 ? score : 0 };
	}
	return true;
}
