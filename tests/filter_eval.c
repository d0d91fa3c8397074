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
		{ "IS_NEW", COLUMN_BOOLEAN, false, { { 1, { "1" } } } },
		{ "DESCRIPTION", COLUMN_STRING, true, { { 1, { "x" } } } },
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
	.event = { { { 1, 1 }, { 0, 0 } }, { { 2, 3 }, { 2, 2 } } },
};

/* A line of the file of vectors. */
struct vector {
	struct json_value expression, name, user, item, values;
	struct json_value allowed, refused, unbound, parses;
	struct buf text, scratch;
};

static void
read_vector(struct vector *v, const struct lines *in)
{
	static const char *const names[] = { "expression", "vector", "user", "item",
		"filterValues", "allowed", "refused", "unbound", "parses" };
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
	struct filter *f = filter_parse(json_text(&v->expression, &v->text), &e);
	bool right;

	if (!f)
		return says(v, &v->refused, e.text);
	if (v->parses.type)
		right = true;
	else if (filter_check(f, c, &e) < 0)
		right = says(v, &v->refused, e.text);
	else if (filter_bind(f, &v->values, 0, &bound, &e) < 0)
		right = says(v, &v->unbound, e.text);
	else
		right = v->allowed.type &&
			evaluates(v, c, cache,
			    (struct span){ bound.data ? bound.data : "", bound.len },
			    f->target);
	filter_free(f);
	buf_release(&bound);
	return right;
}

static void
the_vectors_hold(void)
{
	static char path[] = "tests/vectors/filter.jsonl";
	char *paths[] = { path };
	struct catalog c = toy_catalog(&fixture);
	struct filter_cache *cache =
	    filter_cache_new(&c, &(struct filter_options){ 0 }, 1);
	struct vector v;
	struct lines in;
	char *name;
	size_t n = 0;

	lines_open(&in, paths, 1);
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
	CHECK(n > 100);
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
		toy.event[0][i] = (struct toy_event){ 4 - i, i == 1 ? 3 : i / 2 % 2 };
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

/*
 * The oracle: random expressions over random catalogs, evaluated row by row from the
 * rules as they stand in pz-filter(7), on the description that the catalog was made
 * from. Nothing of the parser or the evaluator is used.
 */
enum { MOST_TESTS = 5, MOST_VALUES = 4, MOST_EXPRS = 4 };

enum source { EVENTS, ROW_COLUMN, ROW_ID, USER_COLUMN, USER_ID };

struct random_test {
	enum source source;
	int column;
	enum filter_op op;
	int n;
	const char *value[MOST_VALUES];
	int current; /* a column of the current item; -1: values */
	bool or_before;
};

struct random_expr {
	bool include;
	int n_tests, n_conditions;
	struct random_test test[MOST_TESTS], condition[2];
};

struct random_filter {
	bool users; /* UserID */
	int n;
	struct random_expr expr[MOST_EXPRS];
};

static const char *const words[] = { "Action", "Comedy", "Drama", "it's", "say \"x\"",
	"back\\slash", "", "a b", "Japan購入", "10", "*x", "comedy" };
static const char *const numbers[] = { "0", "1", "5", "10", "-3", "2.5", "1e2", "99" };
static const char *const types[] = { "click", "CLICK", "watch", "Watch", "buy",
	"click " };

#define ANY_OF(array) (array)[random_below(LENGTH(array))]

static void
random_column(struct toy_column *c, const char *name, int rows)
{
	*c = (struct toy_column){ .name = name };
	c->type = one_in(2) ? COLUMN_STRING : COLUMN_NUMBER;
	for (int r = 0; r < rows; r++) {
		if (one_in(4))
			continue;
		c->cell[r].n =
		    c->type == COLUMN_NUMBER ? 1 : 1 + (int)random_below(TOY_VALUES);
		for (int i = 0; i < c->cell[r].n; i++)
			c->cell[r].text[i] =
			    c->type == COLUMN_NUMBER ? ANY_OF(numbers) : ANY_OF(words);
	}
}

static void
random_table(struct toy_table *t, char prefix, int rows)
{
	static const char *const names[] = { "A", "Bb", "C_3", "D", "E" };
	static char ids[2][TOY_ROWS][16];

	t->n = rows;
	t->n_columns = (int)LENGTH(names);
	for (int r = 0; r < rows; r++) {
		char *id = ids[prefix == 'u'][r];

		snprintf(id, 16, "%c%03d", prefix, r);
		t->id[r] = id;
	}
	for (size_t k = 0; k < LENGTH(names); k++)
		random_column(&t->column[k], names[k], rows);
}

static void
random_toy(struct toy *toy)
{
	/* Around the ends of words of 64 bits. */
	static const int sizes[] = { 1, 7, 62, 63, 64, 65, 127, 128, 139 };

	memset(toy, 0, sizeof *toy);
	random_table(&toy->items, 'i', ANY_OF(sizes));
	random_table(&toy->users, 'u', 1 + (int)random_below(70));
	toy->n_types = (int)random_below(LENGTH(types) + 1);
	for (int i = 0; i < toy->n_types; i++)
		toy->type[i] = types[i];
	for (int u = 0; u < toy->users.n; u++) {
		toy->n_events[u] = one_in(3) ? 0 : (int)random_below(TOY_EVENTS);
		for (int i = 0; i < toy->n_events[u]; i++)
			toy->event[u][i] = (struct toy_event){
				(int)random_below((uint64_t)toy->items.n),
				(int)random_below((uint64_t)toy->n_types + 1) - 1
			};
	}
}

static const struct toy_table *
table_of(const struct toy *toy, bool users)
{
	return users ? &toy->users : &toy->items;
}

static const char *
random_value(
    const struct toy *toy, const struct random_test *t, const struct toy_table *table)
{
	switch (t->source) {
	case EVENTS:
		return one_in(8) ? "*" : ANY_OF(types);
	case ROW_ID:
	case USER_ID:
		return one_in(4) ? "nobody"
				 : table->id[random_below((uint64_t)table->n)];
	default:
		(void)toy;
		return table->column[t->column].type == COLUMN_NUMBER ? ANY_OF(numbers)
								      : ANY_OF(words);
	}
}

static enum filter_op
pick_op(bool number)
{
	static const enum filter_op ops[] = { OP_IN, OP_NOT_IN, OP_EQ, OP_NE, OP_LT,
		OP_LE, OP_GT, OP_GE };

	return ops[random_below(number ? 8 : 4)];
}

static void
random_test(
    const struct toy *toy, struct random_test *t, enum source source, bool users)
{
	bool condition = source == USER_COLUMN || source == USER_ID;
	const struct toy_table *table = table_of(toy, users || condition);
	bool number;

	*t = (struct random_test){ .source = source, .current = -1 };
	t->column = (int)random_below((uint64_t)table->n_columns);
	number = (source == ROW_COLUMN || source == USER_COLUMN) &&
		 table->column[t->column].type == COLUMN_NUMBER;
	t->op = pick_op(number);
	t->or_before = one_in(2);
	t->n = t->op <= OP_NOT_IN ? 1 + (int)random_below(MOST_VALUES) : 1;
	for (int i = 0; i < t->n; i++)
		t->value[i] = random_value(toy, t, table);
	if (source != ROW_COLUMN || users || t->op == OP_NOT_IN || !one_in(4))
		return;
	for (int k = 0; k < table->n_columns && t->current < 0; k++)
		if (table->column[k].type == table->column[t->column].type && one_in(2))
			t->current = k;
}

static void
random_filter(const struct toy *toy, struct random_filter *f)
{
	f->users = one_in(4);
	f->n = 1 + (int)random_below(MOST_EXPRS);
	for (int i = 0; i < f->n; i++) {
		struct random_expr *x = &f->expr[i];
		bool events = one_in(3);

		x->include = one_in(2);
		x->n_tests = 1 + (int)random_below(MOST_TESTS);
		x->n_conditions = f->users || one_in(2) ? 0 : 1 + (int)random_below(2);
		for (int k = 0; k < x->n_tests; k++)
			random_test(toy, &x->test[k],
			    events      ? EVENTS
			    : one_in(6) ? ROW_ID
					: ROW_COLUMN,
			    f->users);
		for (int k = 0; k < x->n_conditions; k++)
			random_test(toy, &x->condition[k],
			    one_in(6) ? USER_ID : USER_COLUMN, f->users);
	}
}

static void
write_value(struct buf *b, const struct random_test *t, const char *value)
{
	char quote = one_in(3) ? '\'' : '"';

	if (strspn(value, "-0123456789.e") == strlen(value) && *value && one_in(2)) {
		buf_adds(b, value);
		return;
	}
	if (t->source == EVENTS && !strcmp(value, "*") && one_in(2)) {
		buf_adds(b, "*");
		return;
	}
	buf_addc(b, quote);
	for (; *value; value++) {
		if (*value == quote || *value == '\\' ||
		    ((unsigned char)*value < 0x80 && one_in(9)))
			buf_addc(b, '\\');
		buf_addc(b, *value);
	}
	buf_addc(b, quote);
}

/* Some letters in the other case. */
static void
write_word(struct buf *b, const char *word)
{
	for (; *word; word++)
		buf_addc(b, one_in(5) && ((*word | 32) >= 'a' && (*word | 32) <= 'z')
				? (char)(*word ^ 32)
				: *word);
}

static void
write_test(
    struct buf *b, const struct toy *toy, const struct random_test *t, bool users)
{
	bool condition = t->source == USER_COLUMN || t->source == USER_ID;
	const struct toy_table *table = table_of(toy, users || condition);
	bool list = t->op <= OP_NOT_IN && t->current < 0;

	write_word(b, t->source == EVENTS ? "Interactions"
		      : condition         ? "CurrentUser"
		      : users             ? "Users"
					  : "Items");
	buf_addc(b, '.');
	write_word(b, t->source == EVENTS ? "EVENT_TYPE"
		      : t->source == ROW_ID || t->source == USER_ID
			  ? (users || condition ? "USER_ID" : "ITEM_ID")
			  : table->column[t->column].name);
	buf_adds(b, one_in(2) || t->op <= OP_NOT_IN ? " " : "");
	buf_adds(b, filter_op_name(t->op));
	buf_adds(b, list ? "(" : " ");
	if (t->current >= 0)
		buf_addf(b, "CurrentItem.%s", table->column[t->current].name);
	for (int i = 0; i < t->n && t->current < 0; i++) {
		buf_adds(b, i ? "," : "");
		write_value(b, t, t->value[i]);
	}
	buf_adds(b, list ? ")" : "");
}

static void
write_filter(struct buf *b, const struct toy *toy, const struct random_filter *f)
{
	buf_clear(b);
	for (int i = 0; i < f->n; i++) {
		const struct random_expr *x = &f->expr[i];

		buf_adds(b, i ? "|" : "");
		write_word(b, x->include ? "INCLUDE " : "EXCLUDE ");
		write_word(b, f->users ? "UserID WHERE " : "ItemID WHERE ");
		for (int k = 0; k < x->n_tests; k++) {
			if (k)
				write_word(b, x->test[k].or_before ? " OR " : " AND ");
			write_test(b, toy, &x->test[k], f->users);
		}
		for (int k = 0; k < x->n_conditions; k++) {
			write_word(b, k ? " AND " : " IF ");
			write_test(b, toy, &x->condition[k], f->users);
		}
	}
}

/* All the values a row has for a test: what the rules are about. */
struct row_values {
	int n;
	const char *text[TOY_EVENTS + TOY_VALUES];
	bool number;
};

static bool
same_type(const char *a, const char *b)
{
	return !strcasecmp(a, b);
}

static const char *
type_name(const struct toy *toy, const struct toy_event *e)
{
	return e->type < 0 ? NULL : toy->type[e->type];
}

/* How many of the user's newer interactions have event i's type. */
static size_t
newer_of_its_type(const struct toy *toy, int user, int i)
{
	const char *type = type_name(toy, &toy->event[user][i]), *other;
	size_t n = 0;

	for (int k = 0; k < i; k++) {
		other = type_name(toy, &toy->event[user][k]);
		n += type && other ? same_type(type, other) : type == other;
	}
	return n;
}

static void
event_values(
    const struct toy *toy, struct row_values *v, int user, int item, size_t limit)
{
	for (int i = 0; user >= 0 && i < toy->n_events[user]; i++) {
		if (item != -2 && toy->event[user][i].item != item)
			continue;
		if (!limit || newer_of_its_type(toy, user, i) < limit)
			v->text[v->n++] = type_name(toy, &toy->event[user][i]);
	}
}

static void
cell_values(const struct toy_table *t, struct row_values *v, int column, int row)
{
	const struct toy_cell *cell = &t->column[column].cell[row < 0 ? 0 : row];

	v->number = t->column[column].type == COLUMN_NUMBER;
	for (int i = 0; row >= 0 && i < cell->n; i++)
		v->text[v->n++] = cell->text[i];
}

/* Who is asked about, by row; -1: none, or unknown to the catalog. */
struct who {
	int row, user, item;
	size_t limit;
	bool users;
};

static struct row_values
values_of(const struct toy *toy, const struct random_test *t, const struct who *w)
{
	const struct toy_table *rows = table_of(toy, w->users);
	struct row_values v = { 0 };

	if (t->source == EVENTS && w->users)
		event_values(toy, &v, w->row, -2, w->limit);
	else if (t->source == EVENTS)
		event_values(toy, &v, w->user, w->row, w->limit);
	else if (t->source == ROW_COLUMN)
		cell_values(rows, &v, t->column, w->row);
	else if (t->source == USER_COLUMN)
		cell_values(&toy->users, &v, t->column, w->user);
	else if (t->source == ROW_ID && w->row >= 0)
		v.text[v.n++] = rows->id[w->row];
	else if (t->source == USER_ID && w->user >= 0)
		v.text[v.n++] = toy->users.id[w->user];
	return v;
}

static bool
equal(const struct random_test *t, const struct row_values *v, const char *a,
    const char *b)
{
	if (t->source == EVENTS)
		return !strcmp(b, "*") || (a && same_type(a, b));
	return v->number ? atof(a) == atof(b) : !strcmp(a, b);
}

static bool
in_order(enum filter_op op, double a, double b)
{
	return op == OP_LT   ? a < b
	       : op == OP_LE ? a <= b
	       : op == OP_GT ? a > b
			     : a >= b;
}

static bool
oracle_test(const struct toy *toy, const struct random_test *t, const struct who *w)
{
	struct row_values v = values_of(toy, t, w), wanted = { 0 };
	bool any = false;

	if (t->current >= 0)
		cell_values(&toy->items, &wanted, t->current, w->item);
	for (int i = 0; i < t->n && t->current < 0; i++)
		wanted.text[wanted.n++] = t->value[i];
	if (t->op >= OP_LT)
		return v.n && wanted.n &&
		       in_order(t->op, atof(v.text[0]), atof(wanted.text[0]));
	for (int i = 0; i < v.n; i++)
		for (int k = 0; k < wanted.n; k++)
			any = any || equal(t, &v, v.text[i], wanted.text[k]);
	if (t->op == OP_NOT_IN)
		return !any;
	return t->op == OP_NE ? v.n && wanted.n && !any : any;
}

/* OR of ANDs. */
static bool
oracle_where(const struct toy *toy, const struct random_expr *x, const struct who *w)
{
	bool any = false, all = true;

	for (int i = 0; i < x->n_tests; i++) {
		if (i && x->test[i].or_before) {
			any = any || all;
			all = true;
		}
		all = oracle_test(toy, &x->test[i], w) && all;
	}
	return any || all;
}

static bool
oracle(const struct toy *toy, const struct random_filter *f, const struct who *w)
{
	bool includes = false, included = false, excluded = false;

	for (int i = 0; i < f->n; i++) {
		const struct random_expr *x = &f->expr[i];
		bool applies = true, holds;

		for (int k = 0; k < x->n_conditions; k++)
			applies = applies && oracle_test(toy, &x->condition[k], w);
		if (!applies)
			continue;
		holds = oracle_where(toy, x, w);
		includes = includes || x->include;
		included = included || (x->include && holds);
		excluded = excluded || (!x->include && holds);
	}
	return (!includes || included) && !excluded;
}

/* How many rows the evaluator and the oracle see differently. */
static size_t
differences(const struct toy *toy, const struct random_filter *f,
    const struct filter_set *set, struct who w)
{
	int n = table_of(toy, f->users)->n;
	size_t wrong = set->n != (size_t)n;

	w.users = f->users;
	for (w.row = -1; w.row < n; w.row++)
		wrong += oracle(toy, f, &w) !=
			 filter_allows(set, w.row < 0 ? NONE : (uint32_t)w.row);
	if ((n + 1) % 64)
		wrong += set->words[n / 64] >> (n + 1) % 64 != 0;
	return wrong;
}

static size_t
compare(const struct toy *toy, struct filter_cache *cache, size_t limit)
{
	struct buf text = { 0 };
	struct random_filter f = { 0 };
	struct filter_plan *p;
	struct filter_error e;
	size_t wrong = 0;

	random_filter(toy, &f);
	write_filter(&text, toy, &f);
	for (int i = 0; i < 3; i++) {
		struct who w = { .limit = limit };
		struct filter_set set;

		w.user = (int)random_below((uint64_t)toy->users.n + 1) - 1;
		w.item = (int)random_below((uint64_t)toy->items.n + 1) - 1;
		p = filter_cache_plan(cache, (struct span){ text.data, text.len }, &e);
		if (!p) {
			printf("# %s: %s\n", text.data, e.text);
			wrong++;
			break;
		}
		set = filter_plan_run(p, (uint32_t)w.user, (uint32_t)w.item);
		wrong += differences(toy, &f, &set, w);
	}
	if (wrong)
		printf("# %zu: %s\n", wrong, text.data);
	buf_release(&text);
	return wrong;
}

static void
random_expressions_mean_what_the_rules_say(void)
{
	static struct toy toy;
	size_t wrong = 0;

	for (int i = 0; i < 300 && !wrong; i++) {
		struct filter_options o = { .history_limit = random_below(4) };
		struct filter_cache *cache;
		struct catalog c;

		random_toy(&toy);
		c = toy_catalog(&toy);
		cache = filter_cache_new(&c, &o, 1);
		for (int k = 0; k < 100; k++)
			wrong += compare(&toy, cache, o.history_limit);
		filter_cache_free(cache);
		catalog_release(&c);
	}
	CHECK(wrong == 0);
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
	the_vectors_hold();
	a_member_may_be_several_expressions();
	a_constant_set_is_told_by_its_number();
	only_the_newest_interactions_of_each_type_count();
	random_expressions_mean_what_the_rules_say();
	forgetting_changes_nothing();
	return check_end();
}
