/* holdout - interactions kept from training to calibrate and measure a model. */
#include "holdout.h"

#include <stdlib.h>

#include "splitmix.h"

/*
 * A tenth of the users as the service takes, but enough for a stable result, and not
 * so many that scoring them (a few passes over users x items) costs like training.
 */
enum { LEAST_USERS = 1000, MOST_USERS = 10000, MOST_PAIRS = 200000000 };

/* A fixed order of users for a seed: the sample is its start. */
struct draw {
	uint64_t key;
	uint32_t user;
};

static int
by_key(const void *a, const void *b)
{
	const struct draw *x = a, *y = b;

	return x->key != y->key ? (x->key > y->key) - (x->key < y->key)
				: (x->user > y->user) - (x->user < y->user);
}

static int
by_user(const void *a, const void *b)
{
	const struct draw *x = a, *y = b;

	return (x->user > y->user) - (x->user < y->user);
}

/* One user's rows that count, newest first. */
struct rows {
	const struct history *h;
	uint64_t *at; /* into the history; room for the longest */
	size_t n;
};

static void
rows_of(struct rows *r, const struct wanted_types *t, size_t user)
{
	r->n = 0;
	for (uint64_t i = r->h->offset[user]; i < r->h->offset[user + 1]; i++)
		if (wanted_counts(t, i))
			r->at[r->n++] = i;
}

static size_t
longest(const struct history *h, size_t n_users)
{
	size_t most = 0;

	for (size_t u = 0; u < n_users; u++)
		most = MAX(most, (size_t)(h->offset[u + 1] - h->offset[u]));
	return most;
}

/* Whether one of the first `end` rows, end <= k, is of the same interaction as row k.
 * Rows of one second stand side by side. */
static bool
is_among(const struct rows *r, size_t k, size_t end)
{
	const struct history *h = r->h;
	uint64_t row = r->at[k];

	while (end-- && h->time[r->at[end]] == h->time[row])
		if (h->item[r->at[end]] == h->item[row])
			return true;
	return false;
}

/* How many rows the newest tenth of the interactions is, rounded up; an interaction is
 * held out with all its rows. */
static size_t
newest_tenth(const struct rows *r)
{
	size_t n = 0, most, skip = 0;

	for (size_t k = 0; k < r->n; k++)
		n += !is_among(r, k, k);
	most = (n + 9) / 10;
	for (n = 0; n < most; skip++)
		n += !is_among(r, skip, skip);
	for (size_t k = skip; k < r->n; k++)
		if (is_among(r, k, skip))
			skip = k + 1;
	return skip;
}

/* Users with two rows, as many as make a sample, in their order. */
static struct draw *
draw_users(const struct catalog *c, struct rows *r, const struct wanted_types *t,
    uint64_t seed, size_t *n_drawn)
{
	size_t n_users = c->users.strings.n, n = 0, most;
	struct draw *d = xcalloc(n_users, sizeof *d);

	for (size_t u = 0; u < n_users; u++) {
		rows_of(r, t, u);
		if (r->n >= 2)
			d[n++] = (struct draw){ splitmix_at(seed, u), (uint32_t)u };
	}
	most = MIN(MAX(n / 10, (size_t)LEAST_USERS), (size_t)MOST_USERS);
	most = MIN(most, MAX(MOST_PAIRS / (c->items.strings.n + 1), (size_t)200));
	qsort(d, n, sizeof *d, by_key);
	*n_drawn = MIN(n, most);
	qsort(d, *n_drawn, sizeof *d, by_user);
	return d;
}

/* The newest rows of a user are held out, if any are left then. */
static void
hold_out(struct holdout *h, const struct rows *r, uint32_t user)
{
	size_t skip = newest_tenth(r);
	uint64_t n = h->event[h->n_users];

	if (skip == r->n)
		return;
	h->skip[user] = (uint32_t)skip;
	h->item = xrealloc(h->item, n + skip, sizeof *h->item);
	for (size_t k = 0; k < skip; k++)
		if (!is_among(r, k, k))
			h->item[n++] = r->h->item[r->at[k]];
	h->user[h->n_users++] = user;
	h->event[h->n_users] = n;
}

void
holdout_choose(
    struct holdout *h, const struct catalog *c, const struct wanted *w, uint64_t seed)
{
	size_t n_users = c->users.strings.n, n_drawn;
	struct rows r = { .h = &c->history };
	struct wanted_types t;
	struct draw *d;

	*h = (struct holdout){ .skip = xcalloc(n_users, sizeof *h->skip) };
	wanted_types_init(&t, &c->history, w);
	r.at = xcalloc(longest(r.h, n_users), sizeof *r.at);
	d = draw_users(c, &r, &t, seed, &n_drawn);
	h->user = xcalloc(n_drawn, sizeof *h->user);
	h->event = xcalloc(n_drawn + 1, sizeof *h->event);
	for (size_t k = 0; k < n_drawn; k++) {
		rows_of(&r, &t, d[k].user);
		hold_out(h, &r, d[k].user);
	}
	free(r.at);
	free(d);
	wanted_types_release(&t);
}

void
holdout_release(struct holdout *h)
{
	free(h->user);
	free(h->skip);
	free(h->event);
	free(h->item);
	*h = (struct holdout){ 0 };
}
