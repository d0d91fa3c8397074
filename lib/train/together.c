/* together - how often two items are met close to one another. */
#include "together.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "best.h"
#include "seen.h"
#include "threads.h"

/* All users' items behind one another, the last met first. */
struct paths {
	size_t n_users;
	uint64_t *start; /* [n_users + 1] */
	uint32_t *at;    /* positions in scored */
	uint32_t *user;
	float *weight;
};

/* Where an item stands in the paths. */
struct places {
	uint64_t *row; /* [n + 1] */
	uint64_t *in;  /* index into paths' at, rising */
	double *users; /* [n] n_i */
};

struct room {           /* of a thread */
	double *sum;    /* [n] c_ij, 0 between items */
	uint32_t *both; /* [n] m_ij, 0 between items */
	uint32_t *touched;
	struct candidate *best;
};

struct run {
	const struct together_params *p;
	size_t n;
	struct paths paths;
	struct places places;
	struct room *rooms;
	struct candidate **row; /* [n] by at */
	size_t *count;          /* [n] */
};

static void
walk(struct paths *p, const struct catalog *c, const struct wanted *w,
    const uint32_t *place)
{
	struct seen *seen = seen_new(c, w);
	size_t n = 0, most = c->history.offset[c->users.strings.n];

	p->n_users = c->users.strings.n;
	p->start = xcalloc(p->n_users + 1, sizeof *p->start);
	p->at = xcalloc(most, sizeof *p->at);
	p->user = xcalloc(most, sizeof *p->user);
	p->weight = xcalloc(most, sizeof *p->weight);
	for (uint32_t u = 0; u < p->n_users; u++) {
		const struct seen_item *items;
		size_t met = seen_of(seen, u, 0, &items);

		for (size_t i = 0; i < met; i++) {
			if (place[items[i].item] == NONE)
				continue;
			p->at[n] = place[items[i].item];
			p->user[n] = u;
			p->weight[n++] = items[i].weight;
		}
		p->start[u + 1] = n;
	}
	seen_free(seen);
}

static void
turn(struct places *to, const struct paths *p, size_t n)
{
	uint64_t all = p->start[p->n_users], *next;

	to->row = xcalloc(n + 1, sizeof *to->row);
	to->in = xcalloc(all, sizeof *to->in);
	to->users = xcalloc(n, sizeof *to->users);
	for (uint64_t k = 0; k < all; k++) {
		to->row[p->at[k] + 1]++;
		to->users[p->at[k]] += (double)p->weight[k];
	}
	for (size_t i = 0; i < n; i++)
		to->row[i + 1] += to->row[i];
	next = (uint64_t *)xmemdup(to->row, (n + 1) * sizeof *next);
	for (uint64_t k = 0; k < all; k++)
		to->in[next[p->at[k]]++] = k;
	free(next);
}

/* What one user says of the item at index k of the paths. */
static size_t
add_user(const struct paths *p, struct room *r, uint64_t k, size_t touched)
{
	uint64_t from = p->start[p->user[k]], to = p->start[p->user[k] + 1];
	uint64_t low = k - from > TOGETHER_REACH ? k - TOGETHER_REACH : from;
	uint64_t high = MIN(to, k + TOGETHER_REACH + 1);

	for (uint64_t z = low; z < high; z++) {
		uint32_t j = p->at[z];
		uint64_t apart = z < k ? k - z : z - k;

		if (!apart)
			continue;
		if (!r->both[j]++)
			r->touched[touched++] = j;
		r->sum[j] +=
		    (double)p->weight[k] * (double)p->weight[z] / (double)apart;
	}
	return touched;
}

static int
by_at(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	return (x->at > y->at) - (x->at < y->at);
}

/* The greatest values of those that were touched. */
static void
keep(struct run *run, struct room *r, size_t i, size_t touched)
{
	const double *users = run->places.users;
	double e = run->p->discount, own = pow(users[i], 1 - e);
	size_t n;

	for (size_t t = 0; t < touched; t++) {
		uint32_t j = r->touched[t];
		double both = r->both[j], value = r->sum[j] / (own * pow(users[j], e)) *
						  both / (both + TOGETHER_HALF);

		value = run->p->scale * sqrt(value);

		r->best[t] = (struct candidate){ (float)value, j };
		r->sum[j] = 0;
		r->both[j] = 0;
	}
	n = MIN(touched, run->p->most);
	if (n < touched)
		best_select(r->best, touched, n);
	qsort(r->best, n, sizeof *r->best, by_at);
	run->row[i] = (struct candidate *)xmemdup(r->best, n * sizeof *r->best);
	run->count[i] = n;
}

static void
link_item(void *context, size_t i, size_t thread)
{
	struct run *run = context;
	struct room *r = &run->rooms[thread];
	const struct places *places = &run->places;
	size_t touched = 0;

	for (uint64_t k = places->row[i]; k < places->row[i + 1]; k++)
		touched = add_user(&run->paths, r, places->in[k], touched);
	keep(run, r, i, touched);
}

static void
join(struct links *to, const struct run *run)
{
	uint64_t *row = xcalloc(run->n + 1, sizeof *row);
	uint32_t *at;
	float *weight;

	for (size_t i = 0; i < run->n; i++)
		row[i + 1] = row[i] + run->count[i];
	at = xcalloc(row[run->n], sizeof *at);
	weight = xcalloc(row[run->n], sizeof *weight);
	for (size_t i = 0; i < run->n; i++)
		for (size_t k = 0; k < run->count[i]; k++) {
			at[row[i] + k] = run->row[i][k].at;
			weight[row[i] + k] = run->row[i][k].value;
		}
	*to = (struct links){ .row = row, .at = at, .weight = weight };
}

static void
rooms_init(struct run *run, size_t threads)
{
	run->rooms = xcalloc(threads, sizeof *run->rooms);
	for (size_t t = 0; t < threads; t++)
		run->rooms[t] = (struct room){
			xcalloc(run->n, sizeof(double)),
			xcalloc(run->n, sizeof(uint32_t)),
			xcalloc(run->n, sizeof(uint32_t)),
			xcalloc(run->n, sizeof(struct candidate)),
		};
}

static void
run_release(struct run *run, size_t threads)
{
	for (size_t t = 0; t < threads; t++) {
		free(run->rooms[t].sum);
		free(run->rooms[t].both);
		free(run->rooms[t].touched);
		free(run->rooms[t].best);
	}
	for (size_t i = 0; i < run->n; i++)
		free(run->row[i]);
	free(run->rooms);
	free(run->row);
	free(run->count);
	free(run->paths.start);
	free(run->paths.at);
	free(run->paths.user);
	free(run->paths.weight);
	free(run->places.row);
	free(run->places.in);
	free(run->places.users);
}

void
together(struct links *to, const struct catalog *c, const struct wanted *w,
    const uint32_t *scored, size_t n, const struct together_params *p)
{
	size_t threads = MAX(p->threads, (size_t)1), n_items = c->items.strings.n;
	uint32_t *place = xcalloc(n_items, sizeof *place);
	struct run run = { .p = p, .n = n };

	memset(place, 0xff, n_items * sizeof *place);
	for (size_t i = 0; i < n; i++)
		place[scored[i]] = (uint32_t)i;
	walk(&run.paths, c, w, place);
	free(place);
	turn(&run.places, &run.paths, n);
	run.row = xcalloc(n, sizeof *run.row);
	run.count = xcalloc(n, sizeof *run.count);
	rooms_init(&run, threads);
	threads_each(threads, n, link_item, &run);
	join(to, &run);
	run_release(&run, threads);
}
