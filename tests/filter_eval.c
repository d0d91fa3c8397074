#include "filter_eval.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "json.h"
#include "lines.h"
#include "random.h"
#include "toy.h"

/* The fixture of the vectors. */
static const struct toy fixture = {
	.items = { 5, { "I1", "I2", "I3", "I4", "I5" }, 7,
	    {
		{ "GENRE", COLUMN_STRING, false,
		    { { 2, { "Action", "Crime" } }, { 1, { "Comedy" } },
			{ 2, { "Drama", "Comedy" } }, { 0 }, { 1, { "Horror" } } } },
		{ "PRICE", COLUMN_NUMBER, false,
		    { { 1, { "10" } }, { 1, { "20" } }, { 1, { "30" } }, { 0 },
			{ 1, { "5" } } } },
		{ "CREATION_TIMESTAMP", COLUMN_NUMBER, false,
		    { { 1, { "1000" } }, { 1, { "2000" } }, { 1, { "3000" } },
			{ 1, { "4000" } }, { 1, { "5000" } } } },
		{ "CATEGORY_L1", COLUMN_STRING, false,
		    { { 1, { "shoe" } }, { 1, { "shoe" } }, { 1, { "watch" } },
			{ 1, { "watch" } }, { 0 } } },
		{ "CATEGORY_L2", COLUMN_STRING, false,
		    { { 1, { "boot" } }, { 1, { "sandal" } }, { 1, { "luxury" } },
			{ 1, { "sport" } }, { 0 } } },
		{ "IS_NEW", COLUMN_BOOLEAN, false, { { 1, { "1" } }, { 1, { "0" } } } },
		{ "DESCRIPTION", COLUMN_STRING, true, { { 1, { "all leather" } } } },
	    } },
	.users = { 3, { "U1", "U2", "U3" }, 3,
	    {
		{ "AGE", COLUMN_NUMBER, false,
		    { { 1, { "17" } }, { 1, { "30" } }, { 0 } } },
		{ "MEMBERSHIP_STATUS", COLUMN_STRING, false,
		    { { 1, { "gold" } }, { 1, { "silver" } }, { 0 } } },
		{ "COUNTRY", COLUMN_STRING, false,
		    { { 1, { "Japan" } }, { 1, { "England" } },
			{ 1, { "United States" } } } },
	    } },
	.type = { "click", "watch", "purchase", "CLICK" },
	.n_types = 4,
	.n_events = { 2, 2, 0 },
	.event = { { { 1, 1, 2000, 2.5f }, { 0, 0, 1000, 0.1f } },
	    { { 2, 3, 4000, NAN }, { 2, 2, 3000, 9.5f } } },
	.has_values = true,
};

enum { VECTORS_NOW = 5000 };

/* A line of a file of vectors. */
struct vector {
	struct json_value expression, name, user, item, values;
	struct json_value allowed, refused, unbound, parses, bound;
	struct buf text, scratch;
};

static void
read_vector(struct vector *v, const struct lines *in)
{
	static const char *const names[] = { "expression", "vector", "user", "item",
		"filterValues", "allowed", "refused", "unbound", "parses", "bound" };
	struct json_value *values = &v->expression, name, value;
	struct json j;

	*v = (struct vector){ 0 };
	json_open(&j, in->text, in->len);
	json_enter(&j, '{');
	while (json_member(&j, &name) > 0 && json_value(&j, &value) == 0)
		for (size_t i = 0; i < LENGTH(names); i++)
			if (json_is(&name, names[i]))
				values[i] = value;
}

static uint32_t
id_of(struct vector *v, const struct ids *ids, const struct json_value *id)
{
	return id->type ? ids_find(ids, json_text(id, &v->scratch)) : NONE;
}

/* Exactly the listed rows. */
static bool
as_listed(struct vector *v, const struct filter_set *set, const struct ids *ids)
{
	struct json_value id;
	size_t listed = 0;
	struct json j;

	json_open(&j, v->allowed.raw.data, v->allowed.raw.len);
	json_enter(&j, '[');
	for (; json_element(&j) > 0 && json_value(&j, &id) == 0; listed++)
		if (!filter_allows(set, id_of(v, ids, &id)))
			return false;
	for (size_t i = 0; i < ids->strings.n; i++)
		listed -= filter_allows(set, (uint32_t)i);
	return !listed;
}

static bool
says(struct vector *v, const struct json_value *what, const char *text)
{
	struct span wanted = json_text(what, &v->scratch);

	return what->type && memmem(text, strlen(text), wanted.data, wanted.len);
}

/* Run the bound text as a record's member "filter" would be. */
static bool
evaluates(struct vector *v, const struct catalog *c, struct filter_cache *cache,
    struct span bound, enum filter_target target)
{
	struct buf quoted = { 0 };
	struct json_value member;
	struct filter_error e;
	struct filter_set set;
	struct json j;
	bool right;

	json_quote(&quoted, bound.data, bound.len);
	json_open(&j, quoted.data, quoted.len);
	json_value(&j, &member);
	right = filter_cache_run(cache, &member, target, id_of(v, &c->users, &v->user),
		    id_of(v, &c->items, &v->item), &set, &e) == 0 &&
		as_listed(v, &set, target == FILTER_ITEMS ? &c->items : &c->users);
	buf_release(&quoted);
	return right;
}

static bool
vector_holds(struct vector *v, const struct catalog *c, struct filter_cache *cache)
{
	struct filter_error e;
	struct buf bound = { 0 };
	struct span text;
	struct filter *f = filter_parse(json_text(&v->expression, &v->text), &e);
	bool right;

	if (!f)
		return says(v, &v->refused, e.text);
	if (v->parses.type)
		right = true;
	else if (filter_check(f, c, &e) < 0)
		right = says(v, &v->refused, e.text);
	else if (filter_bind(f, &v->values, VECTORS_NOW, &bound, &e) < 0)
		right = says(v, &v->unbound, e.text);
	else {
		text = (struct span){ bound.data ? bound.data : "", bound.len };
		right = v->allowed.type && evaluates(v, c, cache, text, f->target) &&
			(!v->bound.type ||
			    span_equal(json_text(&v->bound, &v->scratch), text));
	}
	filter_free(f);
	buf_release(&bound);
	return right;
}

static void
the_vectors_hold(char *path)
{
	struct catalog c = toy_catalog(&fixture);
	struct filter_cache *cache =
	    filter_cache_new(&c, &(struct filter_options){ .now = VECTORS_NOW }, 1);
	struct vector v;
	struct lines in;
	char *name;
	size_t n = 0;

	lines_open(&in, &path, 1);
	while (lines_next(&in) > 0) {
		read_vector(&v, &in);
		name = xmemdup(v.name.raw.data, v.name.raw.len);
		check_report(
		    vector_holds(&v, &c, cache), __func__, name, path, (int)in.number);
		free(name);
		buf_release(&v.text);
		buf_release(&v.scratch);
		n++;
	}
	CHECK(n > 90);
	lines_close(&in);
	filter_cache_free(cache);
	catalog_release(&c);
}

/* What a record's member "filter" lets pass of the items, as digits; or the error. */
static const char *
member_passes(struct filter_cache *cache, const char *json, const char *user)
{
	static char digits[8];
	static struct filter_error e;
	struct json_value member = { 0 };
	struct filter_set set;
	struct json j;
	size_t n = 0;

	json_open(&j, json, strlen(json));
	if (*json)
		json_value(&j, &member);
	if (filter_cache_run(cache, &member, FILTER_ITEMS,
		user ? (uint32_t)(user[1] - '1') : NONE, NONE, &set, &e) < 0)
		return e.text;
	for (uint32_t i = 0; i < 5; i++)
		if (filter_allows(&set, i))
			digits[n++] = (char)('1' + i);
	digits[n] = '\0';
	return digits;
}

static void
a_member_may_be_several_expressions(void)
{
	struct catalog c = toy_catalog(&fixture);
	struct filter_cache *cache =
	    filter_cache_new(&c, &(struct filter_options){ 0 }, 0);

#define CLICKED "\"EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN (\\\"click\\\")\""
#define CHEAP "\"INCLUDE ItemID WHERE Items.PRICE <= 20\""
	CHECK(!strcmp(member_passes(cache, "", "U1"), "12345"));
	CHECK(!strcmp(member_passes(cache, "null", "U1"), "12345"));
	CHECK(!strcmp(member_passes(cache, "[]", "U1"), "12345"));
	CHECK(!strcmp(member_passes(cache, "\" \"", "U1"), "12345"));
	CHECK(!strcmp(member_passes(cache, CLICKED, "U1"), "2345"));
	CHECK(!strcmp(member_passes(cache, "[" CLICKED "]", "U1"), "2345"));
	CHECK(!strcmp(member_passes(cache, "[" CLICKED "," CHEAP "]", "U1"), "25"));
	CHECK(
	    !strcmp(member_passes(cache, "[" CHEAP ",\"\"," CLICKED "]", "U2"), "125"));
	CHECK(strstr(member_passes(cache, "5", "U2"), "must be a string"));
	CHECK(strstr(member_passes(cache, "[5]", "U2"), "must be a string"));
	CHECK(strstr(member_passes(cache, "\"INCLUDE\"", "U2"), "expected ItemID"));
	CHECK(
	    strstr(member_passes(cache, "\"INCLUDE UserID WHERE Users.AGE = 1\"", "U2"),
		"UserID filter"));
	filter_cache_free(cache);
	catalog_release(&c);
}

static void
a_constant_set_is_told_by_its_number(void)
{
	struct catalog c = toy_catalog(&fixture);
	struct filter_cache *cache =
	    filter_cache_new(&c, &(struct filter_options){ 0 }, 0);
	struct json_value cheap = { JSON_STRING, { CHEAP, strlen(CHEAP) }, false };
	struct json_value clicked = { JSON_STRING, { CLICKED, strlen(CLICKED) }, true };
	struct filter_set a, b;
	struct filter_error e;

	filter_cache_run(cache, &cheap, FILTER_ITEMS, 0, NONE, &a, &e);
	filter_cache_run(cache, &cheap, FILTER_ITEMS, 1, NONE, &b, &e);
	CHECK(a.same && a.same == b.same && a.words == b.words);
	filter_cache_run(cache, &clicked, FILTER_ITEMS, 0, NONE, &a, &e);
	CHECK(!a.same);
	filter_cache_free(cache);
	catalog_release(&c);
}

static void
only_the_newest_interactions_of_each_type_count(void)
{
	static const char x[] =
	    "INCLUDE ItemID WHERE Interactions.EVENT_TYPE IN (\"*\")";
	struct toy toy = fixture;
	struct filter_options o = { 0 };
	struct filter_error e;
	struct catalog c;

	/* click 5, CLICK 4, watch 3, click 2, watch 1: newest first */
	toy.n_events[0] = 5;
	for (int i = 0; i < 5; i++)
		toy.event[0][i] =
		    (struct toy_event){ .item = 4 - i, .type = i == 1 ? 3 : i / 2 % 2 };
	toy.event[0][3].type = 0;
	toy.event[0][4].type = 1;
	c = toy_catalog(&toy);
	for (size_t limit = 0; limit < 4; limit++) {
		static const size_t passes[] = { 5, 2, 4, 5 };
		struct filter_plan *p;
		struct filter_set set;

		o.history_limit = limit;
		p = filter_plan_new(filter_parse(span_of(x), &e), &c, &o, &e);
		set = filter_plan_run(p, 0, NONE);
		CHECK(bitset_count(set.words, set.n) == passes[limit]);
		filter_plan_free(p);
	}
	catalog_release(&c);
}

/* What a line of attributes, or an expression, selects, as digits; or the error. */
static const char *
selected(struct filter *f, const struct catalog *c, struct filter_error *e)
{
	static char digits[8];
	uint32_t rows = f && f->target == FILTER_USERS ? 3 : 5;
	uint64_t set[1] = { 0 };
	size_t n = 0;

	if (!f || filter_select(
		      f, c, &(struct filter_options){ .now = VECTORS_NOW }, set, e) < 0)
		return e->text;
	for (uint32_t i = 0; i < rows; i++)
		if (bitset_has(set, i))
			digits[n++] = (char)('1' + i);
	digits[n] = '\0';
	return digits;
}

static void
attributes_select_items(void)
{
	static const struct {
		const char *attributes, *items;
	} lines[] = {
		{ "ITEMS.genre = \"Comedy\"", "23" },
		{ "ITEMS.genre = \"Comedy\" AND ITEMS.genre = \"Drama\"", "3" },
		{ "ITEMS.GENRE=\"Comedy\"AND ITEMS.PRICE=20", "2" },
		{ "items.price = \"20\"", "2" },
		{ "ITEMS.CATEGORY_L1 = \"nothing\"", "" },
		{ "ITEMS.ITEM_ID = \"I4\"", "4" },
		{ "EXTENDED ITEMS.GENRE = \"Horror\" OR NOT (ITEMS.PRICE > 5)", "45" },
		{ "EXTENDED ITEMS.PRICE IN (10, 30)", "13" },
		{ "EXTENDED jq(.PRICE == 30)", "3" },
		{ "EXTENDED ITEMS.IS_NEW = TRUE", "1" },
	};
	struct catalog c = toy_catalog(&fixture);
	struct filter_error e;

	for (size_t i = 0; i < LENGTH(lines); i++)
		check_report(!strcmp(selected(filter_parse_attributes(
						  span_of(lines[i].attributes), &e),
					 &c, &e),
				 lines[i].items),
		    __func__, lines[i].attributes, __FILE__, __LINE__);
	catalog_release(&c);
}

static void
attributes_beyond_the_service_are_refused(void)
{
	static const struct {
		const char *attributes;
		size_t at;
		const char *why;
	} lines[] = {
		{ "ITEMS.GENRE = \"a\" OR ITEMS.GENRE = \"b\"", 21, "AND only" },
		{ "ITEMS.PRICE > 5", 0, "compares with = only" },
		{ "ITEMS.PRICE = 5 AND ITEMS.GENRE IN (\"a\")", 20, "= only" },
		{ "ITEMS.PRICE = CurrentItem.PRICE", 14, "no current item" },
		{ "ITEMS.GENRE = $G", 14, "no value is bound to $G" },
		{ "Interactions.EVENT_TYPE = \"buy\"", 0, "expected ITEMS" },
		{ "EXTENDED Interactions.TIMESTAMP > 5", 9, "expected ITEMS" },
		{ "EXTENDED COUNT(Interactions.EVENT_TYPE = \"a\") > 1", 9,
		    "expected ITEMS" },
		{ "EXTENDED ITEMS.PRICE = 1 OR CurrentUser.AGE = 1", 28,
		    "expected ITEMS" },
		{ "Users.AGE = 5", 0, "ItemID filters test Items" },
		{ "ITEMS.GENRE = \"a\" IF", 18, "expected AND or the end" },
		{ "(ITEMS.GENRE = \"a\")", 0, "parentheses" },
		{ "", 0, "the expression ends here" },
	};
	struct filter_error e;

	for (size_t i = 0; i < LENGTH(lines); i++)
		check_report(
		    !filter_parse_attributes(span_of(lines[i].attributes), &e) &&
			e.at == lines[i].at && strstr(e.text, lines[i].why),
		    __func__, lines[i].attributes, __FILE__, __LINE__);
}

static void
expressions_select_users(void)
{
	struct catalog c = toy_catalog(&fixture);
	struct filter_error e;

#define SELECTED(text) selected(filter_parse_bound(span_of(text), &e), &c, &e)
	CHECK(!strcmp(SELECTED("EXCLUDE UserID WHERE Users.AGE < 18"), "23"));
	CHECK(!strcmp(SELECTED("INCLUDE UserID WHERE Interactions.EVENT_TYPE IN "
			       "(\"purchase\", \"watch\")"),
	    "12"));
	CHECK(!strcmp(SELECTED("EXTENDED INCLUDE UserID WHERE Users.AGE > 18 OR NOT "
			       "COUNT(Interactions.EVENT_TYPE = \"*\") > 0"),
	    "23"));
	CHECK(strstr(SELECTED("EXCLUDE UserID WHERE Users.AEG < 18"), "mean AGE?"));
	catalog_release(&c);
}

static void
a_filter_says_which_datasets_it_uses(void)
{
	struct filter_error e;
	struct filter *f =
	    filter_parse(span_of("EXTENDED EXCLUDE UserID WHERE "
				 "COUNT(Interactions.EVENT_TYPE = \"buy\") > 1"),
		&e);

	CHECK(filter_uses(f, FROM_INTERACTIONS) && !filter_uses(f, FROM_USERS));
	filter_free(f);
}

/* Nothing of the user's history is left when the newest event is too old. */
static void
idle_users_have_no_history(void)
{
	static const char x[] =
	    "INCLUDE ItemID WHERE Interactions.EVENT_TYPE IN (\"*\")";
	struct filter_options o = { .now = 4000, .idle_seconds = 2000 };
	struct catalog c = toy_catalog(&fixture);
	struct filter_error e;
	struct filter_plan *p =
	    filter_plan_new(filter_parse(span_of(x), &e), &c, &o, &e);
	struct filter_set set;

	set = filter_plan_run(p, 0, NONE); /* newest: 2000 */
	CHECK(bitset_count(set.words, set.n) == 2);
	filter_plan_free(p);
	o.now++;
	p = filter_plan_new(filter_parse(span_of(x), &e), &c, &o, &e);
	set = filter_plan_run(p, 0, NONE);
	CHECK(bitset_count(set.words, set.n) == 0);
	set = filter_plan_run(p, 1, NONE);
	CHECK(bitset_count(set.words, set.n) == 1);
	filter_plan_free(p);
	catalog_release(&c);
}

/* A cache that must forget all the time answers as one that never does. */
static void
forgetting_changes_nothing(void)
{
	static char text[64];
	struct catalog c = toy_catalog(&fixture);
	struct filter_cache *cache =
	    filter_cache_new(&c, &(struct filter_options){ 0 }, 1);
	struct filter_error e;
	size_t wrong = 0, pass;

	for (int i = 0; i < 20000; i++) {
		int price = (int)random_below(one_in(2) ? 12 : 40);
		struct filter_set set;

		snprintf(
		    text, sizeof text, "INCLUDE ItemID WHERE Items.PRICE <= %d", price);
		set = filter_plan_run(
		    filter_cache_plan(cache, span_of(text), &e), NONE, NONE);
		pass = (size_t)((price >= 5) + (price >= 10) + (price >= 20) +
				(price >= 30));
		wrong += bitset_count(set.words, set.n) != pass;
	}
	CHECK(wrong == 0);
	filter_cache_free(cache);
	catalog_release(&c);
}

int
main(void)
{
	static char strict[] = "tests/vectors/filter.jsonl";
	static char extended[] = "tests/vectors/filter-extended.jsonl";

	the_vectors_hold(strict);
	the_vectors_hold(extended);
	a_member_may_be_several_expressions();
	a_constant_set_is_told_by_its_number();
	only_the_newest_interactions_of_each_type_count();
	forgetting_changes_nothing();
	attributes_select_items();
	attributes_beyond_the_service_are_refused();
	expressions_select_users();
	a_filter_says_which_datasets_it_uses();
	idle_users_have_no_history();
	return check_end();
}
