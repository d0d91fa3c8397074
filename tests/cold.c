/* cold - vectors from metadata, by the normal equations of ridge regression. */
#include "cold.h"

#include "check.h"
#include "metadata.h"
#include "random.h"
#include "ridge.h"
#include "toy.h"

enum { ROWS = 120, DIM = 2, STRIDE = 3, GENRES = 4 };

/*
 * Items of four genres and of none, each with its own vector and noise; every third
 * has no users, and nothing is in its place.
 */
struct shop {
	struct toy toy;
	struct catalog catalog;
	uint32_t count[ROWS];
	float vectors[ROWS * STRIDE];
};

static void
shop_init(struct shop *s)
{
	static const char *const genres[] = { "drama", "crime", "comedy", "horror" };
	static char ids[ROWS][8];

	memset(s, 0, sizeof *s);
	s->toy.items.n = ROWS;
	s->toy.items.n_columns = 2;
	s->toy.items.column[0] =
	    (struct toy_column){ .name = "GENRE", .type = COLUMN_STRING };
	s->toy.items.column[1] =
	    (struct toy_column){ .name = "PRICE", .type = COLUMN_NUMBER };
	for (int r = 0; r < ROWS; r++) {
		int genre = r % (GENRES + 1);

		snprintf(ids[r], sizeof ids[r], "%04d", r);
		s->toy.items.id[r] = ids[r];
		if (genre < GENRES)
			s->toy.items.column[0].cell[r] =
			    (struct toy_cell){ 1, { genres[genre] } };
		s->count[r] = r % 3 ? 5 + (uint32_t)random_below(200) : 0;
		for (size_t d = 0; d < DIM && s->count[r]; d++)
			s->vectors[r * STRIDE + (int)d] =
			    (float)(genre * (d ? 1 : -2)) +
			    (float)random_below(1000) / 2000;
	}
	s->toy.items.column[1].cell[4] = (struct toy_cell){ 1, { "3" } };
	s->catalog = toy_catalog(&s->toy);
}

/* With as many equations as unknowns that matter, the gradient must vanish. */
static void
predictions_are_those_of_ridge_regression(const struct shop *s, const float *predicted)
{
	const struct table *t = &s->catalog.item_table;
	struct metadata m;
	double worst = 0, weight[ROWS];
	float *map, out[DIM];

	metadata_of(&m, t);
	for (size_t r = 0; r < ROWS; r++)
		weight[r] = (double)s->count[r] / ((double)s->count[r] + 10);
	map = ridge_fit(&m, s->vectors, STRIDE, DIM, weight);
	for (size_t r = 0; r < ROWS; r++) {
		ridge_apply(&m, r, map, DIM, out);
		for (size_t d = 0; d < DIM; d++)
			worst = fmax(worst,
			    fabs((double)out[d] - (double)predicted[r * DIM + d]));
	}
	CHECK(worst == 0);
	free(map);
	metadata_release(&m);
}

/* Not exactly: ridge draws them a little towards the mean of all. */
static void
items_nobody_met_get_what_their_genre_has(const struct shop *s, const float *predicted)
{
	double worst = 0;

	for (size_t r = 0; r < ROWS; r++) {
		int genre = (int)r % (GENRES + 1);

		if (s->count[r] || genre == GENRES)
			continue;
		for (size_t d = 0; d < DIM; d++)
			worst =
			    fmax(worst, fabs((double)predicted[r * DIM + d] -
					     (double)(genre * (d ? 1 : -2)) - 0.25));
	}
	CHECK(worst < 0.5);
	printf("# off by at most %g\n", worst);
}

static void
a_row_says_something_if_any_column_does(const struct shop *s)
{
	const struct table *t = &s->catalog.item_table;

	CHECK(cold_says(t, 0));  /* a genre */
	CHECK(cold_says(t, 4));  /* a price */
	CHECK(!cold_says(t, 9)); /* neither */
}

static void
without_columns_there_is_nothing_to_predict_from(const struct shop *s)
{
	struct table none = { .n_rows = ROWS };

	CHECK(!cold_predict(&none, s->count, s->vectors, STRIDE, DIM));
	CHECK(!cold_says(&none, 0));
}

int
main(void)
{
	static struct shop s;
	float *predicted;

	shop_init(&s);
	predicted =
	    cold_predict(&s.catalog.item_table, s.count, s.vectors, STRIDE, DIM);
	predictions_are_those_of_ridge_regression(&s, predicted);
	items_nobody_met_get_what_their_genre_has(&s, predicted);
	a_row_says_something_if_any_column_does(&s);
	without_columns_there_is_nothing_to_predict_from(&s);
	free(predicted);
	catalog_release(&s.catalog);
	return check_end();
}
