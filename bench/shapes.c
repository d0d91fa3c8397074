/*
 * shapes - interactions as big shops have them, the same on every machine.
 *
 *	shapes USERS ITEMS INTERACTIONS csv|pairs|records
 *
 * csv: what pz-import reads; pairs: user and item as two little-endian uint32 each, for
 * peers; records: a line of input for each user.
 *
 * How much users do is log-normal (sigma 1.1, at least 5, at most a fifth of the
 * items), how popular items are is Zipf-like: the r-th has the weight 1 / (r + 10).
 * Each item is of one of 64 kinds; three kinds hold 70 % of what a user picks, so
 * that there is something to learn. No pair comes twice.
 */
#include <err.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "splitmix.h"

enum { KINDS = 64, LIKED = 3, LEAST = 5, FIRST_TIME = 1600000000, DAYS = 1000 };

struct shape {
	uint32_t n_users, n_items;
	double per_user;
	uint32_t *item; /* by popularity */
	double *sum;    /* [n_items + 1] of their weights */
	uint32_t *of[KINDS];
	double *sum_of[KINDS];
	uint32_t n_of[KINDS];
};

static uint64_t counter;

/* Uniform in [0, 1). */
static double
uniform(void)
{
	return (double)(splitmix(counter++) >> 11) * 0x1p-53;
}

static double
normal(void)
{
	double radius = sqrt(-2 * log(1 - uniform()));

	return radius * cos(6.283185307179586 * uniform());
}

static void *
room(size_t n, size_t size)
{
	void *p = calloc(n, size);

	if (!p)
		err(1, NULL);
	return p;
}

/* IDs say nothing of popularity. */
static void
shuffle(uint32_t *x, uint32_t n)
{
	for (uint32_t i = n - 1; i; i--) {
		uint32_t j = (uint32_t)(uniform() * (i + 1)), t = x[i];

		x[i] = x[j];
		x[j] = t;
	}
}

static void
shape_items(struct shape *s)
{
	s->item = room(s->n_items, sizeof *s->item);
	s->sum = room(s->n_items + 1, sizeof *s->sum);
	for (int k = 0; k < KINDS; k++) {
		s->of[k] = room(s->n_items, sizeof **s->of);
		s->sum_of[k] = room(s->n_items + 1, sizeof **s->sum_of);
	}
	for (uint32_t i = 0; i < s->n_items; i++)
		s->item[i] = i;
	shuffle(s->item, s->n_items);
	for (uint32_t r = 0; r < s->n_items; r++) {
		double weight = 1 / (r + 10.0);
		size_t kind = (size_t)(uniform() * KINDS);
		uint32_t n = s->n_of[kind]++;

		s->sum[r + 1] = s->sum[r] + weight;
		s->of[kind][n] = s->item[r];
		s->sum_of[kind][n + 1] = s->sum_of[kind][n] + weight;
	}
}

/* The place whose stretch of the sums a number falls into. */
static uint32_t
find(const double *sum, uint32_t n, double x)
{
	uint32_t from = 0, to = n;

	for (x *= sum[n]; to - from > 1;) {
		uint32_t middle = from + (to - from) / 2;

		if (sum[middle] <= x)
			from = middle;
		else
			to = middle;
	}
	return from;
}

static uint32_t
pick(const struct shape *s, const size_t *liked)
{
	if (uniform() < 0.7) {
		size_t kind = liked[(size_t)(uniform() * LIKED)];

		if (s->n_of[kind])
			return s
			    ->of[kind][find(s->sum_of[kind], s->n_of[kind], uniform())];
	}
	return s->item[find(s->sum, s->n_items, uniform())];
}

static uint32_t
history_length(const struct shape *s)
{
	const double sigma = 1.1;
	double n = s->per_user * exp(sigma * normal() - sigma * sigma / 2);

	return (uint32_t)fmin(fmax(n, LEAST), s->n_items / 5.0);
}

static void
put(const char *how, uint32_t user, uint32_t item)
{
	uint32_t pair[2] = { user, item };

	if (!strcmp(how, "pairs"))
		fwrite(pair, sizeof pair, 1, stdout);
	else
		printf("u%07u,i%06u,%u\n", user, item,
		    (uint32_t)(FIRST_TIME + uniform() * DAYS * 86400));
}

int
main(int argc, char *argv[])
{
	struct shape s = { 0 };
	uint32_t *last; /* who picked the item last */
	const char *how = argc == 5 ? argv[4] : "";

	if (argc != 5)
		errx(2, "usage: shapes USERS ITEMS INTERACTIONS csv|pairs|records");
	s.n_users = (uint32_t)atoi(argv[1]);
	s.n_items = (uint32_t)atoi(argv[2]);
	s.per_user = atof(argv[3]) / s.n_users;
	if (!strcmp(how, "records")) {
		for (uint32_t u = 0; u < s.n_users; u++)
			printf("{\"userId\":\"u%07u\"}\n", u);
		return fflush(stdout) ? 1 : 0;
	}
	shape_items(&s);
	last = room(s.n_items, sizeof *last);
	if (strcmp(how, "pairs"))
		puts("USER_ID,ITEM_ID,TIMESTAMP");
	for (uint32_t u = 0; u < s.n_users; u++) {
		size_t liked[LIKED];

		counter = (uint64_t)(u + 1) << 32;
		for (int k = 0; k < LIKED; k++)
			liked[k] = (size_t)(uniform() * KINDS);
		for (uint32_t n = history_length(&s), tries = 4 * n; n && tries;
		     tries--) {
			uint32_t item = pick(&s, liked);

			if (last[item] == u + 1)
				continue;
			last[item] = u + 1;
			n--;
			put(how, u, item);
		}
	}
	return fflush(stdout) ? 1 : 0;
}
