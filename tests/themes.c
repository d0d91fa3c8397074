/* themes - titles and relevance by their formulas, worked out slowly from the strings.
 */
#include "themes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "random.h"

enum { N = 120, KINDS = 5, WORDS = 9, MOST = 4, SIZE = 12 };

/* Genres A to E, several an item; names of a few words of one letter, some capital. */
struct shop {
	size_t n_genres[N];
	uint32_t genre[N][MOST];
	char name[N][4 * MOST];
	/* The same as columns. */
	uint64_t genre_row[N + 1], genre_at[KINDS + 1], name_row[N + 1], name_at[N + 1];
	uint32_t genre_code[N * MOST], name_code[N];
	char names[4 * MOST * N];
	struct column columns[2];
	struct table table;
};

/* Of n kinds; the first items mostly share the first two. */
static uint32_t
random_kind(size_t item, size_t n)
{
	if (item < SIZE && !one_in(4))
		return (uint32_t)random_below(2);
	return (uint32_t)(one_in(20) ? random_below(n) : 2 + random_below(n - 2));
}

static void
shop_random(struct shop *s)
{
	static char genre[] = "GENRE", name[] = "NAME";
	size_t at = 0, codes = 0;

	memset(s, 0, sizeof *s);
	for (uint32_t i = 0; i < N; i++) {
		s->n_genres[i] = random_below(MOST);
		for (size_t g = 0; g < s->n_genres[i]; g++)
			s->genre_code[codes++] = s->genre[i][g] = random_kind(i, KINDS);
		s->genre_row[i + 1] = codes;
		for (size_t w = random_below(MOST + 1), x = 0; w; w--) {
			s->name[i][x++] =
			    (char)((one_in(2) ? 'a' : 'A') + random_kind(i, WORDS));
			s->name[i][x++] = ' ';
		}
		memcpy(s->names + at, s->name[i], strlen(s->name[i]));
		at += strlen(s->name[i]);
		s->name_at[i + 1] = at;
		s->name_code[i] = i;
		s->name_row[i + 1] = i + 1;
	}
	for (size_t g = 0; g <= KINDS; g++)
		s->genre_at[g] = g;
	s->columns[0] = (struct column){ .name = genre,
		.type = COLUMN_STRING,
		.categorical = true,
		.offset = s->genre_row,
		.code = s->genre_code,
		.values = { KINDS, s->genre_at, "ABCDE" } };
	s->columns[1] = (struct column){ .name = name,
		.type = COLUMN_STRING,
		.offset = s->name_row,
		.code = s->name_code,
		.values = { N, s->name_at, s->names } };
	s->table = (struct table){ N, 2, s->columns };
}

/* Whether the item has a genre (a capital letter) or a word (a small one). */
static bool
item_has(const struct shop *s, size_t i, char trait)
{
	if (trait >= 'a')
		return strchr(s->name[i], trait) || strchr(s->name[i], trait - 32);
	for (size_t g = 0; g < s->n_genres[i]; g++)
		if ('A' + (char)s->genre[i][g] == trait)
			return true;
	return false;
}

static const char all_traits[] = "ABCDEabcdefghi";

static double
items_with(const struct shop *s, char trait, const uint32_t *items, size_t n)
{
	double k = 0;

	for (size_t i = 0; i < n; i++)
		k += item_has(s, items ? items[i] : i, trait);
	return k;
}

/* x_i at a trait. */
static double
value(const struct shop *s, size_t i, char trait)
{
	double sum = 0;

	if (!item_has(s, i, trait))
		return 0;
	for (const char *t = all_traits; *t; t++)
		if (item_has(s, i, *t))
			sum += pow(log(N / items_with(s, *t, NULL, N)), 2);
	return log(N / items_with(s, trait, NULL, N)) / sqrt(sum);
}

/* 2 sum of O log(O / E). */
static double
apart(double k, double n, double with)
{
	double seen[] = { k, n - k, with - k, N - n - with + k };
	double expected[] = { n * with / N, n * (N - with) / N, (N - n) * with / N,
		(N - n) * (N - with) / N };
	double sum = 0;

	for (int c = 0; c < 4; c++)
		if (seen[c] > 0)
			sum += 2 * seen[c] * log(seen[c] / expected[c]);
	return sum;
}

/* The traits of the theme, best first, and their weights of length 1. */
static size_t
expected_theme(
    const struct shop *s, const uint32_t *items, size_t n, char *traits, double *weight)
{
	size_t found = 0;
	double sum = 0;

	while (found < THEME_TRAITS) {
		double most = 0;

		for (const char *t = all_traits; *t; t++) {
			double k = items_with(s, *t, items, n),
			       with = items_with(s, *t, NULL, N);
			bool taken = false;

			for (size_t f = 0; f < found; f++)
				taken = taken || (traits[f] | 32) == (*t | 32);
			if (taken || k < 2 || k < (double)n / 3 || k / n <= with / N ||
			    apart(k, n, with) < THEME_LEAST ||
			    apart(k, n, with) <= most + 1e-9)
				continue;
			most = apart(k, n, with);
			traits[found] = *t;
			weight[found] = log(k / n / (with / N));
		}
		if (most == 0)
			break;
		found++;
	}
	for (size_t f = 0; f < found; f++)
		sum += weight[f] * weight[f];
	for (size_t f = 0; f < found; f++)
		weight[f] /= sqrt(sum);
	return found;
}

static bool
same_title(const struct buf *title, const char *traits, size_t n)
{
	if (title->len != (n ? 3 * n - 2 : 0))
		return false;
	for (size_t i = 0; i < n; i++)
		/* A word stands in the title as in a name, capital or not. */
		if (traits[i] >= 'a' ? (title->data[3 * i] | 32) != traits[i]
				     : title->data[3 * i] != traits[i])
			return false;
	return true;
}

static bool
one_list_is_right(const struct shop *s, struct theme *theme, struct buf *title)
{
	uint32_t items[SIZE];
	double relevance[SIZE], weight[THEME_TRAITS];
	size_t n = 2 + random_below(SIZE - 1), found;
	char traits[THEME_TRAITS];
	bool right;

	for (size_t i = 0; i < n; i++)
		items[i] = (uint32_t)(n - 1 - i) * (one_in(4) ? 5 : 1);
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < i; j++)
			if (items[i] == items[j])
				items[i] = (uint32_t)(N - 1 - i);
	found = expected_theme(s, items, n, traits, weight);
	theme_of(theme, items, n, title, relevance);
	right = same_title(title, traits, found);
	for (size_t i = 0; i < n; i++) {
		double expected = 0;

		for (size_t f = 0; f < found; f++) {
			double mean = 0;

			for (size_t j = 0; j < N; j++)
				mean += value(s, j, traits[f]) / N;
			expected += weight[f] * (value(s, items[i], traits[f]) - mean);
		}
		right = right && fabs(expected - relevance[i]) < 1e-9;
	}
	return right;
}

static void
lists_equal_the_formula(void)
{
	static struct shop s;
	struct buf title = { 0 };
	bool right = true;
	size_t some = 0;

	for (int turn = 0; turn < 20; turn++) {
		struct themes *t;
		struct theme *theme;
		char *why;

		shop_random(&s);
		t = themes_new(&s.table, "name", &why);
		theme = theme_new(t);
		for (int list = 0; list < 6; list++) {
			right = right && one_list_is_right(&s, theme, &title);
			some += title.len > 1;
		}
		theme_free(theme);
		themes_free(t);
	}
	CHECK(right && some > 20);
	buf_release(&title);
}

static void
a_column_that_has_no_names_has_a_reason(void)
{
	static struct shop s;
	char *why = NULL;

	shop_random(&s);
	s.columns[1].type = COLUMN_NUMBER;
	CHECK(!themes_new(&s.table, "NAME", &why) && strstr(why, "NAME is not a"));
	free(why);
	why = NULL;
	CHECK(!themes_new(&s.table, "nothing", &why) && strstr(why, "nothing"));
	free(why);
}

static void
names_are_those_of_the_column(void)
{
	static struct shop s;
	struct themes *t;
	char *why;

	shop_random(&s);
	t = themes_new(&s.table, "NAME", &why);
	for (uint32_t i = 0; i < N; i++)
		if (!span_is(themes_name(t, i), s.name[i]))
			CHECK(0);
	themes_free(t);
}

int
main(void)
{
	lists_equal_the_formula();
	a_column_that_has_no_names_has_a_reason();
	names_are_those_of_the_column();
	return check_end();
}
