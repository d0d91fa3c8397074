/*
 * world - random factors with histories, the newest events of each user held out.
 */
#ifndef WORLD_H
#define WORLD_H

#include <stdlib.h>
#include <string.h>

#include "calibrate.h"
#include "random.h"

enum { ITEMS = 90, USERS = 40, DIM = VEC_COLS, EVENTS = 20, HELD_OUT = 3 };

struct world {
	struct catalog catalog;
	struct wanted wanted;
	struct holdout h;
	struct popularity popularity;
	uint64_t offset[USERS + 1];
	uint32_t item[USERS * EVENTS], number[ITEMS];
	uint16_t type[USERS * EVENTS];
	int64_t time[USERS * EVENTS];
	float *rows, *panels, *users; /* [ITEMS or USERS][DIM] */
	struct evidence e;
};

static inline float
random_value(void)
{
	return (float)random_below(1001) / 500 - 1;
}

/* User u's newest events are held out, `held` of them; the others are known. */
static inline void
world_user(struct world *w, uint32_t u, uint32_t held, const uint32_t *items, size_t n)
{
	uint64_t at = w->offset[u];

	for (size_t i = 0; i < n; i++, at++) {
		w->item[at] = items[i];
		w->type[at] = UINT16_MAX;
		w->time[at] = 1000 - (int64_t)i;
	}
	w->offset[u + 1] = at;
	w->h.user[u] = u;
	w->h.skip[u] = held;
	memcpy(w->h.item + w->h.event[u], items, held * sizeof *items);
	w->h.event[u + 1] = w->h.event[u] + held;
	w->h.n_users = u + 1;
}

/* Factors of zeros and nobody in it: what stands in rows and users is to be set. */
static inline void
world_init(struct world *w)
{
	*w = (struct world){ 0 };
	w->rows = xcalloc(ITEMS * DIM, sizeof *w->rows);
	w->users = xcalloc(USERS * DIM, sizeof *w->users);
	w->panels = xaligned(vec_padded(ITEMS) * DIM, sizeof *w->panels);
	w->h.user = xcalloc(USERS, sizeof *w->h.user);
	w->h.skip = xcalloc(USERS, sizeof *w->h.skip);
	w->h.event = xcalloc(USERS + 1, sizeof *w->h.event);
	w->h.item = xcalloc(HELD_OUT * USERS, sizeof *w->h.item);
	for (uint32_t i = 0; i < ITEMS; i++)
		w->number[i] = i;
}

/* Once the users are there. */
static inline void
world_ready(struct world *w)
{
	for (size_t u = w->h.n_users; u < USERS; u++)
		w->offset[u + 1] = w->offset[u];
	w->catalog.items.strings.n = ITEMS;
	w->catalog.users.strings.n = USERS;
	w->catalog.history = (struct history){
		.offset = w->offset, .item = w->item, .type = w->type, .time = w->time
	};
	scan_panels(w->panels, w->rows, NULL, ITEMS, DIM);
	popularity_init(&w->popularity, &w->catalog, &w->wanted, w->h.skip);
	w->e = (struct evidence){ .catalog = &w->catalog,
		.wanted = &w->wanted,
		.holdout = &w->h,
		.items = { ITEMS, DIM, w->panels },
		.number = w->number,
		.users = w->users,
		.popularity = &w->popularity };
}

/* The last dimension stays free for what items add. */
static inline void
world_random(struct world *w)
{
	world_init(w);
	for (size_t i = 0; i < ITEMS * DIM; i++)
		w->rows[i] = i % DIM < DIM - 1 ? random_value() / 4 : 0;
	for (size_t i = 0; i < USERS * DIM; i++)
		w->users[i] = i % DIM < DIM - 1 ? random_value() : 0;
	for (uint32_t u = 0; u < USERS; u++) {
		uint32_t held = 1 + (uint32_t)random_below(HELD_OUT), items[EVENTS];
		size_t n = held + random_below(EVENTS - HELD_OUT);

		for (size_t i = 0; i < n; i++)
			items[i] = i && one_in(3) ? items[random_below(i)]
						  : (uint32_t)random_below(ITEMS);
		world_user(w, u, held, items, n);
	}
	world_ready(w);
}

static inline void
world_release(struct world *w)
{
	popularity_release(&w->popularity);
	holdout_release(&w->h);
	free(w->rows);
	free(w->panels);
	free(w->users);
}

/* Whether the user has met the item before what is held out, how often and when. */
static inline bool
world_met(const struct world *w, uint32_t u, uint32_t item, struct seen_item *s)
{
	uint32_t distinct = 0;
	bool found = false;

	*s = (struct seen_item){ item, 0, 0, 1 };
	for (uint64_t i = w->offset[u] + w->h.skip[u]; i < w->offset[u + 1]; i++) {
		bool before = false;

		for (uint64_t j = w->offset[u] + w->h.skip[u]; j < i; j++)
			before |= w->item[j] == w->item[i];
		distinct += !before;
		if (w->item[i] != item)
			continue;
		s->times++;
		s->age = found ? s->age : distinct;
		found = true;
	}
	return found;
}

static inline size_t
world_count_met(const struct world *w, uint32_t u)
{
	struct seen_item s;
	size_t n = 0;

	for (uint32_t i = 0; i < ITEMS; i++)
		n += world_met(w, u, i, &s);
	return n;
}

static inline double
world_dot(const struct world *w, size_t user, size_t item)
{
	double sum = 0;

	for (size_t d = 0; d < DIM; d++)
		sum +=
		    (double)w->users[user * DIM + d] * (double)w->rows[item * DIM + d];
	return sum;
}

#endif
