/* activity - how much each user is expected to do in the next period. */
#include "activity.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PRIOR 1.0  /* a weak one: precision of each weight around 0 */
#define LEAST 0.01 /* a rate that is as good as none */
enum { DECAYS = 6, TERMS = 3 + DECAYS, PASSES = 50 };

/* T of activity.h, in periods. */
static const double decay[DECAYS] = { 0.03, 0.1, 0.3, 1, 3, 10 };

struct span_of_time {
	int64_t first, cut, last;
	double period; /* last - cut */
};

static int
by_time(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Where the newest tenth begins. -1: nowhere. */
static int
find_cut(const struct history *h, const struct wanted_types *t, uint64_t n_events,
    struct span_of_time *s)
{
	int64_t *times = xcalloc(n_events, sizeof *times);
	uint64_t n = 0;

	for (uint64_t i = 0; i < n_events; i++)
		if (wanted_counts(t, i))
			times[n++] = h->time[i];
	qsort(times, n, sizeof *times, by_time);
	*s = (struct span_of_time){ 0 };
	if (n) {
		s->first = times[0];
		s->cut = times[n - 1 - n / 10];
		s->last = times[n - 1];
	}
	free(times);
	s->period = (double)s->last - (double)s->cut;
	return s->cut > s->first && s->period > 0 ? 0 : -1;
}

/* What is known of a user at a time; how many interactions there are after it. */
static double
look(const struct wanted_types *t, uint32_t user, const struct span_of_time *s,
    int64_t now, double x[TERMS])
{
	const struct history *h = t->h;
	double n = 0, rate[DECAYS] = { 0 }, later = 0;
	double age = (double)now - (double)s->first;

	for (uint64_t i = h->offset[user]; i < h->offset[user + 1]; i++) {
		double ago = (double)now - (double)h->time[i];

		if (!wanted_counts(t, i))
			continue;
		if (ago < 0) {
			later++;
			continue;
		}
		n++;
		for (size_t k = 0; k < DECAYS; k++)
			rate[k] += exp(-ago / (decay[k] * s->period));
		age = fmin(age, ago);
	}
	x[0] = 1;
	x[1] = log1p(n);
	x[2] = log1p(age / s->period);
	for (size_t k = 0; k < DECAYS; k++)
		x[3 + k] = log(LEAST + rate[k]);
	return later;
}

static double
expected(const double b[TERMS], const double x[TERMS])
{
	double sum = 0;

	for (size_t k = 0; k < TERMS; k++)
		sum += b[k] * x[k];
	return exp(fmin(sum, 50));
}

struct fit {
	double loss, slope[TERMS], curve[TERMS][TERMS];
};

/* The negative log-likelihood with its derivatives, and a weak prior. */
static struct fit
fit_at(const double (*x)[TERMS], const double *y, size_t n, const double b[TERMS])
{
	struct fit f = { 0 };

	for (size_t u = 0; u < n; u++) {
		double lambda = expected(b, x[u]);

		f.loss += lambda - y[u] * log(lambda);
		for (size_t i = 0; i < TERMS; i++) {
			f.slope[i] += (lambda - y[u]) * x[u][i];
			for (size_t j = 0; j < TERMS; j++)
				f.curve[i][j] += lambda * x[u][i] * x[u][j];
		}
	}
	for (size_t i = 0; i < TERMS; i++) {
		f.loss += PRIOR / 2 * b[i] * b[i];
		f.slope[i] += PRIOR * b[i];
		f.curve[i][i] += PRIOR;
	}
	return f;
}

/* step = curve^-1 slope by Gauss's elimination; curve is positive definite. */
static void
newton_step(struct fit f, double step[TERMS])
{
	for (size_t k = 0; k < TERMS; k++)
		for (size_t i = k + 1; i < TERMS; i++) {
			double part = f.curve[i][k] / f.curve[k][k];

			for (size_t j = k; j < TERMS; j++)
				f.curve[i][j] -= part * f.curve[k][j];
			f.slope[i] -= part * f.slope[k];
		}
	for (size_t k = TERMS; k--;) {
		step[k] = f.slope[k];
		for (size_t j = k + 1; j < TERMS; j++)
			step[k] -= f.curve[k][j] * step[j];
		step[k] /= f.curve[k][k];
	}
}

static void
regress(const double (*x)[TERMS], const double *y, size_t n, double b[TERMS])
{
	double sum = 0;
	struct fit at;

	for (size_t u = 0; u < n; u++)
		sum += y[u];
	memset(b, 0, TERMS * sizeof *b);
	b[0] = log((sum + 1) / ((double)n + 1));
	at = fit_at(x, y, n, b);
	for (int pass = 0; pass < PASSES; pass++) {
		double step[TERMS], to[TERMS], part = 1;
		struct fit next;

		newton_step(at, step);
		do {
			for (size_t k = 0; k < TERMS; k++)
				to[k] = b[k] - part * step[k];
			next = fit_at(x, y, n, to);
			part /= 2;
		} while (!(next.loss <= at.loss) && part > 1e-6);
		if (!(next.loss <= at.loss))
			return;
		memcpy(b, to, TERMS * sizeof *b);
		if (!(at.loss - next.loss > 1e-12 * fabs(at.loss)))
			return;
		at = next;
	}
}

double *
activity_expected(const struct catalog *c, const struct wanted *w, char **why)
{
	size_t n = c->users.strings.n;
	double(*x)[TERMS] = xcalloc(n, sizeof *x), *y = xcalloc(n, sizeof *y);
	double b[TERMS], *lambda = NULL;
	struct wanted_types t;
	struct span_of_time s;

	wanted_types_init(&t, &c->history, w);
	if (find_cut(&c->history, &t, c->history.offset[n], &s) < 0)
		*why = xstrdup("the times of the interactions do not differ enough to "
			       "say who will be active");
	else {
		for (uint32_t u = 0; u < n; u++)
			y[u] = look(&t, u, &s, s.cut, x[u]);
		regress((const double(*)[TERMS])x, y, n, b);
		lambda = xcalloc(n, sizeof *lambda);
		for (uint32_t u = 0; u < n; u++) {
			look(&t, u, &s, s.last, x[u]);
			lambda[u] = expected(b, x[u]);
		}
	}
	wanted_types_release(&t);
	free(x);
	free(y);
	return lambda;
}
