/*
 * segment - the users who are most likely to interact with an item, or any of several.
 *
 * The items of all queries of a pass stand side by side in panels, each item once, and
 * users go past them as in score.c. A job is a range of users for all queries of the
 * pass; it keeps its own candidates in the order of users, and a query's are joined at
 * the end.
 *
 * Most users are not among the k best, and their logarithms need not be known: w(z) is
 * below exp(z). What a value must exceed comes from every SAMPLE-th user first: the
 * value of a rank there that surely takes in more than the k best of all. Should it
 * take in fewer after all, the query is asked again without it; so it costs no
 * exactness.
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

enum {
	SLACK = 4096,
	SAMPLE = 16,
	SAMPLED_K = 4 * SLACK, /* a smaller k learns soon enough by itself */
};

/* A query within a pass. */
struct part {
	struct segment_query *q;
	size_t n;          /* its items that have vectors */
	uint32_t *columns; /* [n] */
	uint32_t first;    /* columns[0] */
	double log_n;
	double log_share; /* of all pairs, for users without a vector */
	float least;      /* candidates are above it */
};

/* One query's candidates in one range of users. */
struct kept {
	struct candidate *list; /* by rising number */
	size_t n;
	float least; /* what is not above it cannot be among the k best */
};

struct pass {
	const struct model *m;
	struct part *parts;
	size_t n_parts, k, cap, ranges;
	uint32_t step; /* every user, or every SAMPLE-th */
	struct item_factors columns;
	float *panels;      /* of the columns, unless those are all items */
	uint32_t *column;   /* [n_scored] an item's column, NONE */
	size_t most;        /* items of a query */
	struct kept *kept;  /* [ranges][n_parts] */
	struct room *rooms; /* [threads] */
};

/* What a thread needs. */
struct room {
	struct seen *seen;
	struct met met;
	float *z;      /* [VEC_ROWS][padded columns] */
	float *picked; /* [padded most] one query's */
};

static void
keep(const struct pass *p, struct kept *x, uint32_t user, float value)
{
	if (!(value > x->least))
		return;
	x->list[x->n++] = (struct candidate){ value, user };
	if (x->n < p->cap)
		return;
	x->least = best_cut(x->list, x->n, p->k);
	x->n = p->k;
}

/* Whether base + log of something below exp(bound) may be above least, both rounded. */
static bool
may_pass(double base, double bound, float least)
{
	return (float)(base + bound) > least;
}

/* log w(z): weights_odds with most = z. */
static double
log_odds(const struct weights *w, double z)
{
	return z - log1p(weights_damping(w, z));
}

/* log of the sum of w(z) over a query's columns, or -infinity if it is not above least.
 */
static double
log_sum(const struct pass *p, struct room *room, const struct part *part,
    const float *z, double base, float least)
{
	const struct vec *vec = vec_kernels();
	size_t padded = vec_padded(part->n);
	float most, damping;

	for (size_t i = 0; i < part->n; i++)
		room->picked[i] = z[part->columns[i]];
	for (size_t i = part->n; i < padded; i++)
		room->picked[i] = -INFINITY;
	most = vec->max(room->picked, padded);
	if (!may_pass(base, (double)most + part->log_n, least))
		return -INFINITY;
	damping = (float)weights_damping(&p->m->weights, (double)most);
	return (double)most + log(vec->odds_sum(room->picked, padded, most, damping));
}

static bool
allows(const struct part *part, uint32_t user)
{
	return !part->q->allowed || bitset_has(part->q->allowed, user);
}

/* One user's z with all columns. */
static void
take(const struct pass *p, struct room *room, struct kept *kept, uint32_t user,
    const float *z)
{
	double base = (double)p->m->user_base[user], value;

	for (size_t i = 0; i < p->n_parts; i++) {
		const struct part *part = &p->parts[i];
		struct kept *x = &kept[i];

		if (part->n == 1) {
			double only = (double)z[part->first];

			if (!may_pass(base, only, x->least) || !allows(part, user))
				continue;
			value = log_odds(&p->m->weights, only);
		} else if (part->n && allows(part, user))
			value = log_sum(p, room, part, z, base, x->least);
		else
			continue;
		keep(p, x, user, (float)(base + value));
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
	for (size_t i = 0; i < room->met.n; i++) {
		uint32_t column = p->column[room->met.items[i].at];

		if (column != NONE)
			z[column] += room->met.items[i].value;
	}
}

static bool
has_vector(const struct pass *p, uint32_t user)
{
	return p->columns.n && model_user(p->m, user);
}

/* Users in rising order, those with vectors VEC_ROWS at a time. */
static void
scan_range(void *context, size_t range, size_t thread)
{
	struct pass *p = context;
	struct room *room = &p->rooms[thread];
	size_t n_users = p->m->n_user_rows, n = 0, padded = vec_padded(p->columns.n);
	size_t to = n_users * (range + 1) / p->ranges;
	size_t u = (n_users * range / p->ranges + p->step - 1) / p->step * p->step;
	struct kept *kept = p->kept + range * p->n_parts;
	uint32_t rows[VEC_ROWS];

	for (size_t next = u; u < to; u += p->step) {
		if (has_vector(p, (uint32_t)u))
			rows[n++] = (uint32_t)u;
		if (n < VEC_ROWS && u + p->step < to)
			continue;
		scan_users(&p->columns, p->m->users, rows, n, room->z);
		for (size_t r = 0; next <= u; next += p->step)
			if (r < n && rows[r] == next) {
				float *z = room->z + r++ * padded;

				add_met(p, room, (uint32_t)next, z);
				take(p, room, kept, (uint32_t)next, z);
			} else
				take_unknown(p, kept, (uint32_t)next);
		n = 0;
	}
}

/* A column for each item that some query asks for; how many. */
static size_t
number_columns(struct pass *p)
{
	const struct model *m = p->m;
	size_t n = 0;

	p->column = xcalloc(m->n_scored, sizeof *p->column);
	memset(p->column, 0xff, m->n_scored * sizeof *p->column);
	for (size_t i = 0; i < p->n_parts; i++) {
		const struct segment_query *q = p->parts[i].q;

		for (size_t k = 0; k < q->n_items; k++) {
			uint32_t at = m->place[q->items[k]];

			if (at != NONE && p->column[at] == NONE)
				p->column[at] = (uint32_t)n++;
		}
	}
	return n;
}

/* The items into panels; if they are many, the model's own are as good. */
static void
gather_panels(struct pass *p, size_t n)
{
	const struct model *m = p->m;
	size_t dim = m->dim;

	if (n > m->n_scored / 4) {
		for (size_t i = 0; i < m->n_scored; i++)
			p->column[i] = (uint32_t)i;
		p->columns = (struct item_factors){ m->n_scored, dim, m->panels };
		return;
	}
	p->panels = xaligned(vec_padded(n + 1) * dim, sizeof *p->panels);
	memset(p->panels, 0, vec_padded(n + 1) * dim * sizeof *p->panels);
	for (size_t i = 0; i < m->n_scored; i++) {
		size_t c = p->column[i];
		const float *from = model_item(m, i);

		for (size_t d = 0; c != NONE && d < dim; d++)
			p->panels[(c / VEC_COLS * dim + d) * VEC_COLS + c % VEC_COLS] =
			    from[d * VEC_COLS];
	}
	p->columns = (struct item_factors){ n, dim, p->panels };
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

static void
gather(struct pass *p)
{
	const struct model *m = p->m;

	gather_panels(p, number_columns(p));
	for (size_t i = 0; i < p->n_parts; i++) {
		struct part *part = &p->parts[i];
		const struct segment_query *q = part->q;

		part->columns = xcalloc(q->n_items, sizeof *part->columns);
		for (size_t k = 0; k < q->n_items; k++)
			if (m->place[q->items[k]] != NONE)
				part->columns[part->n++] =
				    p->column[m->place[q->items[k]]];
		part->first = part->n ? part->columns[0] : NONE;
		part->log_n = log((double)part->n);
		part->log_share = log_share(m, q);
		part->least = -INFINITY;
		p->most = MAX(p->most, part->n);
	}
}

/* The ranges' candidates of one query, best first. */
static void
join(void *context, size_t part, size_t thread)
{
	const struct pass *p = context;
	struct segment_query *q = p->parts[part].q;
	struct candidate *all, *room;
	size_t n = 0;

	(void)thread;
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
		best_cut(all, n, q->n);
	room = xcalloc(q->n, sizeof *room);
	best_sort_rising(all, q->n, room);
	free(room);
	q->best = xrealloc(all, MAX(q->n, (size_t)1), sizeof *all);
}

/* Room for a range's candidates: none is cut more often than it must be. */
static size_t
cap_of(const struct model *m, size_t k, size_t ranges)
{
	return MIN(k + k / 4, m->n_user_rows / ranges) + SLACK;
}

/* The k best for all parts, among every step-th user. */
static void
scan(struct pass *p, size_t k, uint32_t step)
{
	size_t n = p->ranges * p->n_parts;

	p->k = k;
	p->step = step;
	p->cap = cap_of(p->m, k, p->ranges);
	p->kept = xcalloc(n, sizeof *p->kept);
	for (size_t i = 0; i < n; i++)
		p->kept[i] = (struct kept){ xcalloc(p->cap, sizeof(struct candidate)),
			0, p->parts[i % p->n_parts].least };
	threads_each(p->ranges, p->ranges, scan_range, p);
	threads_each(p->ranges, p->n_parts, join, p);
	free(p->kept);
}

/*
 * Set least just below the value of the rank in the sample that surely, by five times
 * the deviation of a count, is not among the k best of all.
 */
static void
sample(struct pass *p, size_t k)
{
	double share = (double)k / SAMPLE;
	size_t rank = (size_t)(share + 5 * sqrt(share)) + 1;

	scan(p, rank, SAMPLE);
	for (size_t i = 0; i < p->n_parts; i++) {
		struct segment_query *q = p->parts[i].q;

		if (q->n == rank)
			p->parts[i].least =
			    nextafterf(q->best[rank - 1].value, -INFINITY);
		free(q->best);
	}
}

static void
rooms_init(struct pass *p)
{
	p->rooms = xcalloc(p->ranges, sizeof *p->rooms);
	for (size_t t = 0; t < p->ranges; t++)
		p->rooms[t] = (struct room){ .seen = seen_new(
						 &p->m->catalog, &p->m->wanted),
			.z = xaligned(
			    VEC_ROWS * vec_padded(p->columns.n + 1), sizeof(float)),
			.picked = xaligned(vec_padded(p->most + 1), sizeof(float)) };
}

static void
pass_release(struct pass *p)
{
	for (size_t t = 0; t < p->ranges; t++) {
		seen_free(p->rooms[t].seen);
		met_release(&p->rooms[t].met);
		free(p->rooms[t].z);
		free(p->rooms[t].picked);
	}
	for (size_t i = 0; i < p->n_parts; i++)
		free(p->parts[i].columns);
	free(p->parts);
	free(p->rooms);
	free(p->column);
	free(p->panels);
}

/* Queries of which the sample promised too much, again and without it. */
static void
repair(struct pass *p, size_t k)
{
	size_t n = 0, all = p->n_parts;

	for (size_t i = 0; i < all; i++) {
		struct part t = p->parts[i];

		if (t.q->n >= k || t.least == -INFINITY)
			continue;
		free(t.q->best);
		t.least = -INFINITY;
		p->parts[i] = p->parts[n];
		p->parts[n++] = t;
	}
	p->n_parts = n;
	if (n)
		scan(p, k, 1);
	p->n_parts = all;
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
	k = MIN(k, MAX(m->n_user_rows, (size_t)1));
	p.parts = xcalloc(n, sizeof *p.parts);
	for (size_t i = 0; i < n; i++)
		p.parts[i].q = &queries[i];
	gather(&p);
	rooms_init(&p);
	if (k >= SAMPLED_K && k < m->n_user_rows / 2)
		sample(&p, k);
	scan(&p, k, 1);
	repair(&p, k);
	pass_release(&p);
}
