/* holdout - what is held out of random histories, against what it should be. */
#include "holdout.h"

#include <stdlib.h>

#include "check.h"
#include "random.h"

enum { ITEMS = 6, USERS = 60, EVENTS = 30 };

struct data {
	struct catalog c;
	uint64_t offset[USERS + 1];
	uint32_t item[USERS * EVENTS];
	uint16_t type[USERS * EVENTS];
	int64_t time[USERS * EVENTS];
};

/* Newest first; many rows share a second, and many of these an item. */
static void
make_up(struct data *d)
{
	*d = (struct data){ 0 };
	for (size_t u = 0; u < USERS; u++) {
		size_t n = random_below(EVENTS + 1);
		int64_t now = 1000;

		d->offset[u + 1] = d->offset[u] + n;
		for (uint64_t i = d->offset[u]; i < d->offset[u + 1]; i++) {
			d->item[i] = (uint32_t)random_below(ITEMS);
			d->type[i] = UINT16_MAX;
			d->time[i] = now -= one_in(3);
		}
	}
	d->c.items.strings.n = ITEMS;
	d->c.users.strings.n = USERS;
	d->c.history = (struct history){
		.offset = d->offset, .item = d->item, .type = d->type, .time = d->time
	};
}

static bool
same_interaction(const struct data *d, uint64_t a, uint64_t b)
{
	return d->item[a] == d->item[b] && d->time[a] == d->time[b];
}

/* How many interactions rows are of. */
static size_t
interactions(const struct data *d, uint64_t from, uint64_t to)
{
	size_t n = 0;

	for (uint64_t i = from; i < to; i++) {
		bool found = false;

		for (uint64_t j = from; j < i; j++)
			found |= same_interaction(d, i, j);
		n += !found;
	}
	return n;
}

static bool
splits_one(const struct data *d, uint64_t from, uint64_t cut, uint64_t to)
{
	for (uint64_t i = from; i < cut; i++)
		for (uint64_t j = cut; j < to; j++)
			if (same_interaction(d, i, j))
				return true;
	return false;
}

/* The fewest rows that hold the newest tenth and split no interaction. */
static uint64_t
cut_of(const struct data *d, size_t u)
{
	uint64_t from = d->offset[u], to = d->offset[u + 1], cut = from;
	size_t tenth = (interactions(d, from, to) + 9) / 10;

	while (interactions(d, from, cut) < tenth || splits_one(d, from, cut, to))
		cut++;
	return cut;
}

static void
interactions_stay_whole(void)
{
	static struct data d;
	struct wanted w = { 0 };
	struct holdout h;
	bool as_searched = true, counted = true;
	size_t k = 0;

	make_up(&d);
	holdout_choose(&h, &d.c, &w, 1);
	for (size_t u = 0; u < USERS; u++) {
		uint64_t from = d.offset[u], to = d.offset[u + 1], cut = cut_of(&d, u);

		if (to - from < 2 || cut == to) {
			as_searched &= h.skip[u] == 0;
			continue;
		}
		as_searched &= h.user[k] == u && h.skip[u] == cut - from;
		counted &= h.event[k + 1] - h.event[k] == interactions(&d, from, cut) &&
			   h.item[h.event[k]] == d.item[from];
		k++;
	}
	CHECK(as_searched);
	CHECK(counted);
	CHECK(k == h.n_users && k > USERS / 2);
	holdout_release(&h);
}

int
main(void)
{
	for (int i = 0; i < 20; i++)
		interactions_stay_whole();
	return check_end();
}
