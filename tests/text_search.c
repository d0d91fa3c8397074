/* text_search - texts alike by their formula, worked out slowly from the texts. */
#include "text_search.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bitset.h"
#include "check.h"
#include "random.h"
#include "training.h"

enum { N = 20, MOST_WORDS = 7, LETTERS = 8, RUNS = MOST_WORDS * LETTERS };

/* Texts as lists of words of a few letters; some are empty. */
struct library {
	char word[N][MOST_WORDS][LETTERS];
	size_t n[N];
	char bytes[N * MOST_WORDS * LETTERS];
	uint64_t start[N + 1], row[N + 1];
	uint32_t code[N];
	struct column column;
	struct catalog catalog;
};

static void
library_random(struct library *l)
{
	static char name[] = "T";
	size_t at = 0;

	memset(l, 0, sizeof *l);
	for (size_t i = 0; i < N; i++) {
		l->n[i] = one_in(8) ? 0 : random_below(MOST_WORDS + 1);
		for (size_t w = 0; w < l->n[i]; w++) {
			size_t letters = 1 + random_below(5);

			for (size_t k = 0; k < letters; k++)
				l->word[i][w][k] = (char)('a' + random_below(3));
			memcpy(l->bytes + at, l->word[i][w], letters);
			at += letters;
			l->bytes[at++] = one_in(2) ? ' ' : '-';
		}
		l->start[i + 1] = at;
		l->code[l->row[i]] = (uint32_t)i;
		l->row[i + 1] = l->row[i] + (l->n[i] > 0);
	}
	l->column = (struct column){ .name = name, .type = COLUMN_STRING };
	l->column.textual = true;
	l->column.offset = l->row;
	l->column.code = l->code;
	l->column.values = (struct strings){ N, l->start, l->bytes };
	l->catalog.items.strings.n = N;
	l->catalog.item_table = (struct table){ N, 1, &l->column };
}

/* A text's words, or runs of three with _ for the blanks. How many. */
static size_t
terms_in(const struct library *l, size_t item, bool runs, char (*term)[LETTERS])
{
	size_t n = 0;

	for (size_t w = 0; w < l->n[item]; w++) {
		char padded[LETTERS + 2];

		if (!runs) {
			memcpy(term[n++], l->word[item][w], LETTERS);
			continue;
		}
		snprintf(padded, sizeof padded, "_%s_", l->word[item][w]);
		for (size_t k = 0; k + 3 <= strlen(padded); k++) {
			memset(term[n], 0, LETTERS);
			memcpy(term[n++], padded + k, 3);
		}
	}
	return n;
}

static size_t
times(const struct library *l, size_t item, bool runs, const char *wanted)
{
	char term[RUNS][LETTERS];
	size_t n = terms_in(l, item, runs, term), found = 0;

	for (size_t t = 0; t < n; t++)
		found += !strcmp(term[t], wanted);
	return found;
}

static double
weight(const struct library *l, size_t item, bool runs, const char *term)
{
	size_t tf = times(l, item, runs, term), df = 0, texts = 0;

	if (!tf)
		return 0;
	for (size_t i = 0; i < N; i++) {
		texts += l->n[i] > 0;
		df += times(l, i, runs, term) > 0;
	}
	return (1 + log((double)tf)) * log((double)texts / (double)df);
}

/* The product of two texts' vectors over the different terms of the first. */
static double
product(const struct library *l, size_t i, size_t j, bool runs)
{
	char term[RUNS][LETTERS];
	size_t n = terms_in(l, i, runs, term);
	double sum = 0;

	for (size_t t = 0; t < n; t++) {
		bool first = true;

		for (size_t s = 0; s < t; s++)
			first = first && strcmp(term[s], term[t]) != 0;
		if (first)
			sum +=
			    weight(l, i, runs, term[t]) * weight(l, j, runs, term[t]);
	}
	return sum;
}

static double
cosine(const struct library *l, size_t i, size_t j, bool runs)
{
	double lengths = sqrt(product(l, i, i, runs) * product(l, j, j, runs));

	return lengths > 0 ? product(l, i, j, runs) / lengths : 0;
}

/* The list holds the k best of the values, which are of 0 for others, to 1e-6. */
static bool
lists_the_best(const double *values, const struct candidate *best, long n, size_t k)
{
	bool taken[N] = { false };
	double last = INFINITY;
	long some = 0;

	for (long r = 0; r < n; r++) {
		uint32_t j = best[r].at;

		if (taken[j] || fabs(values[j] - (double)best[r].value) > 1e-6 ||
		    (r && (best[r].value > best[r - 1].value ||
			      (best[r].value == best[r - 1].value &&
				  j < best[r - 1].at))))
			return false;
		taken[j] = true;
		last = values[j];
	}
	for (size_t j = 0; j < N; j++) {
		some += values[j] > 0;
		if (!taken[j] && values[j] > last + 1e-6)
			return false;
	}
	return n == MIN(some, (long)k);
}

static void
train_on(struct model *m, struct library *l, double grams, struct buf *meta)
{
	struct train_options o = { 0 };
	struct training t = { .o = &o };
	char *why = NULL, *text = xasprintf("ngram_weight=%g", grams);
	const char *none;

	*m = (struct model){ .catalog = l->catalog };
	o.recipe = recipe_find("semantic-similarity", &none);
	hypers_init(&o.hypers, o.recipe);
	CHECK(hypers_set(&o.hypers, o.recipe, text, &why) == 0);
	CHECK(train_text(m, &t, meta, &why) == 0);
	free(text);
}

static bool
all_right(struct library *l, const struct model *m, double grams,
    const float *influence, const uint64_t *allowed)
{
	struct text_search *s = text_search_new(m, influence);
	double values[N];
	bool right = true;

	for (uint32_t i = 0; i < N; i++) {
		const struct candidate *best;
		size_t k = 1 + random_below(N);
		long n = text_search_of(s, i, allowed, k, &best);
		bool any = false;

		for (size_t j = 0; j < N; j++) {
			double x = i == j ? 0
					  : (1 - grams) * cosine(l, i, j, false) +
						grams * cosine(l, i, j, true);

			any = any || x > 1e-12;
			values[j] = allowed && !bitset_has(allowed, (uint32_t)j)
					? 0
					: x * (double)(influence ? influence[j] : 1);
			values[j] = values[j] > 1e-12 ? values[j] : 0;
		}
		right = right &&
			(any ? n >= 0 && lists_the_best(values, best, n, k) : n == -1);
	}
	text_search_free(s);
	return right;
}

static void
lists_equal_the_formula(void)
{
	static struct library l;
	float influence[N];
	bool right = true;

	for (int turn = 0; turn < 6; turn++) {
		double grams = (double)(turn % 5) / 4;
		struct buf meta = { 0 };
		uint64_t allowed = random_bits() | random_bits();
		struct model m;

		library_random(&l);
		train_on(&m, &l, grams, &meta);
		for (size_t j = 0; j < N; j++)
			influence[j] = (float)(1 + random_below(9)) / 10;
		right = right && all_right(&l, &m, grams, NULL, NULL) &&
			all_right(&l, &m, grams, influence, &allowed);
		catalog_release(&m.catalog);
		buf_release(&meta);
	}
	CHECK(right);
}

static void
without_a_textual_column_there_is_a_reason(void)
{
	struct train_options o = { 0 };
	struct training t = { .o = &o };
	struct model m = { 0 };
	struct buf meta = { 0 };
	char *why = NULL;
	const char *none;

	o.recipe = recipe_find("aws-semantic-similarity", &none);
	hypers_init(&o.hypers, o.recipe);
	CHECK(train_text(&m, &t, &meta, &why) < 0);
	CHECK(why && strstr(why, "no textual column"));
	free(why);
}

int
main(void)
{
	lists_equal_the_formula();
	without_a_textual_column_there_is_a_reason();
	return check_end();
}
