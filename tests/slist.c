/* slist - the weights are those of its equation, cut by cut, densely in double. */
#include "slist.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "prune.h"
#include "random.h"
#include "seen.h"

enum { PEOPLE = 60, THINGS = 45, EVENTS = 12 };

static const struct slist_params params = { { 7, THINGS, 1 }, 3, 1.5, 0.25 };

struct shop {
	struct catalog catalog;
	struct wanted wanted;
	uint64_t offset[PEOPLE + 1];
	uint32_t item[PEOPLE * EVENTS], skip[PEOPLE];
	uint16_t type[PEOPLE * EVENTS];
	int64_t time[PEOPLE * EVENTS];
	struct pair pair;
	uint32_t *scored;
	size_t n;
};

/* Repeats among them, every seventh item without interactions, some held out. */
static void
shop_init(struct shop *s)
{
	*s = (struct shop){ 0 };
	for (size_t u = 0; u < PEOPLE; u++) {
		size_t n = random_below(EVENTS + 1);

		s->offset[u + 1] = s->offset[u] + n;
		s->skip[u] = (uint32_t)(u % 4 ? 0 : random_below(3));
		for (size_t i = 0; i < n; i++) {
			uint32_t item = (uint32_t)random_below(THINGS);

			s->item[s->offset[u] + i] = item % 7 ? item : item + 1;
			s->type[s->offset[u] + i] = UINT16_MAX;
			s->time[s->offset[u] + i] = (int64_t)(1000 - i);
		}
	}
	s->catalog.items.strings.n = THINGS + 1;
	s->catalog.users.strings.n = PEOPLE;
	s->catalog.history = (struct history){
		.offset = s->offset, .item = s->item, .type = s->type, .time = s->time
	};
	pair_init(&s->pair, &s->catalog, &s->wanted, s->skip);
	s->scored = scored_items(&s->pair.by_item, &s->n);
}

/* The user's items, oldest first, each where it was met last. */
static size_t
sequence(const struct shop *s, size_t u, uint32_t *items)
{
	uint32_t newest[EVENTS];
	size_t n = 0;

	for (uint64_t i = s->offset[u] + s->skip[u]; i < s->offset[u + 1]; i++) {
		bool again = false;

		for (size_t k = 0; k < n; k++)
			again |= newest[k] == s->item[i];
		if (!again)
			newest[n++] = s->item[i];
	}
	for (size_t k = 0; k < n; k++)
		items[k] = newest[n - 1 - k];
	return n;
}

/* x = a^-1 b, all [n][n]; a is used up. */
static void
solve(double *a, double *b, size_t n)
{
	for (size_t k = 0; k < n; k++) {
		double d = a[k * n + k];

		for (size_t j = 0; j < n; j++) {
			a[k * n + j] /= d;
			b[k * n + j] /= d;
		}
		for (size_t i = 0; i < n; i++) {
			double by = a[i * n + k];

			for (size_t j = 0; i != k && j < n; j++) {
				a[i * n + j] -= by * a[k * n + j];
				b[i * n + j] -= by * b[k * n + j];
			}
		}
	}
}

/* (S'S + lambda I)^-1 S'T by catalog numbers, one cut after another. */
static double *
past_to_future(const struct shop *s)
{
	const size_t n = THINGS + 1;
	double *a = xcalloc(n * n, sizeof *a), *b = xcalloc(n * n, sizeof *b);
	uint32_t items[EVENTS];

	for (size_t u = 0; u < PEOPLE; u++) {
		size_t length = sequence(s, u, items);

		for (size_t t = 0; t + 1 < length; t++) {
			double past[THINGS + 1] = { 0 }, future[THINGS + 1] = { 0 };

			for (size_t x = 0; x < length; x++)
				if (x <= t)
					past[items[x]] =
					    exp(-(double)(t - x) / params.decay);
				else
					future[items[x]] =
					    exp(-(double)(x - t - 1) / params.decay);
			for (size_t i = 0; i < n; i++)
				for (size_t j = 0; j < n; j++) {
					a[i * n + j] += past[i] * past[j];
					b[i * n + j] += past[i] * future[j];
				}
		}
	}
	for (size_t i = 0; i < n; i++)
		a[i * n + i] += params.lambda;
	solve(a, b, n);
	free(a);
	return b;
}

/* On top of b, mix times EASE's. */
static void
add_ease(const struct shop *s, double *b)
{
	const size_t n = THINGS + 1;
	double *a = xcalloc(n * n, sizeof *a), *p = xcalloc(n * n, sizeof *p);

	for (size_t u = 0; u < PEOPLE; u++) {
		uint32_t items[EVENTS];
		size_t length = sequence(s, u, items);

		for (size_t x = 0; x < length; x++)
			for (size_t y = 0; y < length; y++)
				a[items[x] * n + items[y]]++;
	}
	for (size_t i = 0; i < n; i++) {
		a[i * n + i] += params.ease.lambda;
		p[i * n + i] = 1;
	}
	solve(a, p, n);
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < n; j++)
			b[i * n + j] -=
			    i == j ? 0 : params.mix * p[i * n + j] / p[j * n + j];
	free(a);
	free(p);
}

static double
weight_of(const struct links *l, size_t i, size_t j)
{
	for (uint64_t k = l->row[i]; k < l->row[i + 1]; k++)
		if (l->at[k] == j)
			return (double)l->weight[k];
	return 0;
}

static void
weights_are_those_of_the_equation(void)
{
	struct slist_params threaded = params;
	struct links links, same;
	struct shop s;
	double *b, worst = 0, greatest = 0;
	char *why;

	shop_init(&s);
	b = past_to_future(&s);
	add_ease(&s, b);
	CHECK(slist_train(&links, &params, &s.catalog, &s.wanted, s.skip, &s.pair,
		  s.scored, s.n, &why) == 0);
	for (size_t i = 0; i < s.n; i++)
		for (size_t j = 0; j < s.n; j++) {
			double is = b[s.scored[i] * (THINGS + 1) + s.scored[j]];

			if (i == j)
				continue;
			worst = fmax(worst, fabs(weight_of(&links, i, j) - is));
			greatest = fmax(greatest, fabs(is));
		}
	CHECK(greatest > 0.1);
	CHECK(worst < 1e-5);
	threaded.ease.threads = 3;
	CHECK(slist_train(&same, &threaded, &s.catalog, &s.wanted, s.skip, &s.pair,
		  s.scored, s.n, &why) == 0);
	CHECK(!memcmp(links.row, same.row, (s.n + 1) * sizeof *links.row) &&
	      !memcmp(links.at, same.at, links.row[s.n] * sizeof *links.at) &&
	      !memcmp(links.weight, same.weight, links.row[s.n] * sizeof(float)));
	links_release(&links);
	links_release(&same);
	pair_release(&s.pair);
	free(s.scored);
	free(b);
}

int
main(void)
{
	weights_are_those_of_the_equation();
	return check_end();
}
