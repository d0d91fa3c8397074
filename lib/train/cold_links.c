/* cold_links - links for items without interactions, from those of items like them. */
#include "cold_links.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "best.h"
#include "metadata.h"
#include "prune.h"
#include "threads.h"

/* What an item gets: numbers of others, rising, and a weight each. */
struct list {
	size_t n;
	uint32_t *at;
	float *weight;
};

/* The working memory of a thread; sum is 0 between uses. */
struct room {
	float *sum;             /* [n] */
	struct candidate *best; /* [n] */
};

struct cold_links {
	const struct links *rows, *columns; /* among those with interactions */
	size_t n, most;
	struct metadata features, with; /* by item; by feature, of scored ones */
	size_t n_cold;
	uint32_t *cold;         /* [n_cold] numbers of items */
	struct list *to, *from; /* [n_cold] their columns and rows */
	struct room *room;      /* [threads] */
};

/* Features as parts of a vector of length 1. */
static void
scale_features(struct metadata *m)
{
	double *rows_with = xcalloc(m->n_features, sizeof *rows_with);

	for (uint64_t k = 0; k < m->row[m->n_rows]; k++)
		rows_with[m->col[k]]++;
	for (size_t r = 0; r < m->n_rows; r++) {
		double squares = 0;

		for (uint64_t k = m->row[r]; k < m->row[r + 1]; k++) {
			m->value[k] *=
			    (float)log((double)m->n_rows / rows_with[m->col[k]]);
			squares += (double)m->value[k] * (double)m->value[k];
		}
		for (uint64_t k = m->row[r]; k < m->row[r + 1] && squares > 0; k++)
			m->value[k] /= (float)sqrt(squares);
	}
	free(rows_with);
}

/* Columns become rows; of `from` the rows number[n] (NULL: the first n) are taken and
 * numbered anew. */
static void
transpose(const uint64_t *row, const uint32_t *col, const float *value,
    const uint32_t *number, size_t n, size_t n_cols, uint64_t **to_row,
    uint32_t **to_at, float **to_value)
{
	uint64_t *start = xcalloc(n_cols + 2, sizeof *start);

	for (size_t i = 0; i < n; i++) {
		size_t r = number ? number[i] : i;

		for (uint64_t k = row[r]; k < row[r + 1]; k++)
			start[col[k] + 2]++;
	}
	for (size_t c = 0; c < n_cols; c++)
		start[c + 2] += start[c + 1];
	*to_at = xcalloc(start[n_cols + 1] + 1, sizeof **to_at);
	*to_value = xcalloc(start[n_cols + 1] + 1, sizeof **to_value);
	for (size_t i = 0; i < n; i++) {
		size_t r = number ? number[i] : i;

		for (uint64_t k = row[r]; k < row[r + 1]; k++) {
			uint64_t place = start[col[k] + 1]++;

			(*to_at)[place] = (uint32_t)i;
			(*to_value)[place] = value[k];
		}
	}
	*to_row = start;
}

/* What sum holds, the greatest first, and sum is 0 again; how many. */
static size_t
greatest(struct room *room, size_t n, size_t most)
{
	size_t found = 0;

	for (size_t i = 0; i < n; i++) {
		float x = room->sum[i];

		if (x != 0)
			room->best[found++] =
			    (struct candidate){ fabsf(x), 2 * (uint32_t)i + (x < 0) };
		room->sum[i] = 0;
	}
	if (found > most)
		best_select(room->best, found, most);
	return MIN(found, most);
}

static int
rising(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	return (x->at > y->at) - (x->at < y->at);
}

/* The mean of some rows of l. */
static void
mean_of(struct list *to, const struct cold_links *c, const struct links *l,
    const struct candidate *like, size_t n_like, struct room *room)
{
	float total = 0;

	for (size_t k = 0; k < n_like; k++)
		total += like[k].value;
	for (size_t k = 0; k < n_like; k++) {
		size_t i = like[k].at / 2;

		for (uint64_t x = l->row[i]; x < l->row[i + 1]; x++)
			room->sum[l->at[x]] += like[k].value / total * l->weight[x];
	}
	to->n = greatest(room, c->n, c->most);
	to->at = xcalloc(to->n + 1, sizeof *to->at);
	to->weight = xcalloc(to->n + 1, sizeof *to->weight);
	qsort(room->best, to->n, sizeof *room->best, rising);
	for (size_t k = 0; k < to->n; k++) {
		const struct candidate *b = &room->best[k];

		to->at[k] = b->at / 2;
		to->weight[k] = b->at % 2 ? -b->value : b->value;
	}
}

static void
fill(void *context, size_t j, size_t thread)
{
	struct cold_links *c = context;
	struct room *room = &c->room[thread];
	const struct metadata *m = &c->features, *with = &c->with;
	struct candidate like[COLD_LIKE];
	size_t n;

	for (uint64_t k = m->row[c->cold[j]]; k < m->row[c->cold[j] + 1]; k++) {
		uint32_t feature = m->col[k];

		for (uint64_t x = with->row[feature]; x < with->row[feature + 1]; x++)
			room->sum[with->col[x]] += m->value[k] * with->value[x];
	}
	n = greatest(room, c->n, COLD_LIKE);
	qsort(room->best, n, sizeof *room->best, rising);
	memcpy(like, room->best, n * sizeof *like);
	mean_of(&c->to[j], c, c->columns, like, n, room);
	mean_of(&c->from[j], c, c->rows, like, n, room);
}

/* The items of the table that have no links but are like some that do. */
static void
find_cold(struct cold_links *c, const uint32_t *scored)
{
	const struct metadata *m = &c->features;
	size_t next = 0;

	c->cold = xcalloc(m->n_rows + 1, sizeof *c->cold);
	for (size_t r = 0; r < m->n_rows; r++) {
		bool alike = false;

		if (next < c->n && scored[next] == r) {
			next++;
			continue;
		}
		for (uint64_t k = m->row[r]; k < m->row[r + 1]; k++) {
			uint32_t f = m->col[k];

			alike = alike || (m->value[k] != 0 &&
					     c->with.row[f] < c->with.row[f + 1]);
		}
		if (alike)
			c->cold[c->n_cold++] = (uint32_t)r;
	}
}

/* Both kinds of items in the order of their numbers. place: where each went. */
static uint32_t *
merge_scored(const struct cold_links *c, const uint32_t *scored, uint32_t *place,
    uint32_t *cold_place)
{
	uint32_t *all = xcalloc(c->n + c->n_cold + 1, sizeof *all), n = 0;

	for (size_t i = 0, j = 0; i < c->n || j < c->n_cold; n++)
		if (j == c->n_cold || (i < c->n && scored[i] < c->cold[j])) {
			all[n] = scored[i];
			place[i++] = n;
		} else {
			all[n] = c->cold[j];
			cold_place[j++] = n;
		}
	return all;
}

static void
put(struct links *l, uint64_t *end, uint32_t at, float weight)
{
	((uint32_t *)l->at)[*end] = at;
	((float *)l->weight)[(*end)++] = weight;
}

/* What items with links say of cold ones: rows of the former, places of the latter. */
static void
turn(const struct cold_links *c, struct links *to)
{
	uint64_t *row = xcalloc(c->n_cold + 1, sizeof *row);
	uint32_t *at;
	float *weight;

	for (size_t j = 0; j < c->n_cold; j++)
		row[j + 1] = row[j] + c->to[j].n;
	at = xcalloc(row[c->n_cold] + 1, sizeof *at);
	weight = xcalloc(row[c->n_cold] + 1, sizeof *weight);
	for (size_t j = 0; j < c->n_cold; j++) {
		memcpy(at + row[j], c->to[j].at, c->to[j].n * sizeof *at);
		memcpy(weight + row[j], c->to[j].weight, c->to[j].n * sizeof *weight);
	}
	transpose(row, at, weight, NULL, c->n_cold, c->n, (uint64_t **)&to->row,
	    (uint32_t **)&to->at, (float **)&to->weight);
	free(row);
	free(at);
	free(weight);
}

/* Row i of the old links, and between them what it says of cold items. */
static void
merge_row(struct links *to, uint64_t *end, const struct links *old,
    const uint32_t *place, const struct links *turned, const uint32_t *cold_place,
    size_t i)
{
	uint64_t k = old->row[i], last = old->row[i + 1];

	for (uint64_t x = turned->row[i]; x < turned->row[i + 1]; x++) {
		uint32_t at = cold_place[turned->at[x]];

		for (; k < last && place[old->at[k]] < at; k++)
			put(to, end, place[old->at[k]], old->weight[k]);
		put(to, end, at, turned->weight[x]);
	}
	for (; k < last; k++)
		put(to, end, place[old->at[k]], old->weight[k]);
}

static void
merge(struct links *to, const struct cold_links *c, const uint32_t *place,
    const uint32_t *cold_place)
{
	size_t n = c->n + c->n_cold, i = 0, j = 0;
	uint64_t total = c->rows->row[c->n], end = 0,
		 *row = xcalloc(n + 1, sizeof *row);
	struct links turned = { 0 };

	for (size_t k = 0; k < c->n_cold; k++)
		total += c->to[k].n + c->from[k].n;
	*to = (struct links){ .row = row,
		.at = xcalloc(total + 1, sizeof *to->at),
		.weight = xcalloc(total + 1, sizeof *to->weight),
		.decay = c->rows->decay,
		.bend = c->rows->bend };
	turn(c, &turned);
	for (size_t r = 0; r < n; r++) {
		if (j < c->n_cold && cold_place[j] == r) {
			for (size_t k = 0; k < c->from[j].n; k++)
				put(to, &end, place[c->from[j].at[k]],
				    c->from[j].weight[k]);
			j++;
		} else
			merge_row(to, &end, c->rows, place, &turned, cold_place, i++);
		row[r + 1] = end;
	}
	links_release(&turned);
}

static void
cold_links_init(struct cold_links *c, const struct links *l, struct links *columns,
    const uint32_t *scored, size_t n, const struct table *t, size_t threads)
{
	struct metadata *m = &c->features;

	metadata_of(m, t);
	scale_features(m);
	transpose(m->row, m->col, m->value, scored, n, m->n_features, &c->with.row,
	    &c->with.col, &c->with.value);
	transpose(l->row, l->at, l->weight, NULL, n, n, (uint64_t **)&columns->row,
	    (uint32_t **)&columns->at, (float **)&columns->weight);
	find_cold(c, scored);
	c->to = xcalloc(c->n_cold + 1, sizeof *c->to);
	c->from = xcalloc(c->n_cold + 1, sizeof *c->from);
	c->room = xcalloc(threads, sizeof *c->room);
	for (size_t i = 0; i < threads; i++) {
		c->room[i].sum = xcalloc(n, sizeof *c->room[i].sum);
		c->room[i].best = xcalloc(n, sizeof *c->room[i].best);
	}
}

static void
cold_links_release(struct cold_links *c, size_t threads)
{
	for (size_t i = 0; i < threads; i++) {
		free(c->room[i].sum);
		free(c->room[i].best);
	}
	for (size_t j = 0; j < c->n_cold; j++) {
		free(c->to[j].at);
		free(c->to[j].weight);
		free(c->from[j].at);
		free(c->from[j].weight);
	}
	free(c->room);
	free(c->to);
	free(c->from);
	free(c->cold);
	metadata_release(&c->features);
	metadata_release(&c->with);
}

void
cold_links(struct links *l, uint32_t **scored, size_t *n, const struct table *t,
    size_t most, size_t threads)
{
	struct links columns = { 0 }, merged;
	struct cold_links c = { .rows = l, .columns = &columns, .n = *n, .most = most };
	uint32_t *place, *cold_place, *all;

	if (!*n || !t->n_columns || !t->n_rows)
		return;
	cold_links_init(&c, l, &columns, *scored, *n, t, threads);
	threads_each(threads, c.n_cold, fill, &c);
	place = xcalloc(c.n, sizeof *place);
	cold_place = xcalloc(c.n_cold + 1, sizeof *cold_place);
	all = merge_scored(&c, *scored, place, cold_place);
	merge(&merged, &c, place, cold_place);
	free(*scored);
	*scored = all;
	*n += c.n_cold;
	free(place);
	free(cold_place);
	cold_links_release(&c, threads);
	links_release(&columns);
	links_release(l);
	*l = merged;
}
