/* calibrate - the weights maximise the likelihood; folding keeps what is said. */
#include "calibrate.h"

#include <math.h>
#include <stdlib.h>

#include "check.h"
#include "links.h"
#include "world.h"

/* What the items that u has met say for i by the links of everybody to the next three.
 */
static double
link_sum(const struct world *w, uint32_t u, uint32_t i)
{
	struct seen_item s;
	double sum = 0;

	for (uint32_t from = 0; from < ITEMS; from++)
		for (uint32_t k = 1; k <= 3; k++)
			if ((from + k) % ITEMS == i && world_met(w, u, from, &s))
				sum += (double)k;
	return sum;
}

static double
z_of(const struct world *w, const struct weights *x, uint32_t u, uint32_t i)
{
	double rate = weights_user(x, world_count_met(w, u));
	double base = weights_item(x, &w->popularity, i), z;
	struct seen_item s;

	if (w->e.links)
		z = log(exp(rate * log1p(link_sum(w, u, i))) + exp(base));
	else
		z = rate * world_dot(w, u, i) + base;
	return world_met(w, u, i, &s) ? z + weights_seen(x, &s) : z;
}

/* The negative logarithm of what calibrate maximises, straight from weights.h. */
static double
loss(const struct world *w, const struct weights *x)
{
	double total = 0;

	for (uint32_t u = 0; u < USERS; u++) {
		double odds[ITEMS], sum = 0;

		for (uint32_t i = 0; i < ITEMS; i++) {
			double z = z_of(w, x, u, i);

			sum += odds[i] = exp(z) / (1 + exp(z + x->of[SATURATION]));
		}
		for (uint64_t e = w->h.event[u]; e < w->h.event[u + 1]; e++)
			total -= log(odds[w->h.item[e]] / sum);
	}
	for (int a = 0; a < WEIGHTS; a++)
		total += CALIBRATE_PRIOR / 2 * x->of[a] * x->of[a];
	return total;
}

/* Let events follow taste and habit, or there is nothing to learn. */
static void
add_habits(struct world *w)
{
	static const struct weights habits = { { [TASTE] = 2,
	    [POPULAR] = 0.5,
	    [SEEN] = 1,
	    [AGE] = -0.3,
	    [SATURATION] = -3 } };

	for (uint32_t u = 0; u < USERS; u++)
		for (uint64_t e = w->h.event[u]; e < w->h.event[u + 1]; e++) {
			uint32_t best = (uint32_t)random_below(ITEMS);

			for (int i = 0; i < 5; i++) {
				uint32_t other = (uint32_t)random_below(ITEMS);

				if (z_of(w, &habits, u, other) >
				    z_of(w, &habits, u, best))
					best = other;
			}
			w->h.item[e] = best;
		}
}

static void
world_with_habits(struct world *w)
{
	world_random(w);
	add_habits(w);
}

static void
no_weight_can_be_improved(struct world *w)
{
	struct weights best, x;
	double least;
	bool least_everywhere = true;

	calibrate(&best, &w->e, 1);
	least = loss(w, &best);
	for (int a = 0; a < WEIGHTS; a++)
		for (int sign = -1; sign <= 1; sign += 2) {
			x = best;
			x.of[a] += sign * 0.005;
			if (a != BASE || w->e.links)
				least_everywhere =
				    least_everywhere && loss(w, &x) > least;
		}
	CHECK(least_everywhere);
	CHECK(best.of[TASTE] > 0.2);
	CHECK((best.of[BASE] != 0) == (w->e.links != NULL));
}

static void
factors_are_weighed_best(void)
{
	struct world w;

	world_with_habits(&w);
	no_weight_can_be_improved(&w);
	world_release(&w);
}

static void
links_are_weighed_best(void)
{
	uint64_t row[ITEMS + 1] = { 0 };
	uint32_t at[3 * ITEMS];
	float weight[3 * ITEMS];
	struct links l = { .row = row, .at = at, .weight = weight, .bend = 1 };
	struct world w;

	for (uint32_t i = 0; i < ITEMS; i++) {
		uint64_t n = row[i];

		for (uint32_t j = 0; j < ITEMS; j++) {
			uint32_t k = (j + ITEMS - i) % ITEMS;

			if (k < 1 || k > 3)
				continue;
			at[n] = j;
			weight[n++] = (float)k;
		}
		row[i + 1] = n;
	}
	world_random(&w);
	w.e.links = &l;
	add_habits(&w);
	no_weight_can_be_improved(&w);
	world_release(&w);
}

static void
threads_change_nothing(void)
{
	struct world w;
	struct weights one, three;
	bool same = true;

	world_with_habits(&w);
	calibrate(&one, &w.e, 1);
	calibrate(&three, &w.e, 3);
	for (int a = 0; a < WEIGHTS; a++)
		same = same && one.of[a] == three.of[a];
	CHECK(same);
	world_release(&w);
}

static void
folded_factors_say_the_same(void)
{
	static const struct weights x = {
		{ [TASTE] = 3, [ACTIVITY] = -0.4, [POPULAR] = 0.6, [RECENT] = 0.3 }
	};
	struct world w;
	double *z, worst = 0;
	float *scores;

	world_random(&w);
	z = xcalloc(USERS * ITEMS, sizeof *z);
	for (uint32_t u = 0; u < USERS; u++)
		for (uint32_t i = 0; i < ITEMS; i++)
			z[u * ITEMS + i] = z_of(&w, &x, u, i);
	calibrate_fold(&x, &w.e, w.panels, w.users, DIM - 1);
	scores = xaligned(vec_padded(ITEMS), sizeof *scores);
	for (uint32_t u = 0; u < USERS; u++) {
		/* Who has met nothing has no vector. */
		if (!world_count_met(&w, u))
			continue;
		scan_users(&w.e.items, w.users, &u, 1, scores);
		for (uint32_t i = 0; i < ITEMS; i++)
			worst = fmax(worst, fabs(z[u * ITEMS + i] - (double)scores[i]));
	}
	CHECK(worst < 1e-4);
	free(scores);
	free(z);
	world_release(&w);
}

static void
nothing_held_out_leaves_the_start(void)
{
	struct world w;
	struct weights x;

	world_init(&w);
	world_ready(&w);
	calibrate(&x, &w.e, 1);
	CHECK(x.of[TASTE] > 0 && x.of[SEEN] == 0);
	world_release(&w);
}

int
main(void)
{
	factors_are_weighed_best();
	links_are_weighed_best();
	threads_change_nothing();
	folded_factors_say_the_same();
	nothing_held_out_leaves_the_start();
	return check_end();
}
