/*
 * random_model - a model in memory with random factors and histories.
 *
 * Every third item has no factors, every seventh no users, nothing is known of every
 * seventh user. Values are coarse, so that there are many ties.
 */
#ifndef RANDOM_MODEL_H
#define RANDOM_MODEL_H

#include <stdlib.h>
#include <string.h>

#include "context.h"
#include "model.h"
#include "random.h"
#include "scan.h"

enum { ITEMS = 1300, USERS = 300, DIM = 32, CONTEXTS = 3, CONTEXT_VALUES = 4 };

static inline float
random_value(void)
{
	return (float)((double)random_below(5) - 2) / 8;
}

/* Up to nine interactions each, some with the same item. */
static inline void
random_history(struct model *m)
{
	uint64_t *offset = catalog_own(&m->catalog, xcalloc(USERS + 1, sizeof *offset));
	uint32_t *item = catalog_own(&m->catalog, xcalloc(9 * USERS, sizeof *item));
	uint16_t *type = catalog_own(&m->catalog, xcalloc(9 * USERS, sizeof *type));
	int64_t *when = catalog_own(&m->catalog, xcalloc(9 * USERS, sizeof *when));

	for (size_t u = 0; u < USERS; u++) {
		offset[u + 1] = offset[u];
		for (size_t n = random_below(10); n; n--) {
			when[offset[u + 1]] = 100000 * (int64_t)n;
			item[offset[u + 1]++] = n % 3 ? (uint32_t)random_below(ITEMS)
						      : (uint32_t)random_below(5);
		}
	}
	m->catalog.history = (struct history){
		.offset = offset, .item = item, .type = type, .time = when
	};
	memset(type, 0xff, 9 * USERS * sizeof *type);
}

/* Three columns of four values each, whose texts nobody asks for. */
static inline void
random_contexts(struct model *m)
{
	m->n_contexts = CONTEXTS;
	m->contexts = catalog_own(&m->catalog, xcalloc(CONTEXTS, sizeof *m->contexts));
	for (size_t k = 0; k < CONTEXTS; k++) {
		size_t most = CONTEXT_VALUES * m->n_scored, n = 0;
		float *base = catalog_own(&m->catalog, xcalloc(most, sizeof *base));
		float *weight = catalog_own(&m->catalog, xcalloc(most, sizeof *weight));
		uint32_t *at = catalog_own(&m->catalog, xcalloc(most, sizeof *at));
		uint64_t *row =
		    catalog_own(&m->catalog, xcalloc(CONTEXT_VALUES + 1, sizeof *row));

		for (size_t i = 0; i < m->n_scored; i++)
			base[i] = random_value();
		for (size_t v = 0; v < CONTEXT_VALUES; v++) {
			for (uint32_t i = 0; i < m->n_scored; i++)
				if (random_below(CONTEXT_VALUES) < v) {
					at[n] = i;
					weight[n++] = random_value();
				}
			row[v + 1] = n;
		}
		m->contexts[k] = (struct context){
			.base = base, .row = row, .at = at, .weight = weight
		};
		m->contexts[k].values.n = CONTEXT_VALUES;
	}
}

/* Some of the columns, rising, each with one of its values; how many. */
static inline size_t
random_context_values(struct context_value to[CONTEXTS])
{
	size_t n = 0;

	for (uint32_t k = 0; k < CONTEXTS; k++)
		if (one_in(2))
			to[n++] = (struct context_value){ k,
				(uint32_t)random_below(CONTEXT_VALUES) };
	return n;
}

/* What one of them adds, by a search from the start. */
static inline float
random_model_context(const struct model *m, struct context_value v, size_t place)
{
	const struct context *c = &m->contexts[v.column];
	float more = c->base[place];

	for (uint64_t i = c->row[v.value]; i < c->row[v.value + 1]; i++)
		if (c->at[i] == place)
			more += c->weight[i];
	return more;
}

/* Close with model_close. */
static inline struct model *
random_model(void)
{
	struct model *m = xcalloc(1, sizeof *m);
	float *rows = xcalloc(ITEMS * DIM, sizeof *rows);
	float *users = xcalloc(USERS * DIM, sizeof *users), *panels;
	uint32_t *scored = xcalloc(ITEMS, sizeof *scored);
	uint32_t *count = xcalloc(ITEMS, sizeof *count);
	uint32_t *popular = xcalloc(ITEMS, sizeof *popular), met = 0;

	m->catalog.items.strings.n = ITEMS;
	m->catalog.users.strings.n = USERS;
	for (uint32_t i = 0; i < ITEMS; i++) {
		if (i % 3)
			scored[m->n_scored++] = i;
		count[i] = i % 3 && i % 7 ? ITEMS - i : 0;
		met += count[i] > 0;
	}
	for (uint32_t i = 0, at = 0; i < ITEMS; i++)
		popular[count[i] ? at++ : met++] = i;
	for (size_t i = 0; i < ITEMS * DIM; i++)
		rows[i] = random_value();
	for (size_t i = 0; i < USERS * DIM; i++)
		users[i] = i / DIM % 7 ? random_value() : 0;
	panels = xaligned(vec_padded(m->n_scored) * DIM, sizeof *panels);
	scan_panels(panels, rows, scored, m->n_scored, DIM);
	free(rows);
	m->dim = DIM;
	m->weights = (struct weights){ { [SEEN] = -0.5,
	    [TIMES] = 0.25,
	    [AGE] = 0.1,
	    [LAST] = 1,
	    [SATURATION] = -0.5 } };
	m->users = catalog_own(&m->catalog, users);
	m->n_user_rows = USERS;
	m->panels = catalog_own(&m->catalog, panels);
	m->scored = catalog_own(&m->catalog, scored);
	m->count = catalog_own(&m->catalog, count);
	m->popular = catalog_own(&m->catalog, popular);
	random_history(m);
	model_index(m);
	random_contexts(m);
	return m;
}

/* What having met an item adds, by a search through the history. */
static inline float
random_model_met(const struct model *m, uint32_t user, uint32_t item)
{
	const struct history *h = &m->catalog.history;
	struct seen_item s = { item, 0, 0, 1 };
	uint32_t distinct = 0;

	for (uint64_t i = h->offset[user]; i < h->offset[user + 1]; i++) {
		bool before = false;

		for (uint64_t j = h->offset[user]; j < i; j++)
			before |= h->item[j] == h->item[i];
		distinct += !before;
		if (h->item[i] == item && !s.times++)
			s.age = distinct;
	}
	return s.times ? (float)weights_seen(&m->weights, &s) : 0;
}

#endif
