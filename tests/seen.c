/* seen - what a user has met, against a search through the history. */
#include "seen.h"

#include "check.h"
#include "world.h"

static void
equals_a_search(void)
{
	struct world w;
	struct seen *seen;
	bool same = true;

	world_random(&w);
	seen = seen_new(&w.catalog, &w.wanted);
	for (uint32_t u = 0; u < USERS; u++) {
		const struct seen_item *met;
		size_t n = seen_of(seen, u, w.h.skip[u], &met);

		same = same && n == world_count_met(&w, u);
		for (size_t i = 0; i < n; i++) {
			struct seen_item s;

			world_met(&w, u, met[i].item, &s);
			same = same && met[i].age == i + 1 && s.age == i + 1 &&
			       s.times == met[i].times;
		}
	}
	CHECK(same);
	seen_free(seen);
	world_release(&w);
}

static void
popularity_counts_users(void)
{
	struct world w;
	bool same = true;
	uint32_t *order;

	world_random(&w);
	for (uint32_t i = 0; i < ITEMS; i++) {
		struct seen_item s;
		uint32_t count = 0;

		for (uint32_t u = 0; u < USERS; u++)
			count += world_met(&w, u, i, &s);
		same = same && count == w.popularity.count[i] &&
		       w.popularity.recent[i] <= count &&
		       (w.popularity.recent[i] > 0) == (count > 0);
	}
	CHECK(same);
	order = popularity_order(&w.popularity);
	for (size_t i = 1; i < ITEMS; i++) {
		uint32_t a = w.popularity.count[order[i - 1]];
		uint32_t b = w.popularity.count[order[i]];

		same = same && (a > b || (a == b && order[i - 1] < order[i]));
	}
	CHECK(same);
	free(order);
	world_release(&w);
}

int
main(void)
{
	equals_a_search();
	popularity_counts_users();
	return check_end();
}
