/* condition - a bare condition means the items for which it holds. */
#include "condition.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "market.h"

static const struct market *market;

/* The numbers of the items for which text holds, in a record; "!" if it is an error. */
static const char *
holding(const char *text, const char *record)
{
	static struct buf out;
	struct condition *x;
	struct record r;
	const char *why;
	char *wrong;

	buf_clear(&out);
	buf_adds(&out, "");
	if (!(x = condition_new(span_of(text), &market->model.catalog, &wrong))) {
		printf("# %s\n", wrong);
		free(wrong);
		return "?";
	}
	record_parse(&r, record, strlen(record));
	if (condition_bind(x, &r, &why) < 0)
		buf_adds(&out, "!");
	else
		for (uint32_t i = 0; i <= MARKET_ITEMS; i++)
			if (condition_holds(x, i < MARKET_ITEMS ? i : NONE))
				buf_addf(&out, " %u", i);
	condition_free(x);
	return out.data;
}

/* The same from the description; `other` says whether it also holds of an unknown. */
static const char *
having(int column, const char *value, bool wanted, bool other)
{
	static struct buf out;

	buf_clear(&out);
	buf_adds(&out, "");
	for (int i = 0; i < MARKET_ITEMS; i++)
		if (market_has(market, i, column, value) == wanted)
			buf_addf(&out, " %d", i);
	if (other)
		buf_addf(&out, " %d", MARKET_ITEMS);
	return out.data;
}

static const char nobody[] = "{\"userId\":\"x\"}";
static const char old[] = "{\"input\":{\"userId\":\"old\"},\"output\":{}}";
static const char cook[] =
    "{\"input\":{\"userId\":\"young\",\"filterValues\":{\"G\":\"\\\"cook\\\"\"}},"
    "\"output\":{}}";

static bool
same(const char *a, const char *b)
{
	if (strcmp(a, b) != 0)
		printf("# %s\n# %s\n", a, b);
	return !strcmp(a, b);
}

static void
a_bare_condition_holds_where_it_is_true(void)
{
	CHECK(same(holding("Items.GENRE IN (\"cook\")", nobody),
	    having(GENRE, "cook", true, false)));
	CHECK(same(holding(" \n\titems.genre not in ('cook')", nobody),
	    having(GENRE, "cook", false, true)));
	CHECK(same(holding("Items.PRICE=4", nobody), having(PRICE, "4", true, false)));
}

static void
a_whole_filter_holds_where_it_allows(void)
{
	CHECK(same(holding("include ItemID WHERE Items.GENRE IN (\"cook\")", nobody),
	    having(GENRE, "cook", true, false)));
	CHECK(same(holding("EXCLUDE ItemID WHERE Items.GENRE IN (\"cook\")", nobody),
	    having(GENRE, "cook", false, true)));
	CHECK(same(holding("INCLUDE ItemID WHERE Items.GENRE IN (\"cook\", \"art\") | "
			   "EXCLUDE ItemID WHERE Items.GENRE IN (\"art\")",
		       nobody),
	    holding(
		"Items.GENRE IN (\"cook\") AND Items.GENRE NOT IN (\"art\")", nobody)));
}

static void
it_holds_for_none_where_its_if_does_not(void)
{
	static const char text[] = "Items.GENRE IN (\"art\") IF CurrentUser.AGE > 18";

	CHECK(same(holding(text, old), having(GENRE, "art", true, false)));
	CHECK(same(holding(text, nobody), ""));
}

static void
placeholders_take_the_records_values(void)
{
	CHECK(same(
	    holding("Items.GENRE IN ($G)", cook), having(GENRE, "cook", true, false)));
	CHECK(same(holding("Items.GENRE IN ($G)", nobody), ""));
	CHECK(same(holding("INCLUDE ItemID WHERE Items.GENRE IN ($G)", nobody), "!"));
}

/* Refused, with a message that ends in `place`: the text and a caret. */
static bool
refused(const char *text, const char *place)
{
	char *why = NULL;
	struct condition *x =
	    condition_new(span_of(text), &market->model.catalog, &why);
	bool good = !x && strlen(why) > strlen(place) &&
		    same(why + strlen(why) - strlen(place), place);

	condition_free(x);
	free(why);
	return good;
}

static void
errors_point_into_the_text_as_it_was_given(void)
{
	CHECK(refused("Items.PRICE = 1 OR Items.COLOUR = 5",
	    "\n  Items.PRICE = 1 OR Items.COLOUR = 5\n                     ^"));
	CHECK(refused("Items.GENRE IN (\"a\"", "\n  Items.GENRE IN (\"a\"\n"
					       "                     ^"));
	CHECK(refused("Items.GENRE IN (\"a\") | EXCLUDE ItemID WHERE Items.PRICE = 1",
	    "\n  Items.GENRE IN (\"a\") | EXCLUDE ItemID WHERE Items.PRICE = 1\n  ^"));
	CHECK(refused("INCLUDE UserID WHERE Users.AGE = 7",
	    "\n  INCLUDE UserID WHERE Users.AGE = 7\n  ^"));
	CHECK(refused("", "\n  \n  ^"));
}

int
main(void)
{
	struct market *m = market_new();

	market = m;
	a_bare_condition_holds_where_it_is_true();
	a_whole_filter_holds_where_it_allows();
	it_holds_for_none_where_its_if_does_not();
	placeholders_take_the_records_values();
	errors_point_into_the_text_as_it_was_given();
	market_free(m);
	return check_end();
}
