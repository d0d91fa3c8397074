/*
 * measure - what held-out interactions say of a model: calibration and metrics.
 */
#include "measure.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bitset.h"
#include "links.h"
#include "number.h"
#include "threads.h"

enum { BINS = 10, FINE_BINS = 2000 };

struct measuring {
	const struct evidence *e;
	const struct holdout *h;
	const struct weights *w;
	uint32_t *place; /* [catalog items]: position among the scored, NONE */
	size_t n_catalog, padded;
	double *observed, *predicted; /* [chunks][FINE_BINS] */
	struct metrics *ranks;        /* [h->n_users] sums of one user each */
	uint32_t *top;                /* [h->n_users][25], NONE behind the last */
	struct room *rooms;           /* [threads] */
};

/* What a thread needs. */
struct room {
	float *z;  /* [VEC_ROWS][padded] */
	double *p; /* [items] */
	struct seen *seen;
	uint64_t *met; /* the catalog items the user has met */
};

static size_t
chunks(const struct measuring *m)
{
	return (m->h->n_users + VEC_ROWS - 1) / VEC_ROWS;
}

/* Complete a user's z by what they have met, and note it; links say all of it. */
static void
meet(struct measuring *m, struct room *room, size_t k, float *z)
{
	uint32_t user = m->h->user[k];
	const struct seen_item *seen;
	size_t n = seen_of(room->seen, user, m->h->skip[user], &seen);

	if (m->e->links)
		links_scan(m->e->links, m->e->items.n, m->place, seen, n,
		    weights_user(m->w, n), z);
	bitset_clear(room->met, m->n_catalog);
	for (size_t i = 0; i < n; i++) {
		uint32_t place = m->place[seen[i].item];

		bitset_add(room->met, seen[i].item);
		if (place != NONE)
			z[place] += (float)weights_seen(m->w, &seen[i]);
	}
}

/* The probabilities of all items, from what weights_odds takes. */
static void
probabilities(const struct measuring *m, const float *x, double *p)
{
	size_t n = m->e->items.n;
	double most = -INFINITY, sum = 0;

	for (size_t i = 0; i < n; i++)
		most = fmax(most, (double)x[i]);
	for (size_t i = 0; i < n; i++)
		sum += p[i] = weights_odds(m->w, (double)x[i], most);
	for (size_t i = 0; i < n; i++)
		p[i] /= sum;
}

/* Scores by the size of the probability, so that equal-mass bins can be cut later. */
static size_t
fine_bin(double p)
{
	double x = -log(fmax(p, 1e-20)) * (FINE_BINS / 46.1);

	return x < 0 ? 0 : MIN((size_t)x, (size_t)FINE_BINS - 1);
}

static bool
better(float a, uint32_t i, float b, uint32_t j)
{
	return a > b || (a == b && i < j);
}

/* The 25 best of the scored items that the user has not met, best first. */
static void
best_new(
    const struct measuring *m, const uint64_t *met, const float *x, uint32_t top[25])
{
	size_t n = 0;

	for (uint32_t i = 0; i < m->e->items.n; i++) {
		size_t at;

		if (n == 25 && !better(x[i], i, x[top[24]], top[24]))
			continue;
		if (bitset_has(met, m->e->number[i]))
			continue;
		for (at = n < 25 ? n++ : 24;
		     at && better(x[i], i, x[top[at - 1]], top[at - 1]); at--)
			top[at] = top[at - 1];
		top[at] = i;
	}
	for (; n < 25; n++)
		top[n] = NONE;
}

/* Whether the item is among the user's held-out ones that were new to them. */
static bool
is_truth(const struct measuring *m, size_t k, uint32_t item)
{
	for (uint64_t i = m->h->event[k]; i < m->h->event[k + 1]; i++)
		if (m->h->item[i] == item)
			return true;
	return false;
}

static size_t
count_truth(const struct measuring *m, const uint64_t *met, size_t k)
{
	size_t n = 0;

	for (uint64_t i = m->h->event[k]; i < m->h->event[k + 1]; i++) {
		uint32_t item = m->h->item[i];
		bool seen = bitset_has(met, item);

		for (uint64_t j = m->h->event[k]; j < i && !seen; j++)
			seen = m->h->item[j] == item;
		n += !seen;
	}
	return n;
}

/* DCG with gain 1 / log2(1 + rank), over that of the ideal list. */
static void
rank_user(const struct measuring *m, const uint64_t *met, size_t k, struct metrics *r)
{
	const uint32_t *top = m->top + k * 25;
	size_t truth = count_truth(m, met, k), hits = 0;
	double dcg = 0, ideal = 0;

	if (!truth)
		return;
	r->users = 1;
	for (size_t i = 0; i < 25; i++) {
		double gain = 1 / log2((double)i + 2);

		if (top[i] != NONE && is_truth(m, k, m->e->number[top[i]])) {
			if (!hits++)
				r->mrr25 = 1 / (double)(i + 1);
			dcg += gain;
		}
		if (i < truth)
			ideal += gain;
		if (i == 4) {
			r->ndcg5 = dcg / ideal;
			r->precision5 = (double)hits / 5;
		} else if (i == 9) {
			r->ndcg10 = dcg / ideal;
			r->precision10 = (double)hits / 10;
		}
	}
	r->ndcg25 = dcg / ideal;
	r->precision25 = (double)hits / 25;
}

/* One user's events, and what was expected of each item, by probability. */
static double
add_probabilities(const struct measuring *m, size_t k, const double *p,
    double *observed, double *predicted)
{
	double events = 0, nll = 0;

	for (uint64_t i = m->h->event[k]; i < m->h->event[k + 1]; i++) {
		uint32_t place = m->place[m->h->item[i]];

		if (place == NONE)
			continue;
		nll -= log(p[place]);
		observed[fine_bin(p[place])]++;
		events++;
	}
	for (size_t i = 0; events > 0 && i < m->e->items.n; i++)
		predicted[fine_bin(p[i])] += events * p[i];
	return nll;
}

static void
measure_chunk(void *context, size_t chunk, size_t thread)
{
	struct measuring *m = context;
	struct room *room = &m->rooms[thread];
	size_t from = chunk * VEC_ROWS, n = MIN((size_t)VEC_ROWS, m->h->n_users - from);

	if (!m->e->links)
		scan_users(&m->e->items, m->e->users, m->h->user + from, n, room->z);
	for (size_t r = 0; r < n; r++) {
		size_t k = from + r;
		float *x = room->z + r * m->padded;

		meet(m, room, k, x);
		probabilities(m, x, room->p);
		m->ranks[k].nll = add_probabilities(m, k, room->p,
		    m->observed + chunk * FINE_BINS, m->predicted + chunk * FINE_BINS);
		best_new(m, room->met, x, m->top + k * 25);
		rank_user(m, room->met, k, &m->ranks[k]);
	}
}

/* Cut the fine bins, best scores first, where each tenth of the mass is full. */
static double
calibration_error(const struct measuring *m, double events)
{
	double error = 0, mass = 0, predicted = 0, observed = 0;
	int bin = 1;

	for (size_t f = 0; f < FINE_BINS; f++) {
		for (size_t c = 0; c < chunks(m); c++) {
			predicted += m->predicted[c * FINE_BINS + f];
			mass += m->predicted[c * FINE_BINS + f];
			observed += m->observed[c * FINE_BINS + f];
		}
		if (f < FINE_BINS - 1 && mass < events * bin / BINS)
			continue;
		error += fabs(predicted - observed) / events;
		predicted = observed = 0;
		while (bin < BINS && mass >= events * bin / BINS)
			bin++;
	}
	return error;
}

/* Events by the share of each item among all pairs, which popularity would say. */
static double
popularity_nll(const struct measuring *m, size_t events)
{
	const uint32_t *counts = m->e->popularity->count;
	double total = 0, sum = 0;

	for (size_t i = 0; i < m->e->items.n; i++)
		total += (double)counts[m->e->number[i]];
	for (uint64_t i = 0; i < m->h->event[m->h->n_users]; i++)
		if (m->place[m->h->item[i]] != NONE)
			sum += log(total / (double)counts[m->h->item[i]]);
	return sum / (double)events;
}

static void
add_ranks(struct metrics *to, const struct measuring *m)
{
	bool *shown = xcalloc(m->e->items.n, sizeof *shown);
	size_t n_shown = 0;

	for (size_t k = 0; k < m->h->n_users; k++) {
		const struct metrics *r = &m->ranks[k];

		to->users += r->users;
		to->nll += r->nll;
		to->mrr25 += r->mrr25;
		to->ndcg5 += r->ndcg5;
		to->ndcg10 += r->ndcg10;
		to->ndcg25 += r->ndcg25;
		to->precision5 += r->precision5;
		to->precision10 += r->precision10;
		to->precision25 += r->precision25;
		for (size_t i = 0; i < 25; i++) {
			uint32_t item = m->top[k * 25 + i];

			if (item != NONE && !shown[item]) {
				shown[item] = true;
				n_shown++;
			}
		}
	}
	to->coverage = m->n_catalog ? (double)n_shown / (double)m->n_catalog : 0;
	free(shown);
}

static void
divide_ranks(struct metrics *m)
{
	double n = m->users ? (double)m->users : 1;

	m->nll /= (double)m->events;
	m->mrr25 /= n;
	m->ndcg5 /= n;
	m->ndcg10 /= n;
	m->ndcg25 /= n;
	m->precision5 /= n;
	m->precision10 /= n;
	m->precision25 /= n;
}

static void
measure_open(struct measuring *m, size_t threads)
{
	const struct item_factors *items = &m->e->items;

	m->place = xcalloc(m->n_catalog, sizeof *m->place);
	memset(m->place, 0xff, m->n_catalog * sizeof *m->place);
	for (size_t i = 0; i < items->n; i++)
		m->place[m->e->number[i]] = (uint32_t)i;
	m->observed = xcalloc(chunks(m) * FINE_BINS, sizeof *m->observed);
	m->predicted = xcalloc(chunks(m) * FINE_BINS, sizeof *m->predicted);
	m->ranks = xcalloc(m->h->n_users, sizeof *m->ranks);
	m->top = xcalloc(m->h->n_users * 25, sizeof *m->top);
	m->padded = vec_padded(items->n);
	m->rooms = xcalloc(threads, sizeof *m->rooms);
	for (size_t t = 0; t < threads; t++)
		m->rooms[t] =
		    (struct room){ xaligned(VEC_ROWS * m->padded, sizeof(float)),
			    xcalloc(items->n, sizeof(double)),
			    seen_new(m->e->catalog, m->e->wanted),
			    xcalloc(bitset_words(m->n_catalog), sizeof(uint64_t)) };
}

static void
measure_close(struct measuring *m, size_t threads)
{
	for (size_t t = 0; t < threads; t++) {
		free(m->rooms[t].z);
		free(m->rooms[t].p);
		seen_free(m->rooms[t].seen);
		free(m->rooms[t].met);
	}
	free(m->rooms);
	free(m->place);
	free(m->observed);
	free(m->predicted);
	free(m->ranks);
	free(m->top);
}

void
measure(struct metrics *out, const struct evidence *e, const struct weights *w,
    size_t threads)
{
	struct measuring m = { .e = e,
		.h = e->holdout,
		.w = w,
		.n_catalog = e->catalog->items.strings.n };

	*out = (struct metrics){ 0 };
	if (!e->items.n)
		return;
	threads = MAX(threads, (size_t)1);
	measure_open(&m, threads);
	for (uint64_t i = 0; i < m.h->event[m.h->n_users]; i++)
		out->events += m.place[m.h->item[i]] != NONE;
	out->unscored = (size_t)m.h->event[m.h->n_users] - out->events;
	if (out->events) {
		threads_each(threads, chunks(&m), measure_chunk, &m);
		out->popularity_nll = popularity_nll(&m, out->events);
		out->calibration_error = calibration_error(&m, (double)out->events);
		add_ranks(out, &m);
		divide_ranks(out);
	}
	measure_close(&m, threads);
}

/* The service prints at most four decimals. */
static void
add_metric(struct buf *b, const char *name, double value)
{
	char text[NUMBER_SIZE];

	number_json(text, nearbyint(value * 1e4) / 1e4);
	buf_addf(b, ",\"%s\":%s", name, text);
}

double
metrics_doubt(const struct metrics *m)
{
	return sqrt(m->ndcg25 * (1 - m->ndcg25) / (double)MAX(m->users, (size_t)1)) / 2;
}

void
metrics_print(const struct metrics *m, struct buf *b)
{
	buf_addf(b,
	    "{\"test_users\":%zu,\"test_events\":%zu,\"test_events_not_scored\":%zu",
	    m->users, m->events, m->unscored);
	add_metric(b, "coverage", m->coverage);
	add_metric(b, "mean_reciprocal_rank_at_25", m->mrr25);
	add_metric(b, "normalized_discounted_cumulative_gain_at_5", m->ndcg5);
	add_metric(b, "normalized_discounted_cumulative_gain_at_10", m->ndcg10);
	add_metric(b, "normalized_discounted_cumulative_gain_at_25", m->ndcg25);
	add_metric(b, "precision_at_5", m->precision5);
	add_metric(b, "precision_at_10", m->precision10);
	add_metric(b, "precision_at_25", m->precision25);
	add_metric(b, "negative_log_likelihood", m->nll);
	add_metric(b, "negative_log_likelihood_of_popularity", m->popularity_nll);
	add_metric(b, "expected_calibration_error", m->calibration_error);
	buf_addc(b, '}');
}
