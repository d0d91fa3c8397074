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

#include "model.h"
#include "random.h"
#include "scan.h"

enum { ITEMS = 1300, USERS = 300, DIM = 32 };

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
