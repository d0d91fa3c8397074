/* calibrate - weights that turn what a model knows into log-probabilities. */
#include "calibrate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "links.h"
#include "threads.h"

/* A pass costs users x items, so a sample has to do. */

enum {
	MOST_PAIRS = 20000000,
	FEW_PAIRS = 2000000,
	LEAST_USERS = 200,
	MOST_PASSES = 60
};

#define FIRST_CAUTION 0.1

/* What varies over items within a user; ACTIVITY is TASTE times a number of theirs. */
enum {
	F_DOT,
	F_POPULAR,
	F_RECENT,
	F_SATURATION,
	DENSE,
	F_SEEN = DENSE,
	F_TIMES,
	F_AGE,
	F_LAST,
	FEATURES,
};

static const uint8_t feature_of[WEIGHTS] = {
	[TASTE] = F_DOT,
	[ACTIVITY] = F_DOT,
	[POPULAR] = F_POPULAR,
	[RECENT] = F_RECENT,
	[SEEN] = F_SEEN,
	[TIMES] = F_TIMES,
	[AGE] = F_AGE,
	[LAST] = F_LAST,
	[SATURATION] = F_SATURATION,
};

/* The likelihood's negative logarithm, its slope, and its information. */
struct sums {
	double nll, slope[WEIGHTS], curve[WEIGHTS][WEIGHTS];
};

struct calibrating {
	const struct evidence *e;
	size_t n_users;
	size_t *sample; /* [n_users] of the held-out users, evenly */
	struct weights w;
	uint32_t *place;    /* [catalog items]: position among the scored, NONE */
	double *item[2];    /* [items.n]: log(1 + count), log(1 + recent) */
	double *base;       /* [items.n]: what an item adds for everybody */
	struct sums *sums;  /* [n_users] */
	struct seen **seen; /* [threads] */
	float **scores;     /* [threads][VEC_ROWS][padded] */
	double **odds;      /* [threads][items.n] */
	size_t padded;
};

/* Sums over the items of one user under the model's probabilities. */
struct moments {
	double log_sum;
	double mean[FEATURES], square[FEATURES][FEATURES];
};

struct user {
	const float *dot;
	double rate; /* weights_user */
	const struct seen_item *seen;
	size_t n_seen;
};

/* z of the formula, and the derivatives of log w by the weights of each feature. */
static double
features_of(const struct calibrating *c, const struct user *u, uint32_t place,
    const struct seen_item *s, double f[FEATURES])
{
	double z = u->rate * (double)u->dot[place] + c->base[place] +
		   (s ? weights_seen(&c->w, s) : 0);
	double saturated = 1 / (1 + exp(-z - c->w.of[SATURATION]));

	f[F_DOT] = (double)u->dot[place];
	f[F_POPULAR] = c->item[0][place];
	f[F_RECENT] = c->item[1][place];
	f[F_SEEN] = s != NULL;
	f[F_TIMES] = s ? log((double)s->times) : 0;
	f[F_AGE] = s ? log((double)s->age) : 0;
	f[F_LAST] = s && s->age == 1;
	for (size_t j = 0; j < FEATURES; j++)
		f[j] *= 1 - saturated;
	f[F_SATURATION] = -saturated;
	return z;
}

static void
add_moments(struct moments *m, double p, const double f[FEATURES], size_t from)
{
	for (size_t j = from; j < FEATURES; j++) {
		m->mean[j] += p * f[j];
		for (size_t i = 0; i <= j; i++)
			m->square[i][j] += p * f[i] * f[j];
	}
}

static void
moments_of(
    const struct calibrating *c, const struct user *u, double *z, struct moments *m)
{
	size_t n = c->e->items.n;
	double most = -INFINITY, sum = 0, f[FEATURES] = { 0 };

	*m = (struct moments){ 0 };
	for (size_t i = 0; i < n; i++)
		z[i] = u->rate * (double)u->dot[i] + c->base[i];
	for (size_t k = 0; k < u->n_seen; k++) {
		uint32_t place = c->place[u->seen[k].item];

		if (place != NONE)
			z[place] += weights_seen(&c->w, &u->seen[k]);
	}
	for (size_t i = 0; i < n; i++)
		most = fmax(most, z[i]);
	for (size_t i = 0; i < n; i++) {
		double odds = exp(z[i] - most);
		double rest = 1 / (1 + odds * exp(most + c->w.of[SATURATION]));
		double p = odds * rest;

		sum += p;
		z[i] = p;
		f[F_DOT] = rest * (double)u->dot[i];
		f[F_POPULAR] = rest * c->item[0][i];
		f[F_RECENT] = rest * c->item[1][i];
		f[F_SATURATION] = rest - 1;
		for (size_t j = 0; j < DENSE; j++) {
			m->mean[j] += p * f[j];
			for (size_t k = 0; k <= j; k++)
				m->square[k][j] += p * f[k] * f[j];
		}
	}
	/* Only what has been met has the other features. */
	for (size_t k = 0; k < u->n_seen; k++) {
		uint32_t place = c->place[u->seen[k].item];

		if (place == NONE)
			continue;
		features_of(c, u, place, &u->seen[k], f);
		add_moments(m, z[place], f, DENSE);
	}
	for (size_t j = 0; j < FEATURES; j++) {
		m->mean[j] /= sum;
		for (size_t i = 0; i <= j; i++)
			m->square[i][j] /= sum;
	}
	m->log_sum = most + log(sum);
}

static const struct seen_item *
seen_find(const struct user *u, uint32_t item)
{
	for (size_t k = 0; k < u->n_seen; k++)
		if (u->seen[k].item == item)
			return &u->seen[k];
	return NULL;
}

/* One user's events into their sums. */
static void
add_user(struct calibrating *c, size_t at_sample, const struct user *u, double *odds)
{
	const struct holdout *h = c->e->holdout;
	size_t k = c->sample[at_sample];
	double per[WEIGHTS], at[FEATURES], total[FEATURES] = { 0 }, n = 0;
	struct sums *s = &c->sums[at_sample];
	struct moments m;

	*s = (struct sums){ 0 };
	moments_of(c, u, odds, &m);
	for (uint64_t i = h->event[k]; i < h->event[k + 1]; i++) {
		const struct seen_item *seen = seen_find(u, h->item[i]);
		uint32_t place = c->place[h->item[i]];
		double z;

		if (place == NONE)
			continue;
		z = features_of(c, u, place, seen, at);
		for (size_t j = 0; j < FEATURES; j++)
			total[j] += at[j];
		s->nll += m.log_sum - z + log1p(exp(z + c->w.of[SATURATION]));
		n++;
	}
	for (size_t a = 0; a < WEIGHTS; a++)
		per[a] = a == ACTIVITY ? log1p((double)u->n_seen) : 1;
	for (size_t a = 0; a < WEIGHTS; a++) {
		size_t i = feature_of[a];

		s->slope[a] = per[a] * (n * m.mean[i] - total[i]);
		for (size_t b = 0; b < WEIGHTS; b++) {
			size_t j = feature_of[b];

			s->curve[a][b] =
			    n * per[a] * per[b] *
			    (m.square[MIN(i, j)][MAX(i, j)] - m.mean[i] * m.mean[j]);
		}
	}
}

static void
likelihood_chunk(void *context, size_t chunk, size_t thread)
{
	struct calibrating *c = context;
	const struct holdout *h = c->e->holdout;
	size_t from = chunk * VEC_ROWS, n = MIN((size_t)VEC_ROWS, c->n_users - from);
	float *scores = c->scores[thread];
	uint32_t users[VEC_ROWS] = { 0 };

	for (size_t r = 0; r < n; r++)
		users[r] = h->user[c->sample[from + r]];
	if (!c->e->links)
		scan_users(&c->e->items, c->e->users, users, n, scores);
	for (size_t r = 0; r < n; r++) {
		uint32_t user = users[r];
		float *dot = scores + r * c->padded;
		struct user u = { .dot = dot };

		u.n_seen = seen_of(c->seen[thread], user, h->skip[user], &u.seen);
		if (c->e->links)
			links_scan(c->e->links, c->e->items.n, c->place, u.seen,
			    u.n_seen, 1, dot);
		u.rate = weights_user(&c->w, u.n_seen);
		add_user(c, from + r, &u, c->odds[thread]);
	}
}

/* Per user in their order, so that threads change nothing. */
static struct sums
likelihood(struct calibrating *c, const struct weights *w, size_t threads)
{
	struct sums total = { 0 };

	c->w = *w;
	for (size_t i = 0; i < c->e->items.n; i++)
		c->base[i] =
		    w->of[POPULAR] * c->item[0][i] + w->of[RECENT] * c->item[1][i];
	threads_each(
	    threads, (c->n_users + VEC_ROWS - 1) / VEC_ROWS, likelihood_chunk, c);
	for (size_t k = 0; k < c->n_users; k++) {
		const struct sums *s = &c->sums[k];

		total.nll += s->nll;
		for (size_t a = 0; a < WEIGHTS; a++) {
			total.slope[a] += s->slope[a];
			for (size_t b = 0; b < WEIGHTS; b++)
				total.curve[a][b] += s->curve[a][b];
		}
	}
	for (size_t a = 0; a < WEIGHTS; a++) {
		total.nll += CALIBRATE_PRIOR / 2 * w->of[a] * w->of[a];
		total.slope[a] += CALIBRATE_PRIOR * w->of[a];
		total.curve[a][a] += CALIBRATE_PRIOR;
	}
	return total;
}

/*
 * step = (curve + caution diag(curve))^-1 slope by Cholesky; CALIBRATE_PRIOR makes
 * curve positive definite. What the step should gain.
 */
static double
scoring_step(const struct sums *s, double caution, double step[WEIGHTS])
{
	double gain = 0;
	double l[WEIGHTS][WEIGHTS];

	for (size_t i = 0; i < WEIGHTS; i++) {
		for (size_t j = 0; j <= i; j++) {
			double x = s->curve[i][j] * (i == j ? 1 + caution : 1);

			for (size_t k = 0; k < j; k++)
				x -= l[i][k] * l[j][k];
			l[i][j] = i == j ? sqrt(fmax(x, CALIBRATE_PRIOR * 1e-6))
					 : x / l[j][j];
		}
		step[i] = s->slope[i];
		for (size_t k = 0; k < i; k++)
			step[i] -= l[i][k] * step[k];
		step[i] /= l[i][i];
	}
	for (size_t i = WEIGHTS; i--;) {
		for (size_t k = i + 1; k < WEIGHTS; k++)
			step[i] -= l[k][i] * step[k];
		step[i] /= l[i][i];
	}
	for (size_t i = 0; i < WEIGHTS; i++) {
		gain += step[i] * s->slope[i];
		for (size_t j = 0; j < WEIGHTS; j++)
			gain -= step[i] * s->curve[i][j] * step[j] / 2;
	}
	return gain;
}

/*
 * Fisher's scoring, cautious where it promises more than it gains (Levenberg 1944,
 * Marquardt 1963): a long step may land where the damping hides the way back.
 */
static void
climb(struct calibrating *c, struct weights *w, size_t threads)
{
	struct sums at = likelihood(c, w, threads);
	double caution = FIRST_CAUTION;

	for (int pass = 0; pass < MOST_PASSES; pass++) {
		double step[WEIGHTS], promised = scoring_step(&at, caution, step);
		struct sums next;
		struct weights to;

		if (promised < 1e-7 * fabs(at.nll) || promised < 1e-9)
			return;
		for (size_t a = 0; a < WEIGHTS; a++)
			to.of[a] = w->of[a] - step[a];
		next = likelihood(c, &to, threads);
		if (at.nll - next.nll >= promised / 4) {
			*w = to;
			at = next;
			caution /= 5;
		} else
			caution = caution * 10;
	}
}

static void
calibrating_open(struct calibrating *c, size_t users, size_t threads)
{
	const struct evidence *e = c->e;
	size_t n = e->items.n, n_catalog = e->catalog->items.strings.n;

	c->n_users = users;
	c->sample = xcalloc(c->n_users, sizeof *c->sample);
	for (size_t k = 0; k < c->n_users; k++)
		c->sample[k] = k * e->holdout->n_users / c->n_users;
	c->padded = vec_padded(n);
	c->place = xcalloc(n_catalog, sizeof *c->place);
	memset(c->place, 0xff, n_catalog * sizeof *c->place);
	c->item[0] = xcalloc(n, sizeof *c->item[0]);
	c->item[1] = xcalloc(n, sizeof *c->item[1]);
	c->base = xcalloc(n, sizeof *c->base);
	c->sums = xcalloc(c->n_users, sizeof *c->sums);
	for (size_t i = 0; i < n; i++) {
		c->place[e->number[i]] = (uint32_t)i;
		/* Where a feature is always 0, the prior keeps its weight there. */
		if (!e->without_popular)
			c->item[0][i] =
			    log1p((double)e->popularity->count[e->number[i]]);
		if (!e->without_recent)
			c->item[1][i] = log1p(e->popularity->recent[e->number[i]]);
	}
	c->seen = xcalloc(threads, sizeof *c->seen);
	c->scores = xcalloc(threads, sizeof *c->scores);
	c->odds = xcalloc(threads, sizeof *c->odds);
	for (size_t t = 0; t < threads; t++) {
		c->seen[t] = seen_new(e->catalog, e->wanted);
		c->scores[t] = xaligned(VEC_ROWS * c->padded, sizeof(float));
		c->odds[t] = xcalloc(n, sizeof *c->odds[t]);
	}
}

static void
calibrating_close(struct calibrating *c, size_t threads)
{
	for (size_t t = 0; t < threads; t++) {
		seen_free(c->seen[t]);
		free(c->scores[t]);
		free(c->odds[t]);
	}
	free(c->seen);
	free(c->scores);
	free(c->odds);
	free(c->sample);
	free(c->place);
	free(c->item[0]);
	free(c->item[1]);
	free(c->base);
	free(c->sums);
}

void
calibrate_fold(const struct weights *w, const struct evidence *e, float *panels,
    float *users, size_t used_dim)
{
	size_t dim = e->items.dim;
	struct seen *seen = seen_new(e->catalog, e->wanted);
	const struct seen_item *met;

	for (size_t i = 0; i < e->items.n; i++)
		panels[(i / VEC_COLS * dim + used_dim) * VEC_COLS + i % VEC_COLS] =
		    (float)weights_item(w, e->popularity, e->number[i]);
	for (uint32_t u = 0; u < e->catalog->users.strings.n; u++) {
		size_t skip = e->holdout ? e->holdout->skip[u] : 0;
		size_t n = seen_of(seen, u, skip, &met);
		float rate = (float)weights_user(w, n);

		for (size_t d = 0; d < used_dim; d++)
			users[u * dim + d] *= rate;
		users[u * dim + used_dim] = n > 0;
	}
	seen_free(seen);
}

/* From the weights given, on so many of the held-out users. */
static void
calibrate_on(struct weights *w, const struct evidence *e, size_t users, size_t threads)
{
	struct calibrating c = { .e = e };

	calibrating_open(&c, users, threads);
	climb(&c, w, threads);
	calibrating_close(&c, threads);
}

void
calibrate(struct weights *w, const struct evidence *e, size_t threads)
{
	size_t n = e->items.n + 1, few, all;

	/* Taste alone, at a scale that suits factors that predict 0 and 1. */
	*w = (struct weights){ { [TASTE] = 5, [SATURATION] = -5 } };
	if (!e->items.n || !e->holdout->event[e->holdout->n_users])
		return;
	threads = MAX(threads, (size_t)1);
	all = MIN(e->holdout->n_users, MAX(MOST_PAIRS / n, (size_t)LEAST_USERS));
	few = MIN(all, MAX(FEW_PAIRS / n, (size_t)LEAST_USERS));
	if (e->quick)
		all = few = MIN(all, (size_t)LEAST_USERS);
	/* Most of the way on a few users, from where it is not far for all. */
	if (few < all)
		calibrate_on(w, e, few, threads);
	calibrate_on(w, e, all, threads);
}
