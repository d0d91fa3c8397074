/*
 * market - a small shop with factors for its items, for tests of rules on lists.
 *
 * What is said of an item can be asked of the description (toy.h) as well as of the
 * catalog, and its factors of rows as well as of the model.
 */
#ifndef MARKET_H
#define MARKET_H

#include "model.h"
#include "random.h"
#include "scan.h"
#include "toy.h"
#include "vec.h"

enum { MARKET_ITEMS = 40, MARKET_DIM = VEC_COLS, MARKET_FACTORS = 21 };

/* Columns of items, in this order. */
enum { GENRE, SHELF, PRICE };

struct market {
	struct toy toy;
	struct model model;
	char id[MARKET_ITEMS][8];
	float rows[MARKET_ITEMS * MARKET_DIM]; /* of all items, scored or not */
	uint32_t scored[MARKET_ITEMS];
	float *panels;
};

static inline void
market_column(struct toy_column *column, const char *name, enum column_type type,
    const char *const *values, size_t n_values, size_t most)
{
	column->name = name;
	column->type = type;
	for (int i = 0; i < MARKET_ITEMS; i++) {
		struct toy_cell *cell = &column->cell[i];
		size_t first = random_below(n_values);

		/* Values of one item are distinct. */
		cell->n = (int)random_below(most + 1);
		for (int k = 0; k < cell->n; k++)
			cell->text[k] = values[(first + (size_t)k) % n_values];
	}
}

/* The last item of every five has no factors; what is behind them is no factor. */
static inline void
market_model(struct market *m)
{
	struct model *model = &m->model;

	model->catalog = toy_catalog(&m->toy);
	model->dim = MARKET_DIM;
	model->factors = MARKET_FACTORS;
	for (size_t i = 0; i < LENGTH(m->rows); i++)
		m->rows[i] = (float)random_below(2001) / 1000 - 1;
	for (size_t d = 0; d < MARKET_DIM; d++)
		m->rows[7 * MARKET_DIM + d] = 0;
	for (uint32_t i = 0; i < MARKET_ITEMS; i++)
		if (i % 5 != 4)
			m->scored[model->n_scored++] = i;
	m->panels =
	    xaligned(vec_padded(model->n_scored) * MARKET_DIM, sizeof *m->panels);
	scan_panels(m->panels, m->rows, m->scored, model->n_scored, MARKET_DIM);
	model->panels = m->panels;
	model->scored = m->scored;
	model->recipe = xstrdup("market");
	model_index(model);
}

static inline struct market *
market_new(void)
{
	static const char *const genres[] = { "art", "bio", "cook", "dogs" };
	static const char *const shelves[] = { "low", "high" };
	static const char *const prices[] = { "1", "2.5", "4", "7" };
	struct market *m = xcalloc(1, sizeof *m);
	struct toy_table *items = &m->toy.items, *users = &m->toy.users;

	items->n = MARKET_ITEMS;
	for (int i = 0; i < MARKET_ITEMS; i++) {
		snprintf(m->id[i], sizeof m->id[i], "i%02d", i);
		items->id[i] = m->id[i];
	}
	items->n_columns = 3;
	market_column(&items->column[GENRE], "GENRE", COLUMN_STRING, genres, 4, 3);
	market_column(&items->column[SHELF], "SHELF", COLUMN_STRING, shelves, 2, 1);
	market_column(&items->column[PRICE], "PRICE", COLUMN_NUMBER, prices, 4, 1);
	users->n = 2;
	users->id[0] = "old";
	users->id[1] = "young";
	users->n_columns = 1;
	users->column[0] = (struct toy_column){ .name = "AGE", .type = COLUMN_NUMBER };
	users->column[0].cell[0] = (struct toy_cell){ 1, { "70" } };
	users->column[0].cell[1] = (struct toy_cell){ 1, { "7" } };
	market_model(m);
	return m;
}

static inline void
market_free(struct market *m)
{
	catalog_release(&m->model.catalog);
	free(m->model.recipe);
	free(m->model.place);
	free(m->panels);
	free(m);
}

/* By ID; -1: the market has no such item. */
static inline int
market_item(const struct market *m, struct span id)
{
	for (int i = 0; i < MARKET_ITEMS; i++)
		if (span_is(id, m->id[i]))
			return i;
	return -1;
}

static inline bool
market_has(const struct market *m, int item, int column, const char *value)
{
	const struct toy_cell *cell;

	if (item < 0)
		return false;
	cell = &m->toy.items.column[column].cell[item];
	for (int i = 0; i < cell->n; i++)
		if (!strcmp(cell->text[i], value))
			return true;
	return false;
}

static inline double
market_dot(const struct market *m, int a, int b)
{
	double sum = 0;

	for (int d = 0; d < MARKET_FACTORS; d++)
		sum += (double)m->rows[a * MARKET_DIM + d] *
		       (double)m->rows[b * MARKET_DIM + d];
	return sum;
}

static inline double
market_cosine(const struct market *m, int a, int b)
{
	double lengths;

	if (a < 0 || b < 0 || a % 5 == 4 || b % 5 == 4)
		return 0;
	lengths = sqrt(market_dot(m, a, a) * market_dot(m, b, b));
	return lengths > 0 ? market_dot(m, a, b) / lengths : 0;
}

#endif
