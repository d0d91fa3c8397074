/* together - how often items are met close to one another, by their definition. */
#include "together.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "random.h"

enum { N = 90, CROWD = 25, MOST = 150 };

/* Histories with repeats, the newest first; two types, of which one counts less. */
struct crowd {
	struct catalog catalog;
	uint64_t offset[CROWD + 1];
	uint32_t item[CROWD * MOST];
	uint16_t type[CROWD * MOST];
	int64_t time[CROWD * MOST];
	uint64_t type_at[3];
	struct wanted wanted;
};

static void
crowd_random(struct crowd *c)
{
	memset(c, 0, sizeof *c);
	for (size_t u = 0; u < CROWD; u++) {
		size_t n = one_in(5) ? 0 : random_below(MOST), at = c->offset[u];

		for (size_t i = 0; i < n; i++, at++) {
			c->item[at] = (uint32_t)random_below(
			    1 + random_below(1 + random_below(N)));
			c->type[at] = one_in(3);
			c->time[at] = (int64_t)(1000 - i);
		}
		c->offset[u + 1] = at;
	}
	c->type_at[1] = 3;
	c->type_at[2] = 7;
	c->catalog.items.strings.n = N;
	c->catalog.users.strings.n = CROWD;
	c->catalog.history = (struct history){ .offset = c->offset,
		.item = c->item,
		.type = c->type,
		.time = c->time,
		.types = { 2, c->type_at, "buyview" } };
	c->wanted.n = 2;
	c->wanted.rules[0] = (struct event_rule){ xstrdup("buy"), false, 0, 1 };
	c->wanted.rules[1] = (struct event_rule){ xstrdup("view"), false, 0, 0.25 };
}

/* How many different items user u met after they last met the item; -1: never did. */
static int
place_of(const struct crowd *c, size_t u, uint32_t item, double *weight)
{
	bool before[N] = { false };
	int place = 0, found = -1;

	*weight = 0;
	for (uint64_t k = c->offset[u]; k < c->offset[u + 1]; k++) {
		if (c->item[k] == item) {
			*weight = fmax(*weight, c->type[k] ? 0.25 : 1);
			found = found < 0 ? place : found;
		}
		place += !before[c->item[k]];
		before[c->item[k]] = true;
	}
	return found;
}

static double
users_of(const struct crowd *c, uint32_t item)
{
	double sum = 0, weight;

	for (size_t u = 0; u < CROWD; u++) {
		place_of(c, u, item, &weight);
		sum += weight;
	}
	return sum;
}

static double
value(const struct crowd *c, uint32_t i, uint32_t j, double discount)
{
	double sum = 0, both = 0, wi, wj;

	for (size_t u = 0; u < CROWD; u++) {
		int a = place_of(c, u, i, &wi), b = place_of(c, u, j, &wj);

		if (a < 0 || b < 0 || abs(a - b) > TOGETHER_REACH)
			continue;
		sum += wi * wj / abs(a - b);
		both++;
	}
	if (!both)
		return 0;
	sum /= pow(users_of(c, i), 1 - discount) * pow(users_of(c, j), discount);
	return sqrt(sum * both / (both + 5));
}

/* The links of item i are the greatest values, each right. */
static bool
row_is_right(const struct crowd *c, const struct links *l, uint32_t i,
    const struct together_params *p)
{
	uint64_t k = l->row[i], n = l->row[i + 1] - k;
	double least = INFINITY, most_left_out = 0;
	size_t some = 0;

	for (uint32_t j = 0; j < N; j++) {
		double x = i == j ? 0 : p->scale * value(c, i, j, p->discount);

		some += x > 0;
		if (k < l->row[i + 1] && l->at[k] == j) {
			if (fabs(x - (double)l->weight[k++]) > 1e-6)
				return false;
			least = fmin(least, x);
		} else
			most_left_out = fmax(most_left_out, x);
	}
	return k == l->row[i + 1] && n == MIN(some, p->most) &&
	       most_left_out <= least + 1e-6;
}

static void
links_release_all(struct links *l)
{
	free((void *)l->row);
	free((void *)l->at);
	free((void *)l->weight);
}

static void
links_equal_the_formula_for_any_threads(void)
{
	static struct crowd c;
	uint32_t scored[N];
	bool right = true, same = true;

	for (uint32_t i = 0; i < N; i++)
		scored[i] = i;
	for (int turn = 0; turn < 4; turn++) {
		struct together_params p = { turn / 4.0, 0.5, turn ? 12 : N, 1 };
		struct links one, three;

		crowd_random(&c);
		together(&one, &c.catalog, &c.wanted, scored, N, &p);
		p.threads = 3;
		together(&three, &c.catalog, &c.wanted, scored, N, &p);
		for (uint32_t i = 0; i < N; i++)
			right = right && row_is_right(&c, &one, i, &p);
		same =
		    same && one.row[N] == three.row[N] && one.row[N] > 0 &&
		    !memcmp(one.row, three.row, (N + 1) * sizeof *one.row) &&
		    !memcmp(one.at, three.at, one.row[N] * sizeof *one.at) &&
		    !memcmp(one.weight, three.weight, one.row[N] * sizeof *one.weight);
		links_release_all(&one);
		links_release_all(&three);
		wanted_release(&c.wanted);
	}
	CHECK(right);
	CHECK(same);
}

int
main(void)
{
	links_equal_the_formula_for_any_threads();
	return check_end();
}
