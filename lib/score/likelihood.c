/* likelihood - how likely weights make what was held out, and its derivatives. */
#include "likelihood.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "links.h"
#include "threads.h"

/* What varies over items within a user; ACTIVITY is TASTE times a number of theirs. */
enum {
	F_DOT,
	F_BASE,
	F_POPULAR,
	F_RECENT,
	MIXED,
	F_SATURATION = MIXED,
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
	[BASE] = F_BASE,
	[POPULAR] = F_POPULAR,
	[RECENT] = F_RECENT,
	[SEEN] = F_SEEN,
	[TIMES] = F_TIMES,
	[AGE] = F_AGE,
	[LAST] = F_LAST,
	[SATURATION] = F_SATURATION,
};

struct likelihoods {
	const struct evidence *e;
	size_t n_users;
	size_t *sample; /* [n_users] of the held-out users, evenly */
	struct weights w;
	uint32_t *place; /* [catalog items]: position among the scored, NONE */
	double *item[2]; /* [items.n]: log(1 + count), log(1 + recent) */
	bool mixed;      /* links add up with what everybody meets */
	double *base;    /* [items.n]: what an item adds for everybody */
	double most_base, *base_odds; /* exp(base - most_base), if mixed */
	struct likelihood *of;        /* [n_users] */
	struct seen **seen;           /* [threads] */
	float **scores;               /* [threads][VEC_ROWS][padded] */
	double **odds;                /* [threads][2][items.n] */
	size_t padded, threads;
};

/* Sums over the items of one user under the model's probabilities, of likelihood.h. */
struct moments {
	double log_sum;
	double mean[FEATURES];            /* r x */
	double square[FEATURES];          /* (r x)^2 */
	double curve[FEATURES][FEATURES]; /* r^2 x x' + the second derivatives */
};

struct user {
	const float *dot;
	double rate; /* weights_user */
	const struct seen_item *seen;
	size_t n_seen;
};

/* z of the formula but for what has been met; *t: how much of it is taste, at links. */
static double
mix(const struct likelihoods *c, const struct user *u, size_t place, double *t)
{
	double a = u->rate * (double)u->dot[place], b = c->base[place], e;

	*t = 1;
	if (!c->mixed)
		return a + b;
	e = exp(-fabs(a - b));
	*t = a > b ? 1 / (1 + e) : e / (1 + e);
	return fmax(a, b) + log1p(e);
}

/* Its derivatives x; the second ones are t (1 - t) y y'. */
static void
mixed_features(const struct likelihoods *c, const struct user *u, size_t place,
    double t, double x[MIXED], double y[MIXED])
{
	y[F_DOT] = (double)u->dot[place];
	y[F_BASE] = c->mixed ? -1 : 0;
	y[F_POPULAR] = -c->item[0][place];
	y[F_RECENT] = -c->item[1][place];
	x[F_DOT] = t * y[F_DOT];
	for (size_t i = F_BASE; i < MIXED; i++)
		x[i] = (c->mixed ? t - 1 : -1) * y[i];
}

/* The same with what has been met. */
static double
features_of(const struct likelihoods *c, const struct user *u, uint32_t place,
    const struct seen_item *s, double x[FEATURES], double y[MIXED], double *t)
{
	double z = mix(c, u, place, t);

	mixed_features(c, u, place, *t, x, y);
	x[F_SATURATION] = 1;
	x[F_SEEN] = s != NULL;
	x[F_TIMES] = s ? log((double)s->times) : 0;
	x[F_AGE] = s ? log((double)s->age) : 0;
	x[F_LAST] = s && s->age == 1;
	return s ? z + weights_seen(&c->w, s) : z;
}

/* r of the formulas. */
static double
unsaturated(const struct likelihoods *c, double z)
{
	return 1 / (1 + exp(z + c->w.of[SATURATION]));
}

/* Features from..to - 1 of an item of probability p, with all before them. */
static void
add_moments(struct moments *m, double p, double r, const double x[FEATURES],
    size_t from, size_t to)
{
	double curve = p * r * (2 * r - 1), mean = p * r, square = p * r * r;

	for (size_t j = from; j < to; j++) {
		m->mean[j] += mean * x[j];
		m->square[j] += square * x[j] * x[j];
		for (size_t i = 0; i <= j; i++)
			m->curve[i][j] += curve * x[i] * x[j];
	}
}

/* What the second derivatives of z are to the sums. */
static void
add_bent(double curve[FEATURES][FEATURES], double by, const double y[MIXED])
{
	for (size_t j = 0; j < MIXED; j++)
		for (size_t i = 0; i <= j; i++)
			curve[i][j] += by * y[i] * y[j];
}

/*
 * exp(z - most) and t of all items, [items.n] each; most. Exponentials are added as
 * they are, which spares the logarithm of mix.
 */
static double
odds_of(const struct likelihoods *c, const struct user *u, double *odds, double *t)
{
	size_t n = c->e->items.n;
	double most = -INFINITY, by;

	for (size_t i = 0; i < n; i++) {
		double a = u->rate * (double)u->dot[i];

		odds[i] = c->mixed ? a : a + c->base[i];
		most = fmax(most, odds[i]);
	}
	most = c->mixed ? fmax(most, c->most_base) : most;
	by = exp(c->most_base - most);
	for (size_t i = 0; i < n; i++) {
		double e = exp(odds[i] - most);

		odds[i] = c->mixed ? e + by * c->base_odds[i] : e;
		t[i] = odds[i] > 0 ? e / odds[i] : 1;
	}
	for (size_t k = 0; k < u->n_seen; k++) {
		uint32_t place = c->place[u->seen[k].item];

		if (place != NONE)
			odds[place] *= exp(weights_seen(&c->w, &u->seen[k]));
	}
	return most;
}

/* p and t: room for odds_of. */
static void
moments_of(const struct likelihoods *c, const struct user *u, double *p, double *t,
    struct moments *m)
{
	double most = odds_of(c, u, p, t), sum = 0, y[MIXED];
	double x[FEATURES] = { [F_SATURATION] = 1 };
	double damping = exp(most + c->w.of[SATURATION]);

	*m = (struct moments){ 0 };
	for (size_t i = 0; i < c->e->items.n; i++) {
		double r = 1 / (1 + p[i] * damping);

		sum += p[i] *= r;
		mixed_features(c, u, i, t[i], x, y);
		add_moments(m, p[i], r, x, 0, DENSE);
		if (c->mixed)
			add_bent(m->curve, p[i] * r * t[i] * (1 - t[i]), y);
	}
	/* Only what has been met has the other features. */
	for (size_t k = 0; k < u->n_seen; k++) {
		uint32_t place = c->place[u->seen[k].item];
		double r, any;

		if (place == NONE)
			continue;
		r = unsaturated(c, features_of(c, u, place, &u->seen[k], x, y, &any));
		add_moments(m, p[place], r, x, DENSE, FEATURES);
	}
	for (size_t j = 0; j < FEATURES; j++) {
		m->mean[j] /= sum;
		m->square[j] /= sum;
		for (size_t i = 0; i <= j; i++)
			m->curve[i][j] /= sum;
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

/* What the items that a user met in held-out events say, of moments' terms. */
struct happened {
	double n, total[FEATURES], curve[FEATURES][FEATURES];
};

static void
add_events(struct likelihoods *c, size_t k, const struct user *u, struct happened *to,
    double *nll)
{
	const struct holdout *h = c->e->holdout;
	double x[FEATURES], y[MIXED], t;

	for (uint64_t i = h->event[k]; i < h->event[k + 1]; i++) {
		const struct seen_item *seen = seen_find(u, h->item[i]);
		uint32_t place = c->place[h->item[i]];
		double z, r;

		if (place == NONE)
			continue;
		z = features_of(c, u, place, seen, x, y, &t);
		r = unsaturated(c, z);
		for (size_t j = 0; j < FEATURES; j++) {
			to->total[j] += r * x[j];
			for (size_t l = 0; l <= j; l++)
				to->curve[l][j] += r * (1 - r) * x[l] * x[j];
		}
		add_bent(to->curve, -r * t * (1 - t), y);
		*nll -= z - log1p(exp(z + c->w.of[SATURATION]));
		to->n++;
	}
}

/* One user's events into their sums. */
static void
add_user(struct likelihoods *c, size_t at_sample, const struct user *u, double *odds)
{
	struct happened e = { 0 };
	struct likelihood *s = &c->of[at_sample];
	double per[WEIGHTS];
	struct moments m;

	*s = (struct likelihood){ 0 };
	moments_of(c, u, odds, odds + c->e->items.n, &m);
	add_events(c, c->sample[at_sample], u, &e, &s->nll);
	s->nll += e.n * m.log_sum;
	for (size_t a = 0; a < WEIGHTS; a++)
		per[a] = a == ACTIVITY ? log1p((double)u->n_seen) : 1;
	for (size_t a = 0; a < WEIGHTS; a++) {
		size_t i = feature_of[a];

		s->slope[a] = per[a] * (e.n * m.mean[i] - e.total[i]);
		s->scale[a] =
		    per[a] * per[a] * e.n * (m.square[i] - m.mean[i] * m.mean[i]);
		for (size_t b = 0; b < WEIGHTS; b++) {
			size_t j = feature_of[b], low = MIN(i, j), high = MAX(i, j);

			s->curve[a][b] =
			    per[a] * per[b] *
			    (e.n * (m.curve[low][high] - m.mean[i] * m.mean[j]) +
				e.curve[low][high]);
		}
	}
}

static void
likelihood_chunk(void *context, size_t chunk, size_t thread)
{
	struct likelihoods *c = context;
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
struct likelihood
likelihood_at(struct likelihoods *c, const struct weights *w)
{
	struct likelihood total = { 0 };

	c->w = *w;
	c->most_base = -INFINITY;
	for (size_t i = 0; i < c->e->items.n; i++) {
		c->base[i] = w->of[BASE] + w->of[POPULAR] * c->item[0][i] +
			     w->of[RECENT] * c->item[1][i];
		c->most_base = fmax(c->most_base, c->base[i]);
	}
	for (size_t i = 0; c->mixed && i < c->e->items.n; i++)
		c->base_odds[i] = exp(c->base[i] - c->most_base);
	threads_each(
	    c->threads, (c->n_users + VEC_ROWS - 1) / VEC_ROWS, likelihood_chunk, c);
	for (size_t k = 0; k < c->n_users; k++) {
		const struct likelihood *s = &c->of[k];

		total.nll += s->nll;
		for (size_t a = 0; a < WEIGHTS; a++) {
			total.slope[a] += s->slope[a];
			total.scale[a] += s->scale[a];
			for (size_t b = 0; b < WEIGHTS; b++)
				total.curve[a][b] += s->curve[a][b];
		}
	}
	for (size_t a = 0; a < WEIGHTS; a++) {
		total.nll += CALIBRATE_PRIOR / 2 * w->of[a] * w->of[a];
		total.slope[a] += CALIBRATE_PRIOR * w->of[a];
		total.scale[a] += CALIBRATE_PRIOR;
		total.curve[a][a] += CALIBRATE_PRIOR;
	}
	return total;
}

struct likelihoods *
likelihoods_new(const struct evidence *e, size_t users, size_t threads)
{
	struct likelihoods *c = xcalloc(1, sizeof *c);
	size_t n = e->items.n, n_catalog = e->catalog->items.strings.n;

	c->e = e;
	c->threads = threads;
	c->n_users = users;
	c->sample = xcalloc(c->n_users, sizeof *c->sample);
	for (size_t k = 0; k < c->n_users; k++)
		c->sample[k] = k * e->holdout->n_users / c->n_users;
	c->padded = vec_padded(n);
	c->place = xcalloc(n_catalog, sizeof *c->place);
	memset(c->place, 0xff, n_catalog * sizeof *c->place);
	c->item[0] = xcalloc(n, sizeof *c->item[0]);
	c->item[1] = xcalloc(n, sizeof *c->item[1]);
	c->mixed = e->links && e->links->row[n];
	c->base = xcalloc(n, sizeof *c->base);
	c->base_odds = xcalloc(n, sizeof *c->base_odds);
	c->of = xcalloc(c->n_users, sizeof *c->of);
	for (size_t i = 0; i < n; i++) {
		c->place[e->number[i]] = (uint32_t)i;
		/* Where a feature is always 0, the prior keeps its weight there. */
		c->item[0][i] = log1p((double)e->popularity->count[e->number[i]]);
		if (!e->without_recent)
			c->item[1][i] = log1p(e->popularity->recent[e->number[i]]);
	}
	c->seen = xcalloc(threads, sizeof *c->seen);
	c->scores = xcalloc(threads, sizeof *c->scores);
	c->odds = xcalloc(threads, sizeof *c->odds);
	for (size_t t = 0; t < threads; t++) {
		c->seen[t] = seen_new(e->catalog, e->wanted);
		c->scores[t] = xaligned(VEC_ROWS * c->padded, sizeof(float));
		c->odds[t] = xcalloc(2 * n, sizeof *c->odds[t]);
	}
	return c;
}

void
likelihoods_free(struct likelihoods *c)
{
	for (size_t t = 0; t < c->threads; t++) {
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
	free(c->base_odds);
	free(c->of);
	free(c);
}
