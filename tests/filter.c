#include "filter.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "random.h"

static const char *
normal_form(const char *text, struct buf *out)
{
	static struct filter_error e;
	struct filter *f = filter_parse(span_of(text), &e);

	buf_clear(out);
	if (!f)
		return e.text;
	filter_print(f, out);
	filter_free(f);
	return out->data;
}

static void
the_normal_form_has_one_spelling(void)
{
	struct buf b = { 0 };

	CHECK(!strcmp(normal_form("exclude\titemId where ITEMS.Genre not  in('a' , 3,"
				  "\"b\\\"c\\\\\")and items.PRICE>=-1.5e3",
			  &b),
	    "EXCLUDE ItemID WHERE Items.Genre NOT IN (\"a\", 3, \"b\\\"c\\\\\") AND "
	    "Items.PRICE >= -1.5e3"));
	CHECK(!strcmp(
	    normal_form("INCLUDE itemid WHERE interactions.event_type = '*' OR "
			"Interactions.EVENT_TYPE IN (*)if currentuser.a=($x)\n"
			"and CURRENTUSER.b In ($y)|exclude ITEMID where "
			"items.a in currentitem.b",
		&b),
	    "INCLUDE ItemID WHERE Interactions.EVENT_TYPE = \"*\" OR "
	    "Interactions.EVENT_TYPE IN (\"*\") IF CurrentUser.a = $x AND "
	    "CurrentUser.b IN ($y) | EXCLUDE ItemID WHERE Items.a IN CurrentItem.b"));
	CHECK(!strcmp(normal_form("include UserID where USERS.a != \"Japan購入\"", &b),
	    "INCLUDE UserID WHERE Users.a != \"Japan購入\""));
	buf_release(&b);
}

static void
the_error_says_where(void)
{
	static const struct {
		const char *text;
		size_t at;
	} wrong[] = {
		{ "", 0 },
		{ "   ", 3 },
		{ "INCLUDE", 7 },
		{ "INCLUDE ItemID WHERE Items.A ~ 5", 29 },
		{ "INCLUDE ItemID WHERE Items.A = \"x", 31 },
		{ "INCLUDE ItemID WHERE Items.A = 5 Items", 33 },
		{ "INCLUDE ItemID WHERE Items.A IN (5, $a) AND Items.B IN ($b, $c)",
		    60 },
		{ "INCLUDE ItemID WHERE Items.A = 5x", 31 },
		{ "INCLUDE ItemID WHERE Items.A = -", 31 },
		{ "INCLUDE ItemID WHERE Items.A = $", 31 },
		{ "INCLUDE ItemID WHERE Items.A = (5)", 32 },
		{ "INCLUDE ItemID WHERE Items.A = \"\xff\"", 32 },
	};
	struct filter_error e;

	for (size_t i = 0; i < LENGTH(wrong); i++) {
		e.at = SIZE_MAX;
		CHECK(!filter_parse(span_of(wrong[i].text), &e) &&
		      e.at == wrong[i].at && *e.text);
	}
}

static void
the_caret_stands_under_the_place(void)
{
	struct filter_error e = { .at = 7 };
	struct buf b = { 0 };

	filter_point(&b, span_of("購\tab\nx y\nz"), &e);
	CHECK(!strcmp(b.data, "  x y\n  ^\n"));
	e.at = 5;
	buf_clear(&b);
	filter_point(&b, span_of("購\tab\nx y\nz"), &e);
	CHECK(!strcmp(b.data, "  購\tab\n   \t ^\n"));
	e.at = 99;
	buf_clear(&b);
	filter_point(&b, span_of("ab"), &e);
	CHECK(!strcmp(b.data, "  ab\n    ^\n"));
	buf_release(&b);
}

/* The expression with values in it, or the error. */
static const char *
bound(const char *text, const char *values, struct buf *out)
{
	static struct filter_error e;
	struct filter *f = filter_parse(span_of(text), &e);
	struct json_value v = { 0 };
	struct json j;
	int status;

	buf_clear(out);
	buf_reserve(out, 0);
	out->data[0] = '\0';
	json_open(&j, values, strlen(values));
	if (*values)
		json_value(&j, &v);
	status = filter_bind(f, &v, 0, out, &e);
	filter_free(f);
	return status < 0 ? e.text : out->data;
}

static void
values_take_the_place_of_placeholders(void)
{
	static const char genre[] = "INCLUDE ItemID WHERE Items.GENRE IN ($G)";
	static const char price[] = "INCLUDE ItemID WHERE Items.P < ($P)";
	struct buf b = { 0 };

	CHECK(!strcmp(bound(genre, "{\"G\":\"\\\"a\\\" , \\\"b, c\\\",7,'d'\"}", &b),
	    "INCLUDE ItemID WHERE Items.GENRE IN (\"a\", \"b, c\", 7, \"d\")"));
	CHECK(!strcmp(
	    bound(genre, "{\"G\":\"\\\"a \\\\\\\"q\\\\\\\" \\\\\\\\\\\"\"}", &b),
	    "INCLUDE ItemID WHERE Items.GENRE IN (\"a \\\"q\\\" \\\\\")"));
	CHECK(!strcmp(bound(genre, "{\"G\":[\"a\\\"\",7],\"H\":5}", &b),
	    "INCLUDE ItemID WHERE Items.GENRE IN (\"a\\\"\", 7)"));
	CHECK(!strcmp(bound(genre, "{\"G\":\"\\\"x\\\"\",\"G\":\"\\\"y\\\"\"}", &b),
	    "INCLUDE ItemID WHERE Items.GENRE IN (\"y\")"));
	CHECK(!strcmp(
	    bound(price, "{\"P\":\"20\"}", &b), "INCLUDE ItemID WHERE Items.P < 20"));
	CHECK(!strcmp(bound(price, "{\"P\":\"\\\"20\\\"\"}", &b),
	    "INCLUDE ItemID WHERE Items.P < \"20\""));
	CHECK(!strcmp(
	    bound(price, "{\"P\":2.5e1}", &b), "INCLUDE ItemID WHERE Items.P < 2.5e1"));
	buf_release(&b);
}

static void
bad_values_are_refused(void)
{
	static const char genre[] = "EXCLUDE ItemID WHERE Items.GENRE IN ($G)";
	static const char price[] = "EXCLUDE ItemID WHERE Items.P < $P";
	static const char *const bad[] = { "{\"G\":\"\"}", "{\"G\":\"comedy\"}",
		"{\"G\":\"\\\"a\\\",\"}", "{\"G\":\"\\\"a\\\"\\\"\"}",
		"{\"G\":\"\\\"a\\\" \\\"b\\\"\"}", "{\"G\":true}", "{\"G\":{}}",
		"{\"G\":[]}", "{\"G\":[[1]]}", "[1]", "{\"G\":\"$G\"}", "7" };
	struct buf b = { 0 };

	for (size_t i = 0; i < LENGTH(bad); i++)
		CHECK(!strncmp(bound(genre, bad[i], &b), "filterValues", 12));
	CHECK(strstr(bound(price, "{\"P\":\"1,2\"}", &b), "P: < takes one value"));
	CHECK(strstr(bound(price, "{\"P\":[\"x\"]}", &b), "P: < needs a number"));
	buf_release(&b);
}

static void
a_missing_value_drops_an_exclude_and_fails_an_include(void)
{
	static const char both[] =
	    "EXCLUDE ItemID WHERE Items.A IN ($A) | "
	    "INCLUDE ItemID WHERE Items.B IN (1) | "
	    "EXCLUDE ItemID WHERE Items.C = 2 IF CurrentUser.D = $D";
	struct buf b = { 0 };

	CHECK(!strcmp(bound(both, "", &b), "INCLUDE ItemID WHERE Items.B IN (1)"));
	CHECK(!strcmp(bound(both, "{\"D\":4,\"A\":null}", &b),
	    "INCLUDE ItemID WHERE Items.B IN (1) | "
	    "EXCLUDE ItemID WHERE Items.C = 2 IF CurrentUser.D = 4"));
	CHECK(!strcmp(bound("EXCLUDE ItemID WHERE Items.A IN ($A)", "{}", &b), ""));
	CHECK(strstr(
	    bound("INCLUDE ItemID WHERE Items.A = 1 IF CurrentUser.B = $B", "{}", &b),
	    "B: missing"));
	buf_release(&b);
}

static void
the_limits_on_values_hold(void)
{
	struct buf text = { 0 }, out = { 0 };
	static const char x[] = "EXCLUDE ItemID WHERE Items.A IN ($A)";

	for (int extra = 0; extra < 2; extra++) {
		buf_clear(&text);
		buf_adds(&text, "{\"A\":\"\\\"");
		for (int i = 0; i < FILTER_VALUE - 2 + extra; i++)
			buf_adds(&text, "購");
		buf_adds(&text, "\\\"\"}");
		CHECK(!!strstr(bound(x, text.data, &out), "more than 1000") == extra);
		buf_clear(&text);
		buf_adds(&text, "{\"A\":1");
		for (int i = 1; i < FILTER_VALUES + extra; i++)
			buf_addf(&text, ",\"B%d\":2", i);
		buf_adds(&text, "}");
		CHECK(!!strstr(bound(x, text.data, &out), "more than 25") == extra);
	}
	buf_release(&text);
	buf_release(&out);
}

static void
a_bound_text_may_be_long_but_needs_no_more_values(void)
{
	struct filter_error e;
	struct buf text = { 0 };
	struct filter *f;

	buf_adds(&text, "EXCLUDE ItemID WHERE Items.A IN (0");
	for (int i = 1; i < 5000; i++)
		buf_addf(&text, ", %d", i);
	buf_adds(&text, ")");
	f = filter_parse_bound((struct span){ text.data, text.len }, &e);
	CHECK(f && f->exprs[0].where->test.n_values == 5000);
	filter_free(f);
	CHECK(!filter_parse((struct span){ text.data, text.len }, &e));
	CHECK(!filter_parse_bound(span_of("EXCLUDE ItemID WHERE Items.A IN ($A)"), &e));
	CHECK(strstr(e.text, "$A"));
	buf_release(&text);
}

static void
ten_thousand_joined_tests_need_no_deep_stack(void)
{
	struct filter_error e;
	struct buf text = { 0 };
	struct filter *f;

	buf_adds(&text, "EXCLUDE ItemID WHERE Items.A = 0");
	for (int i = 1; i < 10000; i++)
		buf_addf(&text, " %s Items.A = %d", i % 3 ? "AND" : "OR", i);
	f = filter_parse_bound((struct span){ text.data, text.len }, &e);
	CHECK(f && f->exprs[0].where->kind == NODE_OR);
	filter_free(f);
	buf_release(&text);
}

/* Words that make expressions, right and wrong, more often than random bytes do. */
static const char *const pieces[] = { "INCLUDE", "EXCLUDE", "ItemID", "UserID", "WHERE",
	"Items", "Interactions", "Users", "CurrentUser", "CurrentItem", ".", "GENRE",
	"PRICE", "EVENT_TYPE", "IN", "NOT", "AND", "OR", "IF", "=", "!=", "<",
	"<=", ">", ">=", "(", ")", ",", "|", "*", "$A", "$", "\"a\"", "'b'", "\"", "5",
	"-1.5", "1e", "\\", "\"\\\"\"", "!", "x", "\xe8", "\n" };

static void
add_piece(struct buf *b, const char *piece)
{
	buf_adds(b, one_in(50) ? pieces[random_below(LENGTH(pieces))] : piece);
	buf_adds(b, one_in(4) ? "" : " ");
}

static void
add_test(struct buf *b, const char *field)
{
	static const char *const rest[][4] = { { "IN", "(", "'b'", ")" },
		{ "=", "(", "$A", ")" }, { ">=", "-1.5" }, { "!=", "\"a\"" },
		{ "NOT", "IN", "(\"\\\"\",", "5)" } };
	size_t which = random_below(LENGTH(rest));

	add_piece(b, field);
	for (size_t i = 0; i < 4 && rest[which][i]; i++)
		add_piece(b, rest[which][i]);
}

static void
random_text(struct buf *b)
{
	buf_clear(b);
	do {
		add_piece(b, one_in(2) ? "INCLUDE" : "exclude");
		add_piece(b, "ItemID");
		add_piece(b, "WHERE");
		add_test(b, "Items.GENRE ");
		while (one_in(2)) {
			add_piece(b, one_in(2) ? "AND" : "OR");
			add_test(b, "Items.PRICE ");
		}
		add_piece(b, one_in(2) ? "IF" : "|");
		add_test(b, "CurrentUser.AGE ");
	} while (one_in(3) && (add_piece(b, "|"), true));
}

static void
any_text_parses_or_has_an_error_within(void)
{
	struct buf text = { 0 }, once = { 0 }, twice = { 0 };
	size_t bad = 0, parsed = 0;
	struct filter_error e;
	struct filter *f;

	for (int i = 0; i < 30000; i++) {
		random_text(&text);
		/* A copy of just its size, so that reading beyond it is noticed. */
		char *exact = xmalloc(text.len);

		memcpy(exact, text.data, text.len);
		f = filter_parse((struct span){ exact, text.len }, &e);
		free(exact);
		if (!f) {
			bad += e.at > text.len || !*e.text;
			continue;
		}
		parsed++;
		buf_clear(&once);
		filter_print(f, &once);
		filter_free(f);
		bad += strcmp(normal_form(once.data, &twice), once.data) != 0;
	}
	CHECK(bad == 0);
	CHECK(parsed > 100);
	buf_release(&text);
	buf_release(&once);
	buf_release(&twice);
}

int
main(void)
{
	the_normal_form_has_one_spelling();
	the_error_says_where();
	the_caret_stands_under_the_place();
	values_take_the_place_of_placeholders();
	bad_values_are_refused();
	a_missing_value_drops_an_exclude_and_fails_an_include();
	the_limits_on_values_hold();
	a_bound_text_may_be_long_but_needs_no_more_values();
	ten_thousand_joined_tests_need_no_deep_stack();
	any_text_parses_or_has_an_error_within();
	return check_end();
}
