/*
 * segment_reference - the probability of every user of a model, for bats to compare.
 *
 *	segment_reference MODEL ITEM...
 *
 * prints userId, a tab and the probability that the user interacts with any of the
 * items in the next period, the slow way and in doubles: pz-score(1) and
 * lib/train/activity.h say what the number is. Weights of the regression are found
 * one at a time, by bisection of the slope. Without operands there is nothing to
 * test.
 */
#include <err.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "model.h"
#include "vec.h"

enum { TERMS = 9, SWEEPS = 20000 };

struct look {
	double x[TERMS], later;
};

static int
rising(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static struct look
look(const struct history *h, uint32_t u, double first, double now, double period)
{
	static const double scale[] = { 0.03, 0.1, 0.3, 1, 3, 10 };
	double n = 0, age = now - first;
	struct look l = { { 1 }, 0 };

	for (uint64_t i = h->offset[u]; i < h->offset[u + 1]; i++) {
		double ago = now - (double)h->time[i];

		l.later += ago < 0;
		n += ago >= 0;
		for (int k = 0; ago >= 0 && k < 6; k++)
			l.x[3 + k] += exp(-ago / period / scale[k]);
		if (ago >= 0 && ago < age)
			age = ago;
	}
	l.x[1] = log(1 + n);
	l.x[2] = log(1 + age / period);
	for (int k = 0; k < 6; k++)
		l.x[3 + k] = log(0.01 + l.x[3 + k]);
	return l;
}

static double
expected(const struct look *l, const double b[TERMS])
{
	double sum = 0;

	for (int k = 0; k < TERMS; k++)
		sum += b[k] * l->x[k];
	return exp(sum);
}

/* Newton's step of one weight, kept short; the prior's precision is 1. */
static double
step_of(const struct look *l, size_t n, const double b[TERMS], int k)
{
	double slope = -b[k], curve = 1;

	for (size_t u = 0; u < n; u++) {
		double e = expected(&l[u], b);

		slope += (l[u].later - e) * l[u].x[k];
		curve += e * l[u].x[k] * l[u].x[k];
	}
	return fmax(-0.5, fmin(0.5, slope / curve));
}

/* One weight after the other, until none moves. */
static void
fit(const struct look *l, size_t n, double b[TERMS])
{
	double moved = 1;

	for (int sweep = 0; sweep < SWEEPS && moved > 1e-9; sweep++) {
		moved = 0;
		for (int k = 0; k < TERMS; k++) {
			double step = step_of(l, n, b, k);

			b[k] += step;
			moved = fmax(moved, fabs(step));
		}
	}
}

/* What is expected of each user. To be freed. */
static double *
activity(const struct model *m)
{
	const struct history *h = &m->catalog.history;
	size_t n = m->catalog.users.strings.n, events = h->offset[n];
	int64_t *times = xcalloc(events, sizeof *times);
	struct look *l = xcalloc(n, sizeof *l);
	double *lambda = xcalloc(n, sizeof *lambda), b[TERMS] = { 0 };
	double first, cut, last;

	for (size_t i = 0; i < events; i++)
		times[i] = h->time[i];
	qsort(times, events, sizeof *times, rising);
	first = (double)times[0];
	cut = (double)times[events - 1 - events / 10];
	last = (double)times[events - 1];
	for (uint32_t u = 0; u < n; u++)
		l[u] = look(h, u, first, cut, last - cut);
	fit(l, n, b);
	for (uint32_t u = 0; u < n; u++) {
		l[u] = look(h, u, first, last, last - cut);
		lambda[u] = expected(&l[u], b);
	}
	free(times);
	free(l);
	return lambda;
}

/* w(z) of a user and an item. */
static double
odds(const struct model *m, uint32_t user, uint32_t item)
{
	const struct history *h = &m->catalog.history;
	const float *x = m->users + user * m->dim;
	const float *y = model_item(m, m->place[item]);
	struct seen_item s = { item, 0, 0, 0 };
	double z = 0;

	for (size_t d = 0; d < m->dim; d++)
		z += (double)x[d] * (double)y[d * VEC_COLS];
	for (uint64_t i = h->offset[user]; i < h->offset[user + 1]; i++) {
		bool before = false;

		for (uint64_t j = h->offset[user]; j < i; j++)
			before = before || h->item[j] == h->item[i];
		if (!s.times)
			s.age += !before;
		s.times += h->item[i] == item;
	}
	if (s.times)
		z += weights_seen(&m->weights, &s);
	return exp(z) / (1 + exp(z + m->weights.of[SATURATION]));
}

static double
share(const struct model *m, uint32_t user, const uint32_t *items, size_t n)
{
	double some = 0, all = 0;
	bool known = model_user(m, user);

	for (size_t k = 0; k < n; k++)
		some += known ? odds(m, user, items[k]) : (double)m->count[items[k]];
	for (uint32_t i = 0; i < m->catalog.items.strings.n; i++)
		if (m->count[i])
			all += known ? odds(m, user, i) : (double)m->count[i];
	return some / all;
}

int
main(int argc, char *argv[])
{
	uint32_t items[100];
	struct model *m;
	double *lambda;
	char *why;

	if (argc == 1)
		return puts("1..0 # SKIP it is run by pz-score-segments.bats") < 0;
	if (!(m = model_open(argv[1], &why)))
		errx(1, "%s", why);
	for (int i = 2; i < argc; i++)
		if ((items[i - 2] = ids_find(&m->catalog.items, span_of(argv[i]))) ==
		    NONE)
			errx(1, "%s is not an item", argv[i]);
	lambda = activity(m);
	for (uint32_t u = 0; u < m->catalog.users.strings.n; u++) {
		struct span id = strings_get(&m->catalog.users.strings, u);
		double v = lambda[u] * share(m, u, items, (size_t)argc - 2);

		printf("%.*s\t%.9f\n", (int)id.len, id.data, 1 - exp(-v));
	}
	free(lambda);
	model_close(m);
	return 0;
}
