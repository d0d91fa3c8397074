/* als_share - alternating least squares by several processes. */
#include "als_share.h"

#include <stdlib.h>
#include <string.h>

#include "vec.h"

enum order { OPEN, SWEEP, USERS, CLOSE, END };

/* What rank 0 tells the others before they do anything. */
struct told {
	enum order order;
	struct als_params p;
	size_t n_users, n_items; /* rows of factors */
	bool weighted, with_items;
};

/* What a rank needs to know of its range of a matrix. */
struct range {
	size_t n_rows, n_cols;
	uint64_t n;
};

/*
 * Bounds of ranges of the same work. An interaction costs dim^2 / 2 and a row that has
 * any dim^3 / 6.
 */
static void
cut(size_t *first, size_t ranks, const struct matrix *m, size_t dim)
{
	double row = (double)dim / 3, all = (double)m->row[m->n_rows], done = 0;
	size_t rank = 0;

	for (size_t r = 0; r < m->n_rows; r++)
		all += m->row[r] < m->row[r + 1] ? row : 0;
	first[0] = 0;
	for (size_t r = 0; r < m->n_rows; r++) {
		while (done >= all * (double)(rank + 1) / (double)ranks &&
		       rank + 1 < ranks)
			first[++rank] = r;
		done += (double)(m->row[r + 1] - m->row[r]);
		done += m->row[r] < m->row[r + 1] ? row : 0;
	}
	while (rank < ranks)
		first[++rank] = m->n_rows;
}

/* Ranges to the other ranks; the own is a view of what is there. */
static struct matrix
deal(const struct ranks *ranks, const struct matrix *m, const size_t *first)
{
	for (size_t r = 1; r < ranks->n; r++) {
		uint64_t at = m->row[first[r]], n = m->row[first[r + 1]] - at;
		struct range range = { first[r + 1] - first[r], m->n_cols, n };

		ranks->send(&range, sizeof range, r);
		ranks->send(m->row + first[r], (range.n_rows + 1) * sizeof *m->row, r);
		ranks->send(m->col + at, n * sizeof *m->col, r);
		if (m->weight)
			ranks->send(m->weight + at, n * sizeof *m->weight, r);
	}
	return (struct matrix){ first[1], m->n_cols, m->row, m->col, m->weight };
}

static struct matrix
take(const struct ranks *ranks, bool weighted)
{
	struct matrix m = { 0 };
	struct range range;
	uint64_t at;

	ranks->receive(&range, sizeof range);
	m.n_rows = range.n_rows;
	m.n_cols = range.n_cols;
	m.row = xcalloc(m.n_rows + 1, sizeof *m.row);
	m.col = xcalloc(range.n, sizeof *m.col);
	ranks->receive(m.row, (m.n_rows + 1) * sizeof *m.row);
	ranks->receive(m.col, range.n * sizeof *m.col);
	if (weighted) {
		m.weight = xcalloc(range.n, sizeof *m.weight);
		ranks->receive(m.weight, range.n * sizeof *m.weight);
	}
	at = m.row[0];
	for (size_t r = 0; r <= m.n_rows; r++)
		m.row[r] -= at;
	return m;
}

/* Bounds, and what to start from. */
static void
agree(struct als_share *s, const struct told *told, float *users, float *items)
{
	size_t bounds = (s->ranks->n + 1) * sizeof *s->first_user;

	s->ranks->broadcast(s->first_user, bounds);
	s->ranks->broadcast(s->first_item, bounds);
	s->ranks->broadcast(users, told->n_users * s->p.dim * sizeof *users);
	s->ranks->broadcast(items, told->n_items * s->p.dim * sizeof *items);
	s->p.share = s;
}

/* Orders begin and end with it, at rank 0. */
static void
set_busy(const struct ranks *ranks, bool busy)
{
	if (ranks && !ranks->rank)
		ranks->busy(busy);
}

void
als_share_open(struct als_share *s, const struct ranks *ranks,
    const struct als_params *p, const struct matrix *by_user,
    const struct matrix *by_item, float *users, float *items)
{
	struct told told = { OPEN, *p, by_user->n_rows, by_user->n_cols,
		by_user->weight != NULL, by_item != NULL };

	*s = (struct als_share){ .ranks = ranks, .p = *p, .by_user = *by_user };
	if (by_item)
		s->by_item = *by_item;
	if (!ranks)
		return;
	s->first_user = xcalloc(ranks->n + 1, sizeof *s->first_user);
	s->first_item = xcalloc(ranks->n + 1, sizeof *s->first_item);
	cut(s->first_user, ranks->n, by_user, p->used_dim);
	set_busy(ranks, true);
	ranks->broadcast(&told, sizeof told);
	s->by_user = deal(ranks, by_user, s->first_user);
	if (by_item) {
		cut(s->first_item, ranks->n, by_item, p->used_dim);
		s->by_item = deal(ranks, by_item, s->first_item);
	}
	agree(s, &told, users, items);
	set_busy(ranks, false);
}

static void
tell(const struct ranks *ranks, enum order order)
{
	struct told told;

	if (!ranks || ranks->rank)
		return;
	memset(&told, 0, sizeof told);
	told.order = order;
	ranks->broadcast(&told, sizeof told);
}

int
als_share_sweep(struct als_share *s, float *users, float *items, double *loss)
{
	int status;

	set_busy(s->ranks, true);
	tell(s->ranks, SWEEP);
	status = als_sweep(&s->p, &s->by_user, &s->by_item, users, items, loss);
	set_busy(s->ranks, false);
	return status;
}

void
als_share_users(struct als_share *s, float *users, float *items)
{
	set_busy(s->ranks, true);
	tell(s->ranks, USERS);
	als_users(&s->p, &s->by_user, users, items);
	set_busy(s->ranks, false);
}

void
als_share_close(struct als_share *s)
{
	tell(s->ranks, CLOSE);
	free(s->first_user);
	free(s->first_item);
	if (!s->own)
		return;
	matrix_release(&s->by_user);
	matrix_release(&s->by_item);
}

void
als_share_end(const struct ranks *ranks)
{
	tell(ranks, END);
}

struct worker {
	struct als_share share;
	float *users, *items;
};

static void
worker_open(struct worker *w, const struct ranks *ranks, const struct told *told,
    size_t threads)
{
	struct als_share *s = &w->share;

	*s = (struct als_share){ .ranks = ranks,
		.p = told->p,
		.own = true,
		.first_user = xcalloc(ranks->n + 1, sizeof *s->first_user),
		.first_item = xcalloc(ranks->n + 1, sizeof *s->first_item) };
	s->p.threads = MIN(s->p.threads, threads);
	s->by_user = take(ranks, told->weighted);
	if (told->with_items)
		s->by_item = take(ranks, told->weighted);
	w->users = xaligned(told->n_users * s->p.dim, sizeof *w->users);
	w->items = xaligned(told->n_items * s->p.dim, sizeof *w->items);
	agree(s, told, w->users, w->items);
}

static void
worker_close(struct worker *w)
{
	als_share_close(&w->share);
	free(w->users);
	free(w->items);
}

void
als_share_work(const struct ranks *ranks, size_t threads)
{
	struct worker w;
	struct told told;
	double loss;

	ranks->busy(true);
	for (;;) {
		ranks->broadcast(&told, sizeof told);
		switch (told.order) {
		case OPEN:
			worker_open(&w, ranks, &told, threads);
			break;
		case SWEEP: /* all fail together, and rank 0 says so */
			als_share_sweep(&w.share, w.users, w.items, &loss);
			break;
		case USERS:
			als_share_users(&w.share, w.users, w.items);
			break;
		case CLOSE:
			worker_close(&w);
			break;
		case END:
			ranks->busy(false);
			return;
		}
	}
}
