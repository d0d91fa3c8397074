/* catalog_history - interactions by user, the newest first. */
#include "catalog_history.h"

#include <stdlib.h>
#include <string.h>

#include "threads.h"

enum { CHUNK = 256 }; /* users that a thread takes at once */

/* What an event is sorted by, beside its number. */
struct when {
	int64_t time;
	uint32_t event;
};

/* The sorted x[middle] and what is behind it, up to x[end], as one. */
static void
merge(const struct when *x, size_t middle, size_t end, struct when *to)
{
	size_t i = 0, j = middle;

	/* Without a branch: which is next is anybody's guess. */
	while (i < middle && j < end) {
		bool later = x[j].time > x[i].time;

		*to++ = x[later ? j : i];
		j += later;
		i += !later;
	}
	memcpy(to, x + i, (middle - i) * sizeof *x);
	memcpy(to + (middle - i), x + j, (end - j) * sizeof *x);
}

/*
 * Newest first, by merging runs; those of the same second stay as they are. qsort calls
 * a function for each comparison, which took longer than all else of the layout.
 */
static void
sort_newest_first(struct when *x, size_t n, struct when *room)
{
	enum { RUN = 8 };
	struct when *from = x, *to = room;

	for (size_t i = 1; i < n; i++) {
		struct when w = x[i];
		size_t at = i;

		for (; at % RUN && x[at - 1].time < w.time; at--)
			x[at] = x[at - 1];
		x[at] = w;
	}
	for (size_t run = RUN; run < n; run *= 2) {
		struct when *t = from;

		for (size_t first = 0; first < n; first += 2 * run)
			merge(from + first, MIN(run, n - first),
			    MIN(2 * run, n - first), to + first);
		from = to;
		to = t;
	}
	if (from != x)
		memcpy(x, from, n * sizeof *x);
}

/* Events into the columns of the history, by user. */
struct laying {
	const struct events *e;
	const uint32_t *item_number, *type_number; /* by arrival */
	size_t n_users;
	const uint64_t *offset;
	uint32_t *event; /* grouped by user: event[offset[u] .. offset[u + 1]) */
	uint32_t *item;
	uint16_t *type;
	int64_t *time;
	float *value;       /* NULL: there is no such column */
	struct when **room; /* [threads][2 x most events of a user] */
};

/* One user's events, which come with the later rows first: often that is the order. */
static void
sort_by_time(const struct events *e, uint32_t *event, size_t n, struct when *room)
{
	bool sorted = true;

	for (size_t i = 0; i < n; i++) {
		room[i] = (struct when){ e->time[event[i]], event[i] };
		sorted &= !i || room[i - 1].time >= room[i].time;
	}
	if (sorted)
		return;
	sort_newest_first(room, n, room + n);
	for (size_t i = 0; i < n; i++)
		event[i] = room[i].event;
}

static void
lay_user(void *context, size_t u, size_t thread)
{
	struct laying *l = context;
	const struct events *e = l->e;
	uint64_t from = l->offset[u], to = l->offset[u + 1];

	sort_by_time(e, l->event + from, to - from, l->room[thread]);
	for (uint64_t i = from; i < to; i++) {
		uint32_t event = l->event[i];
		uint16_t type = e->type[event];

		l->item[i] = l->item_number[e->item[event]];
		l->type[i] = type == UINT16_MAX ? type : (uint16_t)l->type_number[type];
		l->time[i] = e->time[event];
		if (l->value)
			l->value[i] = e->value[event];
	}
}

static void
lay_users(void *context, size_t chunk, size_t thread)
{
	struct laying *l = context;
	size_t from = chunk * CHUNK, to = MIN(from + CHUNK, l->n_users);

	for (size_t u = from; u < to; u++)
		lay_user(l, u, thread);
}

/* Event numbers grouped by user, later rows first. */
static uint32_t *
group_by_user(const struct events *e, const struct id_order *users, uint64_t *offset)
{
	uint32_t *event = xcalloc(e->n, sizeof *event);

	for (size_t i = 0; i < e->n; i++)
		offset[users->final[e->user[i]] + 1]++;
	for (size_t u = 0; u < users->n; u++)
		offset[u + 1] += offset[u];
	for (size_t i = 0; i < e->n; i++)
		event[--offset[users->final[e->user[i]] + 1]] = (uint32_t)i;
	/* The fill moved every end down to its group's start. */
	for (size_t u = 0; u < users->n; u++)
		offset[u] = offset[u + 1];
	offset[users->n] = e->n;
	return event;
}

static void
lay_out(struct laying *l, size_t threads)
{
	size_t most = 0;

	for (size_t u = 0; u < l->n_users; u++)
		most = MAX(most, (size_t)(l->offset[u + 1] - l->offset[u]));
	l->room = xcalloc(threads, sizeof *l->room);
	for (size_t t = 0; t < threads; t++)
		l->room[t] = xcalloc(2 * most, sizeof **l->room);
	threads_each(threads, (l->n_users + CHUNK - 1) / CHUNK, lay_users, l);
	for (size_t t = 0; t < threads; t++)
		free(l->room[t]);
	free(l->room);
}

void
catalog_history_build(struct catalog *c, const struct events *e,
    const struct id_order *users, const struct id_order *items, size_t threads)
{
	struct id_order types = id_order_of(e->types, 0);
	uint64_t *offset = catalog_own(c, xcalloc(users->n + 1, sizeof *offset));
	struct laying l = { .e = e,
		.item_number = items->final,
		.type_number = types.final,
		.n_users = users->n,
		.offset = offset,
		.item = catalog_own(c, xcalloc(e->n, sizeof *l.item)),
		.type = catalog_own(c, xcalloc(e->n, sizeof *l.type)),
		.time = catalog_own(c, xcalloc(e->n, sizeof *l.time)) };

	l.event = group_by_user(e, users, offset);
	if (e->has_value)
		l.value = catalog_own(c, xcalloc(e->n, sizeof *l.value));
	lay_out(&l, MAX(threads, (size_t)1));
	c->history = (struct history){ .offset = offset,
		.item = l.item,
		.type = l.type,
		.time = l.time,
		.value = l.value,
		.types = catalog_build_strings(c, e->types, &types) };
	free(l.event);
	id_order_release(&types);
}
