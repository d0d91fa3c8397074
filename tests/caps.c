/* caps - what is counted is what was taken, and nothing after a clearing. */
#include "caps.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "market.h"

static const struct {
	const char *text;
	int column;
	size_t most;
} kinds[] = { { "GENRE=2", GENRE, 2 }, { "shelf=3", SHELF, 3 },
	{ "PRICE=1", PRICE, 1 } };

static bool
slow_allow(const struct market *m, const uint32_t *taken, size_t n, uint32_t item)
{
	for (size_t k = 0; k < LENGTH(kinds); k++) {
		const struct toy_cell *cell =
		    &m->toy.items.column[kinds[k].column].cell[item];

		for (int v = 0; v < cell->n; v++) {
			size_t count = 0;

			for (size_t i = 0; i < n; i++)
				count += market_has(
				    m, (int)taken[i], kinds[k].column, cell->text[v]);
			if (count >= kinds[k].most)
				return false;
		}
	}
	return true;
}

static void
an_item_is_allowed_below_every_cap(void)
{
	struct market *m = market_new();
	struct caps *caps = caps_new(&m->model.catalog);
	bool same = true;
	char *why;

	for (size_t k = 0; k < LENGTH(kinds); k++)
		CHECK(caps_add(caps, kinds[k].text, &why) == 0);
	for (int round = 0; round < 200; round++) {
		uint32_t taken[10];
		size_t n = random_below(10);

		for (size_t i = 0; i < n; i++) {
			taken[i] = (uint32_t)random_below(MARKET_ITEMS);
			caps_take(caps, taken[i]);
		}
		caps_take(caps, NONE);
		for (uint32_t i = 0; i < MARKET_ITEMS; i++)
			same =
			    same && caps_allow(caps, i) == slow_allow(m, taken, n, i);
		same = same && caps_allow(caps, NONE);
		caps_clear(caps);
	}
	CHECK(same);
	caps_free(caps);
	market_free(m);
}

static void
what_is_no_cap_is_refused(void)
{
	static const char *const wrong[] = { "GENRE", "GENRE=", "GENRE=0", "GENRE=-1",
		"GENRE=1.5", "GENRE= 2", "=3", "COLOUR=3", "GENRE=99999999999", "" };
	struct market *m = market_new();
	struct caps *caps = caps_new(&m->model.catalog);

	for (size_t i = 0; i < LENGTH(wrong); i++) {
		char *why = NULL;

		CHECK(caps_add(caps, wrong[i], &why) < 0 && why);
		free(why);
	}
	caps_free(caps);
	caps_free(NULL);
	market_free(m);
}

int
main(void)
{
	an_item_is_allowed_below_every_cap();
	what_is_no_cap_is_refused();
	return check_end();
}
