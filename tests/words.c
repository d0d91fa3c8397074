/* words - what is a word, in texts of many scripts. */
#include "words.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "random.h"
#include "utf8.h"

/* The words with blanks between; the text stands in a block that ends where it ends. */
static bool
gives(const char *text, size_t len, const char *expected)
{
	struct words w = { 0 };
	struct buf all = { 0 };
	char *copy = xmemdup(text, len);
	bool right;

	words_open(&w, (struct span){ copy, len });
	while (words_next(&w)) {
		if (all.len)
			buf_addc(&all, ' ');
		buf_add(&all, w.word.data, w.word.len);
	}
	right = all.len == strlen(expected) &&
		(!all.len || !memcmp(expected, all.data, all.len));
	if (!right)
		printf("# %.*s\n", (int)all.len, all.data);
	words_release(&w);
	buf_release(&all);
	free(copy);
	return right;
}

#define GIVES(text, expected) CHECK(gives(text, sizeof(text) - 1, expected))

static void
words_are_runs_of_letters_and_digits_in_lower_case(void)
{
	GIVES("", "");
	GIVES(" .-", "");
	GIVES("One", "one");
	GIVES("  The 2nd,Rock'n'Roll (1999)! ", "the 2nd rock n roll 1999");
	GIVES("a_b\tc\nd", "a b c d");
}

static void
other_scripts_have_letters_too(void)
{
	GIVES("Crème Brûlée ÀÞ", "crème brûlée àþ");
	GIVES("Straße × 3÷4 «œuvre»", "straße 3 4 œuvre");
	GIVES("ΑΒΓ Ωμέγα", "αβγ ωμέγα");
	GIVES("ПРИВЕТ, Ёж", "привет ёж");
	GIVES("日本語。テスト、「漢字」", "日本語 テスト 漢字");
	GIVES("全角，句読点！", "全角 句読点");
	GIVES("dash—dash…“quoted”", "dash dash quoted");
	GIVES("emoji 😀", "emoji 😀");
	GIVES("nbsp\xc2\xa0here", "nbsp here");
}

/* Not valid UTF-8 does no harm, whatever comes out. */
static void
any_bytes_come_to_an_end(void)
{
	struct words w = { 0 };
	size_t n = 0;

	for (int turn = 0; turn < 20000; turn++) {
		size_t len = random_below(12);
		char *text = xmalloc(len);

		for (size_t i = 0; i < len; i++)
			text[i] = (char)random_bits();
		words_open(&w, (struct span){ text, len });
		while (words_next(&w))
			n += w.word.len;
		free(text);
	}
	CHECK(n > 0);
	words_release(&w);
}

/* What came out is a word by itself, and small. */
static void
words_of_words_are_the_same(void)
{
	static const uint32_t all[] = { 'a', 'Z', '5', 0xc9, 0xdf, 0xf7, 0x391, 0x3a9,
		0x401, 0x42f, 0x3042, 0x3000, 0x2014, 0x1f600, ' ', '-', 0xff01 };
	struct words w = { 0 }, again = { 0 };
	bool same = true;

	for (int turn = 0; turn < 5000; turn++) {
		struct buf text = { 0 };

		for (size_t n = random_below(10); n; n--)
			utf8_add(&text, all[random_below(LENGTH(all))]);
		words_open(&w, (struct span){ text.data, text.len });
		while (words_next(&w)) {
			words_open(&again, (struct span){ w.word.data, w.word.len });
			same = same && words_next(&again) &&
			       span_equal((struct span){ w.word.data, w.word.len },
				   (struct span){ again.word.data, again.word.len }) &&
			       !words_next(&again);
		}
		buf_release(&text);
	}
	CHECK(same);
	words_release(&w);
	words_release(&again);
}

int
main(void)
{
	words_are_runs_of_letters_and_digits_in_lower_case();
	other_scripts_have_letters_too();
	any_bytes_come_to_an_end();
	words_of_words_are_the_same();
	return check_end();
}
