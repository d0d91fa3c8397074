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
	uint32_t skip;
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

static size_t
counting_events(const struct wanted_types *t, uint64_t from, uint64_t to)
{
	size_t n = 0;

	for (uint64_t i = from; i < to; i++)
		n += wanted_counts(t, i);
	return n;
}

static struct draw *
draw_users(const struct catalog *c, const struct wanted_types *t, uint64_t seed,
    size_t *n_drawn)
{
	const uint64_t *offset = c->history.offset;
	size_t n_users = c->users.strings.n, n = 0, events, most;
	struct draw *d = xcalloc(n_users, sizeof *d);

	for (size_t u = 0; u < n_users; u++) {
		events = counting_events(t, offset[u], offset[u + 1]);
		if (events < 2)
			continue;
		d[n++] = (struct draw){ splitmix_at(seed, u), (uint32_t)u,
			(uint32_t)((events + 9) / 10) };
	}
	most = MIN(MAX(n / 10, (size_t)LEAST_USERS), (size_t)MOST_USERS);
	most = MIN(most, MAX(MOST_PAIRS / (c->items.strings.n + 1), (size_t)200));
	qsort(d, n, sizeof *d, by_key);
	*n_drawn = MIN(n, most);
	qsort(d, *n_drawn, sizeof *d, by_user);
	return d;
}

void
holdout_choose(
    struct holdout *h, const struct catalog *c, const struct wanted *w, uint64_t seed)
{
	const struct history *history = &c->history;
	struct wanted_types t;
	struct draw *d;
	uint64_t n = 0;

	wanted_types_init(&t, history, w);
	d = draw_users(c, &t, seed, &h->n_users);
	h->user = xcalloc(h->n_users, sizeof *h->user);
	h->skip = xcalloc(c->users.strings.n, sizeof *h->skip);
	h->event = xcalloc(h->n_users + 1, sizeof *h->event);
	for (size_t k = 0; k < h->n_users; k++)
		h->event[k + 1] = h->event[k] + d[k].skip;
	h->item = xcalloc(h->event[h->n_users], sizeof *h->item);
	for (size_t k = 0; k < h->n_users; k++) {
		uint32_t u = h->user[k] = d[k].user;

		h->skip[u] = d[k].skip;
		for (uint64_t i = history->offset[u]; n < h->event[k + 1]; i++)
			if (wanted_counts(&t, i))
				h->item[n++] = history->item[i];
	}
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
