/*
 * measure - what held-out interactions say of a model: calibration and metrics.
 *
 * The scale s of logits is found by maximum likelihood: with d_j = user . item j,
 *
 *	L(s) = sum over events (u, i) of  log sum_j exp(s d_uj) - s d_ui
 *
 * is convex in s, L' = sum of (mean of d under the softmax) - d_ui, L'' = its variance.
 * Newton's method, kept inside a bracket, finds the root of L' in a few passes. Sums
 * are taken per user and added in the order of users, so threads change nothing.
 */
#include "measure.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "number.h"
#include "threads.h"

enum { BINS = 10, FINE_BINS = 2000 };

/* What one user's events say at one scale. */
struct user_sums {
	double slope, curve; /* L' and L'' */
	double nll;
};

struct measuring {
	const struct holdout *h;
	const struct item_factors *items;
	const uint32_t *number;
	const float *users;
	const struct matrix *known;
	uint32_t *place; /* [catalog items]: position among the scored, NONE */
	size_t n_catalog;
	double scale;
	struct user_sums *sums;       /* [h->n_users] */
	double *observed, *predicted; /* [chunks][FINE_BINS] */
	struct metrics *ranks;        /* [h->n_users] sums of one user each */
	uint32_t *top;                /* [h->n_users][25], NONE behind the last */
	float **scores;               /* [threads][VEC_ROWS][padded] */
	size_t padded;
};

static size_t
chunks(const struct measuring *m)
{
	return (m->h->n_users + VEC_ROWS - 1) / VEC_ROWS;
}

/* All scores of a chunk of users. */
static float *
chunk_scores(struct measuring *m, size_t chunk, size_t thread, size_t *n)
{
	const struct item_factors *items = m->items;
	size_t from = chunk * VEC_ROWS, dim = items->dim, count;
	float *all = m->scores[thread], stretch[VEC_ROWS * SCAN_ITEMS];
	float *packed = xaligned(dim * VEC_ROWS, sizeof *packed);
	const float *users[VEC_ROWS];

	*n = MIN((size_t)VEC_ROWS, m->h->n_users - from);
	for (size_t r = 0; r < *n; r++)
		users[r] = m->users + m->h->user[from + r] * dim;
	scan_pack(packed, users, *n, dim);
	for (size_t first = 0; first < items->n; first += SCAN_ITEMS) {
		count = vec_padded(scan_scores(items, packed, *n, first, stretch));
		for (size_t r = 0; r < *n; r++)
			memcpy(all + r * m->padded + first, stretch + r * SCAN_ITEMS,
			    count * sizeof *all);
	}
	free(packed);
	return all;
}

/* log sum exp(s d), the mean of d under the softmax, and its variance. */
static double
softmax_moments(const float *d, size_t n, double s, double *mean, double *variance)
{
	double most = -INFINITY, sum = 0, first = 0, second = 0;

	for (size_t i = 0; i < n; i++)
		most = fmax(most, (double)d[i]);
	for (size_t i = 0; i < n; i++) {
		double away = (double)d[i] - most, e = exp(s * away);

		sum += e;
		first += e * away;
		second += e * away * away;
	}
	*mean = most + first / sum;
	*variance = second / sum - (first / sum) * (first / sum);
	return s * most + log(sum);
}

static void
likelihood_chunk(void *context, size_t chunk, size_t thread)
{
	struct measuring *m = context;
	size_t n;
	float *scores = chunk_scores(m, chunk, thread, &n);

	for (size_t r = 0; r < n; r++) {
		size_t k = chunk * VEC_ROWS + r;
		const float *d = scores + r * m->padded;
		struct user_sums *u = &m->sums[k];
		double mean, variance, log_sum;

		*u = (struct user_sums){ 0 };
		log_sum = softmax_moments(d, m->items->n, m->scale, &mean, &variance);
		for (uint64_t i = m->h->event[k]; i < m->h->event[k + 1]; i++) {
			uint32_t place = m->place[m->h->item[i]];

			if (place == NONE)
				continue;
			u->slope += mean - (double)d[place];
			u->curve += variance;
			u->nll += log_sum - m->scale * (double)d[place];
		}
	}
}

static struct user_sums
likelihood(struct measuring *m, size_t threads, double scale)
{
	struct user_sums total = { 0 };

	m->scale = scale;
	threads_each(threads, chunks(m), likelihood_chunk, m);
	for (size_t k = 0; k < m->h->n_users; k++) {
		total.slope += m->sums[k].slope;
		total.curve += m->sums[k].curve;
		total.nll += m->sums[k].nll;
	}
	return total;
}

/* The scale with L' = 0; the bounds stand for "worse than uniform" and "certain". */
static double
best_scale(struct measuring *m, size_t threads)
{
	double low = 1e-3, high = 1e3, s = 10;

	for (int pass = 0; pass < 30; pass++) {
		struct user_sums at = likelihood(m, threads, s);
		double next;

		if (at.slope < 0)
			low = s;
		else
			high = s;
		next = at.curve > 0 ? s - at.slope / at.curve : low;
		if (!(next > low && next < high))
			next = sqrt(low * high);
		if (fabs(next - s) < 1e-6 * s)
			break;
		s = next;
	}
	return s;
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

/* The 25 best of the scored items that user has not met, best first. */
static void
best_new(const struct measuring *m, const float *d, uint32_t user, uint32_t top[25])
{
	size_t n = 0;

	for (uint32_t i = 0; i < m->items->n; i++) {
		size_t at;

		if (n == 25 && !better(d[i], i, d[top[24]], top[24]))
			continue;
		if (matrix_has(m->known, user, m->number[i]))
			continue;
		for (at = n < 25 ? n++ : 24;
		     at && better(d[i], i, d[top[at - 1]], top[at - 1]); at--)
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
count_truth(const struct measuring *m, size_t k)
{
	size_t n = 0;

	for (uint64_t i = m->h->event[k]; i < m->h->event[k + 1]; i++) {
		uint32_t item = m->h->item[i];
		bool seen = matrix_has(m->known, m->h->user[k], item);

		for (uint64_t j = m->h->event[k]; j < i && !seen; j++)
			seen = m->h->item[j] == item;
		n += !seen;
	}
	return n;
}

/* DCG with gain 1 / log2(1 + rank), over that of the ideal list. */
static void
rank_user(const struct measuring *m, size_t k, struct metrics *r)
{
	const uint32_t *top = m->top + k * 25;
	size_t truth = count_truth(m, k), hits = 0;
	double dcg = 0, ideal = 0;

	if (!truth)
		return;
	r->users = 1;
	for (size_t i = 0; i < 25; i++) {
		double gain = 1 / log2((double)i + 2);

		if (top[i] != NONE && is_truth(m, k, m->number[top[i]])) {
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

static void
measure_chunk(void *context, size_t chunk, size_t thread)
{
	struct measuring *m = context;
	double *observed = m->observed + chunk * FINE_BINS;
	double *predicted = m->predicted + chunk * FINE_BINS;
	size_t n;
	float *scores = chunk_scores(m, chunk, thread, &n);

	for (size_t r = 0; r < n; r++) {
		size_t k = chunk * VEC_ROWS + r;
		const float *d = scores + r * m->padded;
		double mean, variance, log_sum, events = 0;

		log_sum = softmax_moments(d, m->items->n, m->scale, &mean, &variance);
		for (uint64_t i = m->h->event[k]; i < m->h->event[k + 1]; i++) {
			uint32_t place = m->place[m->h->item[i]];

			if (place == NONE)
				continue;
			events++;
			observed[fine_bin(
			    exp(m->scale * (double)d[place] - log_sum))]++;
		}
		for (size_t i = 0; events > 0 && i < m->items->n; i++) {
			double p = exp(m->scale * (double)d[i] - log_sum);

			predicted[fine_bin(p)] += events * p;
		}
		best_new(m, d, m->h->user[k], m->top + k * 25);
		rank_user(m, k, &m->ranks[k]);
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
popularity_nll(const struct measuring *m, const uint32_t *counts, size_t events)
{
	double total = 0, sum = 0;

	for (size_t i = 0; i < m->items->n; i++)
		total += (double)counts[m->number[i]];
	for (uint64_t i = 0; i < m->h->event[m->h->n_users]; i++)
		if (m->place[m->h->item[i]] != NONE)
			sum += log(total / (double)counts[m->h->item[i]]);
	return events ? sum / (double)events : 0;
}

static void
add_ranks(struct metrics *to, const struct measuring *m)
{
	bool *shown = xcalloc(m->items->n, sizeof *shown);
	size_t n_shown = 0;

	for (size_t k = 0; k < m->h->n_users; k++) {
		const struct metrics *r = &m->ranks[k];

		to->users += r->users;
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

	m->mrr25 /= n;
	m->ndcg5 /= n;
	m->ndcg10 /= n;
	m->ndcg25 /= n;
	m->precision5 /= n;
	m->precision10 /= n;
	m->precision25 /= n;
}

static void
measure_open(struct measuring *m, const struct holdout *h,
    const struct item_factors *items, const uint32_t *number, size_t threads)
{
	m->place = xcalloc(m->n_catalog, sizeof *m->place);
	memset(m->place, 0xff, m->n_catalog * sizeof *m->place);
	for (size_t i = 0; i < items->n; i++)
		m->place[number[i]] = (uint32_t)i;
	m->sums = xcalloc(h->n_users, sizeof *m->sums);
	m->observed = xcalloc(chunks(m) * FINE_BINS, sizeof *m->observed);
	m->predicted = xcalloc(chunks(m) * FINE_BINS, sizeof *m->predicted);
	m->ranks = xcalloc(h->n_users, sizeof *m->ranks);
	m->top = xcalloc(h->n_users * 25, sizeof *m->top);
	m->padded = vec_padded(items->n);
	m->scores = xcalloc(threads, sizeof *m->scores);
	for (size_t t = 0; t < threads; t++)
		m->scores[t] = xaligned(VEC_ROWS * m->padded, sizeof(float));
}

static void
measure_close(struct measuring *m, size_t threads)
{
	for (size_t t = 0; t < threads; t++)
		free(m->scores[t]);
	free(m->scores);
	free(m->place);
	free(m->sums);
	free(m->observed);
	free(m->predicted);
	free(m->ranks);
	free(m->top);
}

void
measure(struct metrics *out, const struct holdout *h, const struct item_factors *items,
    const uint32_t *number, const float *users, const struct matrix *known,
    const uint32_t *counts, size_t threads)
{
	struct measuring m = { .h = h,
		.items = items,
		.number = number,
		.users = users,
		.known = known,
		.n_catalog = known->n_cols };

	*out = (struct metrics){ .scale = 1 };
	if (!items->n)
		return;
	measure_open(&m, h, items, number, threads);
	for (uint64_t i = 0; i < h->event[h->n_users]; i++)
		out->events += m.place[h->item[i]] != NONE;
	out->unscored = (size_t)h->event[h->n_users] - out->events;
	if (out->events) {
		out->scale = best_scale(&m, threads);
		out->nll =
		    likelihood(&m, threads, out->scale).nll / (double)out->events;
		out->popularity_nll = popularity_nll(&m, counts, out->events);
		threads_each(threads, chunks(&m), measure_chunk, &m);
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
