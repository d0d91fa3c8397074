/* wildcard - against a matcher that tries everything. */
#include "wildcard.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "random.h"

/* By definition, for patterns without sets, over bytes. */
static bool
matches(const char *pattern, const char *text)
{
	if (*pattern == '*')
		return matches(pattern + 1, text) ||
		       (*text && matches(pattern, text + 1));
	if (!*text || !*pattern)
		return !*text && !*pattern;
	return (*pattern == '?' || *pattern == *text) && matches(pattern + 1, text + 1);
}

static void
fill(char *text, size_t max, const char *letters)
{
	size_t n = random_below(max);

	for (size_t i = 0; i < n; i++)
		text[i] = letters[random_below(strlen(letters))];
	text[n] = '\0';
}

static void
it_is_what_the_definition_says(void)
{
	char pattern[12], text[16];
	size_t same = 0, matched = 0, n = 200000;

	for (size_t i = 0; i < n; i++) {
		bool expected;

		fill(pattern, sizeof pattern, "ab/?*");
		fill(text, sizeof text, "ab/");
		expected = matches(pattern, text);
		same += wildcard_match(pattern, text) == expected;
		matched += expected;
	}
	CHECK(same == n);
	CHECK(matched > n / 100);
}

static void
sets_are_members_and_ranges(void)
{
	CHECK(wildcard_match("[abc]", "b") && !wildcard_match("[abc]", "d"));
	CHECK(wildcard_match("[a-c]x", "bx") && !wildcard_match("[a-c]x", "dx"));
	CHECK(wildcard_match("[!a-c]", "d") && !wildcard_match("[!a-c]", "a"));
	CHECK(wildcard_match("[^a]", "b") && !wildcard_match("[^a]", "a"));
	CHECK(wildcard_match("[]]", "]") && wildcard_match("[!]]", "x"));
	CHECK(wildcard_match("[a-]", "-") && wildcard_match("[a-]", "a"));
	CHECK(wildcard_match("[*]", "*") && !wildcard_match("[*]", "x"));
	CHECK(wildcard_match("*[0-9].json", "part-12.json"));
}

static void
a_set_that_is_not_closed_is_a_letter(void)
{
	CHECK(wildcard_match("[ab", "[ab") && !wildcard_match("[ab", "a"));
	CHECK(wildcard_match("x[", "x[") && wildcard_match("[]", "[]"));
	CHECK(wildcard_match("*[!", "a[!"));
}

static void
a_character_may_have_many_bytes(void)
{
	CHECK(wildcard_match("?", "é") && wildcard_match("??", "日本"));
	CHECK(!wildcard_match("??", "é"));
	CHECK(wildcard_match("[à-ÿ]", "é") && !wildcard_match("[à-ÿ]", "e"));
	CHECK(wildcard_match("[äö]", "ö") && !wildcard_match("[äö]", "\xc3"));
	CHECK(wildcard_match("?", "\xff"));
}

static void
what_stands_before_wildcards_is_fixed(void)
{
	CHECK(wildcard_fixed("in/*.json") == 3);
	CHECK(wildcard_fixed("in/a[b]") == 4 && wildcard_fixed("?") == 0);
	CHECK(wildcard_fixed("plain") == 5);
}

static void
many_stars_cost_no_more_than_a_few(void)
{
	char pattern[201], text[5001];

	for (size_t i = 0; i < 200; i += 2)
		memcpy(pattern + i, "*a", 2);
	pattern[200] = '\0';
	memset(text, 'a', 5000);
	text[4999] = 'b';
	text[5000] = '\0';
	CHECK(!wildcard_match(pattern, text));
}

int
main(void)
{
	it_is_what_the_definition_says();
	sets_are_members_and_ranges();
	a_set_that_is_not_closed_is_a_letter();
	a_character_may_have_many_bytes();
	what_stands_before_wildcards_is_fixed();
	many_stars_cost_no_more_than_a_few();
	return check_end();
}
