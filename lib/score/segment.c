/*
 * segment - the users who are most likely to interact with an item, or any of several.
 *
 * The items of all queries of a pass stand side by side in panels, query after query,
 * and users go past them as in score.c. A job is a range of users for all queries of
 * the pass; it keeps its own candidates, and a query's are joined at the end.
 */
#include "segment.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bitset.h"
#include "met.h"
#include "scan.h"
#include "threads.h"
#include "vec.h"

enum { SLACK = 4096 };

/* A query within a pass. */
struct part {
	struct segment_query *q;
	size_t from, to;  /* its columns */
	double log_share; /* of all pairs, for users without a vector */
};

/* One query's candidates in one range of users. */
struct kept {
	struct candidate *list;
	size_t n;
	struct candidate worst; /* what is not better cannot be among the k best */
};

struct pass {
	const struct model *m;
	struct part *parts;
	size_t n_parts, k, cap, ranges;
	struct item_factors columns;
	uint32_t *item;     /* [columns.n] position among the scored items */
	uint32_t *column;   /* [n_scored] the first column of an item, NONE */
	uint32_t *next;     /* [columns.n] the next column of the same item, NONE */
	struct kept *kept;  /* [ranges][n_parts] */
	struct room *rooms; /* [threads] */
};

/* What a thread needs. */
struct room {
	struct seen *seen;
	struct met met;
	float *packed, *z; /* [dim][VEC_ROWS], [VEC_ROWS][padded columns] */
};

static void
keep(const struct pass *p, struct kept *x, uint32_t user, float value)
{
	if (!(value > x->worst.value ||
		(value == x->worst.value && user < x->worst.at)))
		return;
	x->list[x->n++] = (struct candidate){ value, user };
	if (x->n < p->cap)
		return;
	best_select(x->list, x->n, p->k);
	x->n = p->k;
	x->worst = x->list[p->k - 1];
}

/* log of the sum of w(z) over a query's columns; what is surely below least may stay
 * so. */
static double
log_odds(const struct weights *w, const float *z, size_t n, double least)
{
	double most = (double)z[0], sum = 0;

	/* w(z) < exp(z) and w(z) < exp(-saturation). */
	if (n == 1 && fmin(most, -w->of[SATURATION]) < least)
		return -INFINITY;
	for (size_t i = 1; i < n; i++)
		most = fmax(most, (double)z[i]);
	for (size_t i = 0; i < n; i++)
		sum += weights_odds(w, (double)z[i], most);
	return most + log(sum);
}

static bool
allows(const struct part *part, uint32_t user)
{
	return !part->q->allowed || bitset_has(part->q->allowed, user);
}

/* One user's z with all columns. */
static void
take(const struct pass *p, struct kept *kept, uint32_t user, const float *z)
{
	double base = (double)p->m->user_base[user];

	for (size_t i = 0; i < p->n_parts; i++) {
		const struct part *part = &p->parts[i];
		struct kept *x = &kept[i];

		if (part->from == part->to || !allows(part, user))
			continue;
		keep(p, x, user,
		    (float)(base + log_odds(&p->m->weights, z + part->from,
				       part->to - part->from,
				       (double)x->worst.value - base)));
	}
}

static void
take_unknown(const struct pass *p, struct kept *kept, uint32_t user)
{
	double base = (double)p->m->user_base[user];

	for (size_t i = 0; i < p->n_parts; i++)
		if (allows(&p->parts[i], user))
			keep(p, &kept[i], user, (float)(base + p->parts[i].log_share));
}

/* What users have met is in the history of each, so the columns are looked up. */
static void
add_met(const struct pass *p, struct room *room, uint32_t user, float *z)
{
	met_find(&room->met, p->m, room->seen, user);
	for (size_t i = 0; i < room->met.n; i++)
		for (uint32_t c = p->column[room->met.items[i].at]; c != NONE;
		     c = p->next[c])
			z[c] += room->met.items[i].value;
}

static void
take_rows(const struct pass *p, struct room *room, struct kept *kept,
    const uint32_t *users, size_t n)
{
	size_t padded = vec_padded(p->columns.n);

	scan_users(&p->columns, p->m->users, users, n, room->z);
	for (size_t r = 0; r < n; r++) {
		float *z = room->z + r * padded;

		add_met(p, room, users[r], z);
		take(p, kept, users[r], z);
	}
}

/* Users in rising order, those with vectors VEC_ROWS at a time. */
static void
scan_range(void *context, size_t range, size_t thread)
{
	struct pass *p = context;
	size_t n_users = p->m->n_user_rows, n = 0;
	uint32_t from = (uint32_t)(n_users * range / p->ranges);
	uint32_t to = (uint32_t)(n_users * (range + 1) / p->ranges);
	struct kept *kept = p->kept + range * p->n_parts;
	uint32_t rows[VEC_ROWS], unknown = from;

	for (uint32_t u = from; u < to; u++) {
		if (p->columns.n && model_user(p->m, u))
			rows[n++] = u;
		if (n < VEC_ROWS && u + 1 < to)
			continue;
		take_rows(p, &p->rooms[thread], kept, rows, n);
		for (; unknown <= u; unknown++)
			if (!p->columns.n || !model_user(p->m, unknown))
				take_unknown(p, kept, unknown);
		n = 0;
	}
}

/* The queries' items into panels. */
static void
gather(struct pass *p)
{
	const struct model *m = p->m;
	size_t n = 0, dim = m->dim;
	float *panels;

	for (size_t i = 0; i < p->n_parts; i++)
		n += p->parts[i].q->n_items;
	p->item = xcalloc(n, sizeof *p->item);
	p->next = xcalloc(n, sizeof *p->next);
	p->column = xcalloc(m->n_scored, sizeof *p->column);
	memset(p->column, 0xff, m->n_scored * sizeof *p->column);
	n = 0;
	for (size_t i = 0; i < p->n_parts; i++) {
		struct part *part = &p->parts[i];

		part->from = n;
		for (size_t k = 0; k < part->q->n_items; k++)
			if (m->place[part->q->items[k]] != NONE)
				p->item[n++] = m->place[part->q->items[k]];
		part->to = n;
	}
	panels = xcalloc(vec_padded(n) * dim, sizeof *panels);
	for (size_t c = 0; c < n; c++) {
		const float *from = model_item(m, p->item[c]);
		float *to = panels + c / VEC_COLS * dim * VEC_COLS + c % VEC_COLS;

		for (size_t d = 0; d < dim; d++)
			to[d * VEC_COLS] = from[d * VEC_COLS];
		p->next[c] = p->column[p->item[c]];
		p->column[p->item[c]] = (uint32_t)c;
	}
	p->columns = (struct item_factors){ n, dim, panels };
}

static double
log_share(const struct model *m, const struct segment_query *q)
{
	double all = 0, some = 0;

	for (size_t i = 0; i < m->catalog.items.strings.n; i++)
		all += (double)m->count[i];
	for (size_t i = 0; i < q->n_items; i++)
		some += (double)m->count[q->items[i]];
	return log(some / all);
}

/* The ranges' candidates of one query, best first. */
static void
join(const struct pass *p, size_t part)
{
	struct segment_query *q = p->parts[part].q;
	struct candidate *all;
	size_t n = 0;

	for (size_t r = 0; r < p->ranges; r++)
		n += p->kept[r * p->n_parts + part].n;
	all = xcalloc(n, sizeof *all);
	n = 0;
	for (size_t r = 0; r < p->ranges; r++) {
		struct kept *x = &p->kept[r * p->n_parts + part];

		memcpy(all + n, x->list, x->n * sizeof *all);
		n += x->n;
		free(x->list);
	}
	q->n = MIN(n, p->k);
	if (n > q->n)
		best_select(all, n, q->n);
	best_sort(all, q->n);
	q->best = xrealloc(all, MAX(q->n, (size_t)1), sizeof *all);
}

static void
pass_run(struct pass *p, size_t threads)
{
	const struct model *m = p->m;

	gather(p);
	p->kept = xcalloc(p->ranges * p->n_parts, sizeof *p->kept);
	for (size_t i = 0; i < p->ranges * p->n_parts; i++)
		p->kept[i] = (struct kept){ xcalloc(p->cap, sizeof(struct candidate)),
			0, { -INFINITY, 0 } };
	p->rooms = xcalloc(threads, sizeof *p->rooms);
	for (size_t t = 0; t < threads; t++)
		p->rooms[t] = (struct room){ .seen = seen_new(&m->catalog, &m->wanted),
			.z = xaligned(
			    VEC_ROWS * vec_padded(p->columns.n + 1), sizeof(float)) };
	threads_each(threads, p->ranges, scan_range, p);
	for (size_t i = 0; i < p->n_parts; i++)
		join(p, i);
	for (size_t t = 0; t < threads; t++) {
		seen_free(p->rooms[t].seen);
		free(p->rooms[t].met.items);
		free(p->rooms[t].z);
	}
	free(p->rooms);
	free(p->kept);
	free(p->item);
	free(p->next);
	free(p->column);
	free((float *)p->columns.panels);
}

/* Room for a range's candidates: none is cut more often than it must be. */
static size_t
cap_of(const struct model *m, size_t k, size_t ranges)
{
	return MIN(k + k / 4, m->n_user_rows / ranges) + SLACK;
}

size_t
segment_bytes(const struct model *m, size_t k, size_t threads)
{
	size_t ranges = MAX(threads, (size_t)1);

	k = MIN(k, m->n_user_rows);
	return (k + ranges * cap_of(m, k, ranges)) * sizeof(struct candidate);
}

void
segment_scan(const struct model *m, struct segment_query *queries, size_t n, size_t k,
    size_t threads)
{
	struct pass p = { .m = m, .n_parts = n, .ranges = MAX(threads, (size_t)1) };

	if (!n)
		return;
	p.k = MIN(k, MAX(m->n_user_rows, (size_t)1));
	p.cap = cap_of(m, p.k, p.ranges);
	p.parts = xcalloc(n, sizeof *p.parts);
	for (size_t i = 0; i < n; i++)
		p.parts[i] = (struct part){ .q = &queries[i],
			.log_share = log_share(m, &queries[i]) };
	pass_run(&p, p.ranges);
	free(p.parts);
}
