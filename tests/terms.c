/* terms - the words of texts, counted. */
#include "terms.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"

/* "word:times" for every term of the text, with blanks between. */
static bool
gives(struct terms *t, const char *text, const char *expected)
{
	const struct term *found;
	size_t n = terms_of(t, span_of(text), &found);
	struct buf all = { 0 };
	bool right;

	buf_adds(&all, "");
	for (size_t i = 0; i < n; i++) {
		struct span word = terms_text(t, found[i].number);

		buf_addf(&all, "%s%.*s:%u", i ? " " : "", (int)word.len, word.data,
		    found[i].times);
	}
	right = !strcmp(all.data, expected);
	buf_release(&all);
	return right;
}

static void
words_are_counted_and_keep_their_numbers(void)
{
	struct terms *t = terms_new();
	const struct term *found;

	CHECK(gives(t, "", ""));
	CHECK(gives(t, "The cat and the hat, the HAT.", "the:3 cat:1 and:1 hat:2"));
	CHECK(gives(t, "hat rack", "hat:1 rack:1"));
	CHECK(terms_count(t) == 5);
	CHECK(terms_of(t, span_of("rack hat"), &found) == 2 && found[0].number == 4 &&
	      found[1].number == 3);
	terms_free(t);
	terms_free(NULL);
}

static void
runs_of_characters_are_counted(void)
{
	struct terms *t = terms_new();
	const struct term *found;
	static const char *const runs[] = { " te", "tea", "ea ", " \xc3\xa9 ", "eau",
		"au " };

	/* " te" "tea" "ea ", " e-acute ", " te" "tea" "eau" "au " */
	CHECK(terms_grams_of(t, span_of("Tea \xc3\x89, teau"), 3, &found) == 6);
	CHECK(found[0].times == 2 && found[1].times == 2 && found[2].times == 1);
	for (uint32_t i = 0; i < 6; i++)
		CHECK(found[i].number == i && span_is(terms_text(t, i), runs[i]));
	CHECK(terms_grams_of(t, span_of("eau"), 5, &found) == 1 &&
	      span_is(terms_text(t, found[0].number), " eau "));
	CHECK(terms_grams_of(t, span_of("a"), 9, &found) == 1 &&
	      span_is(terms_text(t, found[0].number), " a "));
	CHECK(terms_grams_of(t, span_of("-"), 3, &found) == 0);
	terms_free(t);
}

/* A row of 20,000 characters, what the service lets through, in no time. */
static void
long_texts_of_different_words_are_fine(void)
{
	struct terms *t = terms_new();
	struct buf text = { 0 };
	const struct term *found;

	for (int i = 0; i < 100000; i++)
		buf_addf(&text, "w%d ", i);
	CHECK(terms_of(t, (struct span){ text.data, text.len }, &found) == 100000);
	CHECK(terms_of(t, (struct span){ text.data, text.len }, &found) == 100000 &&
	      found[99999].times == 1);
	buf_release(&text);
	terms_free(t);
}

int
main(void)
{
	words_are_counted_and_keep_their_numbers();
	runs_of_characters_are_counted();
	long_texts_of_different_words_are_fine();
	return check_end();
}
