/* traits - values and words of a row, and the forms they stand in. */
#include "traits.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"

/* Three rows: a night in Rome (Crime, crime), ROME rome (Crime), nothing. */
static const char genres[] = "Crimecrime", titles[] = "ROME romea Night in Rome";
static const uint64_t genre_at[] = { 0, 5, 10 }, genre_row[] = { 0, 2, 3, 3 };
static const uint64_t title_at[] = { 0, 9, 24 }, title_row[] = { 0, 1, 2, 2 };
static const uint32_t genre_code[] = { 0, 1, 0 }, title_code[] = { 1, 0 };

static void
set_up(struct column *columns, struct table *t)
{
	static char genre[] = "GENRE", title[] = "TITLE", price[] = "PRICE";
	static const double prices[3];

	columns[0] = (struct column){ .name = genre,
		.type = COLUMN_STRING,
		.categorical = true,
		.offset = genre_row,
		.code = genre_code,
		.values = { 2, genre_at, genres } };
	columns[1] =
	    (struct column){ .name = price, .type = COLUMN_NUMBER, .number = prices };
	columns[2] = (struct column){ .name = title,
		.type = COLUMN_STRING,
		.offset = title_row,
		.code = title_code,
		.values = { 2, title_at, titles } };
	*t = (struct table){ 3, 3, columns };
}

static bool
has(const struct traits *t, size_t row, const char *text)
{
	uint32_t trait = idmap_find(t->texts, span_of(text));

	for (uint64_t i = t->row[row]; i < t->row[row + 1]; i++)
		if (t->trait[i] == trait)
			return true;
	return false;
}

static bool
form_is(const struct traits *t, uint32_t row, const char *text, const char *form)
{
	return span_is(traits_form(t, row, idmap_find(t->texts, span_of(text))), form);
}

static void
values_and_words_are_traits(void)
{
	struct column columns[3];
	struct table table;
	struct traits t;

	set_up(columns, &table);
	traits_of(&t, &table, &columns[2]);
	CHECK(t.n == 6 && t.row[1] == 6 && t.row[2] == 8 && t.row[3] == 8);
	CHECK(has(&t, 0, "Crime") && has(&t, 0, "crime") && has(&t, 0, "a") &&
	      has(&t, 0, "night") && has(&t, 0, "in") && has(&t, 0, "rome"));
	CHECK(has(&t, 1, "Crime") && has(&t, 1, "rome"));
	CHECK(t.items_with[idmap_find(t.texts, span_of("rome"))] == 2 &&
	      t.items_with[idmap_find(t.texts, span_of("night"))] == 1);
	CHECK(form_is(&t, 0, "rome", "Rome") && form_is(&t, 1, "rome", "ROME") &&
	      form_is(&t, 0, "crime", "crime") && form_is(&t, 0, "night", "Night"));
	traits_release(&t);
}

static void
names_count_only_if_they_are_asked_for(void)
{
	struct column columns[3];
	struct table table;
	struct traits t;

	set_up(columns, &table);
	traits_of(&t, &table, NULL);
	CHECK(t.n == 2);
	traits_release(&t);
	columns[2].textual = true;
	traits_of(&t, &table, NULL);
	CHECK(t.n == 6);
	traits_release(&t);
	table.n_columns = 0;
	traits_of(&t, &table, NULL);
	CHECK(t.n == 0 && t.row[3] == 0);
	traits_release(&t);
}

int
main(void)
{
	values_and_words_are_traits();
	names_count_only_if_they_are_asked_for();
	return check_end();
}
