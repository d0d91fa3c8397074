/*
 * crowd - a made-up model of many users, to time segments of it.
 *
 *	crowd MODEL USERS ITEMS FACTORS
 *
 * Vectors are random, so that each user has a taste of their own; how active users are
 * is spread over three orders of magnitude, as it is in shops. Each has met five items.
 */
#include <err.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "model.h"
#include "scan.h"
#include "splitmix.h"
#include "vec.h"

enum { MET = 5 };

/* Uniform in [-1, 1). */
static double
random_of(uint64_t seed, uint64_t i)
{
	return (double)(splitmix(seed + i * 0x9e3779b97f4a7c15) >> 11) / 0x1p52 - 1;
}

static void
name_all(struct catalog *c, struct ids *ids, char prefix, size_t n)
{
	uint64_t *offset = catalog_own(c, xcalloc(n + 1, sizeof *offset));
	struct buf bytes = { 0 };

	for (size_t i = 0; i < n; i++) {
		buf_addf(&bytes, "%c%08zu", prefix, i);
		offset[i + 1] = bytes.len;
	}
	ids->strings = (struct strings){ n, offset, catalog_own(c, bytes.data) };
	ids_index(ids, catalog_own(c, xcalloc(ids_slots(n), sizeof(uint32_t))));
}

static void
make_history(struct catalog *c, size_t n_users, size_t n_items)
{
	uint64_t *offset = catalog_own(c, xcalloc(n_users + 1, sizeof *offset));
	uint32_t *item = catalog_own(c, xcalloc(n_users * MET, sizeof *item));
	uint16_t *type = catalog_own(c, xcalloc(n_users * MET, sizeof *type));
	int64_t *time = catalog_own(c, xcalloc(n_users * MET, sizeof *time));

	for (size_t i = 0; i < n_users * MET; i++) {
		item[i] = (uint32_t)(splitmix(i) % n_items);
		type[i] = UINT16_MAX;
		time[i] = (int64_t)(MET - i % MET);
	}
	for (size_t u = 0; u <= n_users; u++)
		offset[u] = u * MET;
	c->history = (struct history){
		.offset = offset, .item = item, .type = type, .time = time
	};
	c->history.types.offset = catalog_own(c, xcalloc(1, sizeof(uint64_t)));
}

/* Rows whose products vary by about 2: so do z, and behind them a 1 or an item's own.
 */
static float *
make_rows(size_t n, size_t dim, size_t factors, uint64_t seed, double last)
{
	float *rows = xaligned(n * dim, sizeof *rows);

	for (size_t i = 0; i < n; i++) {
		for (size_t d = 0; d < factors; d++)
			rows[i * dim + d] = (float)(random_of(seed, i * dim + d) *
						    sqrt(6 / sqrt((double)factors)));
		rows[i * dim + factors] = (float)last;
		for (size_t d = factors + 1; d < dim; d++)
			rows[i * dim + d] = 0;
	}
	return rows;
}

static void
fill(struct model *m, size_t n_users, size_t n_items, size_t factors)
{
	struct catalog *c = &m->catalog;
	uint32_t *number = catalog_own(c, xcalloc(n_items, sizeof *number));
	uint32_t *count = catalog_own(c, xcalloc(n_items, sizeof *count));
	float *base = catalog_own(c, xcalloc(n_users, sizeof *base)), *items, *panels;

	name_all(c, &c->users, 'u', n_users);
	name_all(c, &c->items, 'i', n_items);
	make_history(c, n_users, n_items);
	m->factors = factors;
	m->dim = vec_padded(factors + 1);
	for (uint32_t i = 0; i < n_items; i++) {
		number[i] = i;
		count[i] = 1;
	}
	for (size_t u = 0; u < n_users; u++)
		base[u] = (float)(3 * random_of(3, u) - 10);
	items = make_rows(n_items, m->dim, factors, 1, -2);
	panels = catalog_own(c, xaligned(vec_padded(n_items) * m->dim, sizeof *panels));
	scan_panels(panels, items, number, n_items, m->dim);
	free(items);
	m->n_scored = n_items;
	m->scored = number;
	m->popular = number;
	m->count = count;
	m->panels = panels;
	m->n_user_rows = n_users;
	m->users = catalog_own(c, make_rows(n_users, m->dim, factors, 2, 1));
	m->user_base = base;
	m->weights = (struct weights){ { [TASTE] = 1,
	    [SEEN] = 1,
	    [TIMES] = 0.5,
	    [AGE] = -0.2,
	    [SATURATION] = -2 } };
}

int
main(int argc, char *argv[])
{
	struct model *m = xcalloc(1, sizeof *m);
	long users = argc == 5 ? atol(argv[2]) : 0,
	     items = argc == 5 ? atol(argv[3]) : 0;
	long factors = argc == 5 ? atol(argv[4]) : 0;
	char *why;

	if (users < 1 || items < 1 || factors < 1) {
		free(m);
		errx(2, "usage: crowd MODEL USERS ITEMS FACTORS");
	}
	fill(m, (size_t)users, (size_t)items, (size_t)factors);
	if (model_save(m,
		span_of("{\"recipe\":\"item-affinity\",\"hyperparameters\":{}}"),
		argv[1], &why) < 0)
		errx(1, "%s", why);
	model_close(m);
	return 0;
}
