/* split - which interactions a model may see, and which it has to guess. */
#include "split.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "bitset.h"
#include "catalog_events.h"
#include "splitmix.h"
#include "threads.h"

const struct protocol protocols[] = {
	{ "service", SPLIT_NEWEST, 0.1, 0.1, false,
	    "the newest tenth of a tenth of the users, as the service does" },
	{ "last-out", SPLIT_LAST, 1, 0, false, "the last interaction of every user" },
	{ "time", SPLIT_TIME, 1, 0.1, false, "the last tenth of all interactions" },
	{ "random", SPLIT_RANDOM, 1, 0.2, false, "a random fifth of every user's" },
	{ "given", SPLIT_GIVEN, 1, 0, false, "the interactions of another dataset" },
	{ "segment-time", SPLIT_TIME, 1, 0.1, true,
	    "users of items or attributes in the last tenth of all interactions" },
	{ "segment-service", SPLIT_NEWEST, 1, 0.2, true,
	    "users of items or attributes in the newest fifth of every user's" },
};
const size_t n_protocols = LENGTH(protocols);

const struct protocol *
protocol_find(const char *name)
{
	for (size_t i = 0; i < n_protocols; i++)
		if (!strcmp(name, protocols[i].name))
			return &protocols[i];
	return NULL;
}

/* A share of n, rounded up; 0.1 of 70 is 7 though 0.1 * 70 is a little more. */
static size_t
share_of(double share, size_t n)
{
	return (size_t)ceil(share * (double)n - 1e-9);
}

/* Events as the history that says which of them count. To be freed: offset, bytes. */
static struct history
history_of(const struct events *e, struct buf *bytes)
{
	size_t n = idmap_count(e->types);
	uint64_t *offset = xcalloc(n + 1, sizeof *offset);

	for (size_t t = 0; t < n; t++) {
		struct span name = idmap_get(e->types, (uint32_t)t);

		buf_add(bytes, name.data, name.len);
		offset[t + 1] = bytes->len;
	}
	return (struct history){ .type = e->type,
		.value = e->has_value ? e->value : NULL,
		.types = { n, offset, bytes->data } };
}

static void
append(struct split *s, const struct events *e, const struct wanted *w)
{
	struct buf bytes = { 0 };
	struct history h = history_of(e, &bytes);
	struct wanted_types types;

	wanted_types_init(&types, &h, w);
	s->user = xrealloc(s->user, s->n + e->n, sizeof *s->user);
	s->item = xrealloc(s->item, s->n + e->n, sizeof *s->item);
	s->time = xrealloc(s->time, s->n + e->n, sizeof *s->time);
	s->counts = xrealloc(s->counts, s->n + e->n, sizeof *s->counts);
	for (size_t i = 0; i < e->n; i++, s->n++) {
		s->user[s->n] = e->user[i];
		s->item[s->n] = e->item[i];
		s->time[s->n] = e->time[i];
		s->counts[s->n] = wanted_counts(&types, i);
	}
	wanted_types_release(&types);
	free((uint64_t *)h.types.offset);
	buf_release(&bytes);
}

static int
read_events(
    struct split *s, const struct dataset *d, const struct wanted *w, char **why)
{
	struct events e = { 0 };
	int status = events_read(d, &e, s->users, s->items, threads_cores(), why);

	if (status == 0)
		append(s, &e, w);
	events_release(&e);
	return status;
}

static int
by_interaction(const void *a, const void *b, void *split)
{
	const struct split *s = split;
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	if (s->time[x] != s->time[y])
		return s->time[x] < s->time[y] ? -1 : 1;
	if (s->item[x] != s->item[y])
		return s->item[x] < s->item[y] ? -1 : 1;
	return (x > y) - (x < y);
}

static int
oldest_first(const void *a, const void *b, void *split)
{
	const struct split *s = split;
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	if (s->time[x] != s->time[y])
		return s->time[x] < s->time[y] ? -1 : 1;
	if (s->whole[x] != s->whole[y])
		return s->whole[x] < s->whole[y] ? -1 : 1;
	return (x > y) - (x < y);
}

/* Rows [n] of one user in order of time, those of an interaction side by side. */
static void
sort_rows(struct split *s, uint32_t *rows, size_t n)
{
	qsort_r(rows, n, sizeof *rows, by_interaction, s);
	for (size_t k = n; k-- > 0;) {
		uint32_t row = rows[k], newer = k + 1 < n ? rows[k + 1] : row;
		bool same = s->time[row] == s->time[newer] &&
			    s->item[row] == s->item[newer] && row != newer;

		s->whole[row] = same ? s->whole[newer] : row;
	}
	qsort_r(rows, n, sizeof *rows, oldest_first, s);
}

static void
sort_by_user(struct split *s)
{
	size_t n_users = idmap_count(s->users);
	uint64_t *next;

	s->start = xcalloc(n_users + 1, sizeof *s->start);
	s->order = xcalloc(s->n, sizeof *s->order);
	s->whole = xcalloc(s->n, sizeof *s->whole);
	next = xcalloc(n_users + 1, sizeof *next);
	for (size_t i = 0; i < s->n; i++)
		s->start[s->user[i] + 1]++;
	for (size_t u = 0; u < n_users; u++)
		next[u + 1] = s->start[u + 1] += s->start[u];
	for (size_t i = 0; i < s->n; i++)
		s->order[next[s->user[i]]++] = (uint32_t)i;
	for (size_t u = 0; u < n_users; u++)
		sort_rows(s, s->order + s->start[u], s->start[u + 1] - s->start[u]);
	free(next);
}

/* What a rule may still hold out. */
static bool
is_open(const struct split *s, uint32_t row)
{
	return s->counts[row] && s->place[row] == PLACE_TRAIN;
}

/* The interactions of a user that may be held out. */
static size_t
count_open(const struct split *s, size_t user)
{
	size_t n = 0;
	uint32_t last = NONE;

	for (uint64_t k = s->start[user]; k < s->start[user + 1]; k++) {
		uint32_t row = s->order[k];

		if (!is_open(s, row) || s->whole[row] == last)
			continue;
		last = s->whole[row];
		n++;
	}
	return n;
}

/* A number with a key to draw it by. */
struct draw {
	uint64_t key;
	uint32_t number;
};

static int
by_key(const void *a, const void *b)
{
	const struct draw *x = a, *y = b;

	return x->key != y->key ? (x->key > y->key) - (x->key < y->key)
				: (x->number > y->number) - (x->number < y->number);
}

static uint64_t
user_key(const struct split *s, size_t user, uint64_t seed)
{
	struct span id = idmap_get(s->users, (uint32_t)user);

	return XXH3_64bits_withSeed(id.data, id.len, seed);
}

/*
 * The users to test, of those with two interactions to part. Keys come from the IDs,
 * so that a user's does not change when others come or rows move. To be freed.
 */
static bool *
draw_users(const struct split *s, const struct split_options *o)
{
	size_t n_users = idmap_count(s->users), n = 0, n_drawn;
	struct draw *d = xcalloc(n_users, sizeof *d);
	bool *drawn = xcalloc(n_users, sizeof *drawn);

	for (size_t u = 0; u < n_users; u++)
		if (count_open(s, u) > 1)
			d[n++] = (struct draw){ user_key(s, u, o->seed), (uint32_t)u };
	n_drawn = share_of(o->users, n);
	qsort(d, n, sizeof *d, by_key);
	for (size_t i = 0; i < n_drawn; i++)
		drawn[d[i].number] = true;
	free(d);
	return drawn;
}

/* Where goes what may not be in a place, nor in those before it. */
static uint8_t
beside(enum split_place place)
{
	return (uint8_t)(place + 1);
}

/*
 * The newest `out` open interactions of a user go to a place. What else the user did
 * after the first of them would tell the future: nobody gets it.
 */
static void
hold_newest(struct split *s, size_t user, size_t out, enum split_place place)
{
	uint32_t last = NONE;

	for (uint64_t k = s->start[user + 1]; k-- > s->start[user];) {
		uint32_t row = s->order[k];

		if (!out && s->whole[row] != last)
			break;
		if (is_open(s, row)) {
			out -= s->whole[row] != last;
			last = s->whole[row];
			s->place[row] = (uint8_t)place;
		} else if (s->place[row] == PLACE_TRAIN)
			s->place[row] = beside(place);
	}
}

/* All rows of an interaction; what else was done in it would tell it. */
static void
hold_whole(struct split *s, uint64_t k, size_t user, enum split_place place)
{
	uint32_t whole = s->whole[s->order[k]];

	while (k > s->start[user] && s->whole[s->order[k - 1]] == whole)
		k--;
	for (; k < s->start[user + 1] && s->whole[s->order[k]] == whole; k++) {
		uint32_t row = s->order[k];

		if (s->place[row] == PLACE_TRAIN)
			s->place[row] = s->counts[row] ? (uint8_t)place : beside(place);
	}
}

static void
hold_random(
    struct split *s, size_t user, size_t out, enum split_place place, uint64_t seed)
{
	uint64_t from = s->start[user], key = user_key(s, user, seed);
	size_t m = s->start[user + 1] - from, n = 0;
	struct draw *d = xcalloc(m, sizeof *d);
	uint32_t last = NONE;

	for (size_t k = 0; k < m; k++) {
		uint32_t row = s->order[from + k];

		if (!is_open(s, row) || s->whole[row] == last)
			continue;
		last = s->whole[row];
		d[n++] = (struct draw){ splitmix_at(key, k), (uint32_t)k };
	}
	qsort(d, n, sizeof *d, by_key);
	for (size_t i = 0; i < out; i++)
		hold_whole(s, from + d[i].number, user, place);
	free(d);
}

static void
hold_by_user(struct split *s, const struct split_options *o, const bool *test,
    enum split_place place)
{
	for (size_t u = 0; u < idmap_count(s->users); u++) {
		size_t n = test[u] ? count_open(s, u) : 0, out;

		if (n < 2)
			continue;
		out = o->protocol->rule == SPLIT_LAST ? 1 : share_of(o->fraction, n);
		out = MIN(out, n - 1);
		if (o->protocol->rule == SPLIT_RANDOM)
			hold_random(s, u, out, place, o->seed + place);
		else
			hold_newest(s, u, out, place);
	}
}

static int
by_time(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/*
 * At most the newest part of all, cut between two times: interactions of the same
 * second stay together.
 */
static void
hold_by_time(struct split *s, const struct split_options *o, enum split_place place)
{
	int64_t *times = xcalloc(s->n, sizeof *times), last;
	size_t n = 0, out;

	for (size_t i = 0; i < s->n; i++)
		if (is_open(s, (uint32_t)i))
			times[n++] = s->time[i];
	qsort(times, n, sizeof *times, by_time);
	out = share_of(o->fraction, n);
	last = out < n ? times[n - out - 1] : INT64_MAX;
	for (size_t i = 0; i < s->n; i++)
		if (s->time[i] > last && s->place[i] == PLACE_TRAIN)
			s->place[i] = s->counts[i] ? (uint8_t)place : beside(place);
	free(times);
}

static void
hold_given(struct split *s)
{
	for (size_t i = s->n_own; i < s->n; i++)
		s->place[i] = s->counts[i] ? PLACE_TRUTH : PLACE_NOWHERE;
}

static void
hold(struct split *s, const struct split_options *o, const bool *test,
    enum split_place place)
{
	if (o->protocol->rule == SPLIT_GIVEN)
		hold_given(s);
	else if (o->protocol->rule == SPLIT_TIME)
		hold_by_time(s, o, place);
	else
		hold_by_user(s, o, test, place);
}

/* Take out of one place what the user has met in the places before it. */
static void
drop_met(struct split *s, enum split_place place)
{
	uint64_t *met = bitset_new(idmap_count(s->items));

	for (size_t u = 0; u < idmap_count(s->users); u++) {
		for (uint64_t k = s->start[u]; k < s->start[u + 1]; k++)
			if (s->place[s->order[k]] < place)
				bitset_add(met, s->item[s->order[k]]);
		for (uint64_t k = s->start[u]; k < s->start[u + 1]; k++)
			if (s->place[s->order[k]] == place &&
			    bitset_has(met, s->item[s->order[k]]))
				s->place[s->order[k]] = beside(place);
		for (uint64_t k = s->start[u]; k < s->start[u + 1]; k++)
			bitset_remove(met, s->item[s->order[k]]);
	}
	free(met);
}

/* Take out what is held out of users and items that are not in train. */
static void
drop_unknown(struct split *s)
{
	bool *user = xcalloc(idmap_count(s->users), sizeof *user);
	bool *item = xcalloc(idmap_count(s->items), sizeof *item);

	for (size_t i = 0; i < s->n; i++)
		if (s->place[i] == PLACE_TRAIN)
			user[s->user[i]] = item[s->item[i]] = true;
	for (size_t i = 0; i < s->n; i++)
		if ((s->place[i] == PLACE_TRUTH || s->place[i] == PLACE_VALIDATION) &&
		    !(user[s->user[i]] && item[s->item[i]]))
			s->place[i] = beside((enum split_place)s->place[i]);
	free(user);
	free(item);
}

static void
assign(struct split *s, const struct split_options *o)
{
	bool *test = draw_users(s, o);

	hold(s, o, test, PLACE_TRUTH);
	if (o->validation)
		hold(s, o, test, PLACE_VALIDATION);
	if (o->only_new) {
		drop_met(s, PLACE_TRUTH);
		drop_met(s, PLACE_VALIDATION);
	}
	if (o->only_known)
		drop_unknown(s);
	for (size_t i = 0; i < s->n; i++)
		s->total[s->place[i]]++;
	free(test);
}

int
split_make(struct split *s, const struct dataset *d, const struct dataset *given,
    const struct split_options *o, char **why)
{
	*s = (struct split){ .users = idmap_new(), .items = idmap_new() };
	if (read_events(s, d, &o->wanted, why) < 0)
		return -1;
	s->n_own = s->n;
	if (given && read_events(s, given, &o->wanted, why) < 0)
		return -1;
	s->place = xcalloc(s->n, sizeof *s->place);
	sort_by_user(s);
	assign(s, o);
	return 0;
}

void
split_release(struct split *s)
{
	idmap_free(s->users);
	idmap_free(s->items);
	free(s->user);
	free(s->item);
	free(s->time);
	free(s->counts);
	free(s->place);
	free(s->start);
	free(s->order);
	free(s->whole);
	*s = (struct split){ 0 };
}
