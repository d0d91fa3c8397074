/*
 * filter_eval - run a filter over a catalog.
 *
 * Every test becomes a set over all rows, and AND, OR, INCLUDE, EXCLUDE are words of
 * 64 rows at a time: at a million items one such step takes some 10 microseconds,
 * little beside scoring them. An expression tests one dataset, so it is either on
 * columns, and then usually the same for all records and computed once, or on the
 * user's history, which is short.
 *
 * Null: an item's values of a field are a set, empty for null, and an item's event
 * types by this user are such a set too. IN and = ask whether any value matches; NOT
 * IN is the negation of IN; != asks that there are values and none matches; the order
 * comparisons are false on null. The last row is the one of unknown items: all null.
 */
#include "filter_eval.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum test_kind { TEST_NUMBER, TEST_STRING, TEST_ID, TEST_EVENT };

/* A test with its values looked up in the catalog. */
struct test {
	enum test_kind kind;
	enum filter_op op;
	const struct column *column;  /* NUMBER, STRING */
	const struct column *current; /* compare with the current item's value */
	double *numbers;              /* NUMBER: [n] */
	uint32_t *rows;               /* ID: [n] */
	size_t n;
	uint64_t *codes; /* STRING: the wanted ones, a set over column->values */
	uint8_t *types;  /* EVENT: [types.n + 1] is it wanted; the last: no type */
};

struct expr {
	const struct filter_expr *parsed;
	struct test *tests, *conditions;
	uint64_t *kept; /* the set, once computed, if no record changes it */
	bool fixed;     /* no record changes it (conditions aside) */
};

struct filter_plan {
	struct filter *f;
	const struct catalog *catalog;
	struct filter_options options;
	size_t n; /* rows, the unknown one too */
	struct expr *exprs;
	bool needs_user, needs_item;
	uint64_t **stack; /* scratch sets */
	size_t depth;
	uint64_t *include, *exclude;
	bool done; /* include holds the result for every record */
	/* Event types that differ in case only are one group. */
	uint16_t *group; /* [types.n + 1] */
	uint32_t *seen;  /* [types.n + 1] interactions of the group so far */
};

static const struct column *
column_of(const struct catalog *c, const struct filter_field *field)
{
	bool item = field->source == FROM_ITEMS || field->source == FROM_CURRENT_ITEM;

	return table_column(item ? &c->item_table : &c->user_table, field->name);
}

static void
plan_numbers(struct test *t, const struct filter_test *from)
{
	t->kind = TEST_NUMBER;
	t->n = from->n_values;
	t->numbers = xcalloc(t->n, sizeof *t->numbers);
	for (size_t i = 0; i < t->n; i++)
		if (!filter_number(from->values[i].text, &t->numbers[i]))
			t->numbers[i] = NAN;
}

static void
plan_strings(struct test *t, const struct filter_test *from)
{
	const struct strings *values = &t->column->values;
	uint32_t code;

	t->kind = TEST_STRING;
	t->codes = xcalloc(bitset_words(values->n) + 1, sizeof *t->codes);
	if (t->current)
		return;
	for (size_t i = 0; i < from->n_values; i++) {
		code = strings_find_sorted(values, from->values[i].text);
		if (code != NONE) {
			bitset_add(t->codes, code);
			t->n++;
		}
	}
}

static void
plan_ids(struct test *t, const struct filter_test *from, const struct ids *ids)
{
	t->kind = TEST_ID;
	t->rows = xcalloc(from->n_values, sizeof *t->rows);
	for (size_t i = 0; i < from->n_values; i++) {
		t->rows[t->n] = ids_find(ids, from->values[i].text);
		t->n += t->rows[t->n] != NONE;
	}
}

static void
plan_events(struct test *t, const struct filter_test *from, const struct strings *types)
{
	t->kind = TEST_EVENT;
	t->types = xcalloc(types->n + 1, sizeof *t->types);
	for (size_t i = 0; i < from->n_values; i++) {
		const struct filter_value *v = &from->values[i];

		for (size_t k = 0; k <= types->n; k++)
			if (v->kind == VALUE_ANY ||
			    (k < types->n &&
				span_equal_nocase(
				    strings_get(types, (uint32_t)k), v->text)))
				t->types[k] = 1;
	}
}

static void
plan_test(struct filter_plan *p, struct test *t, const struct filter_test *from)
{
	const struct catalog *c = p->catalog;
	bool item = from->field.source == FROM_ITEMS;

	t->op = from->op;
	if (from->field.source == FROM_INTERACTIONS)
		plan_events(t, from, &c->history.types);
	else if (filter_is_id(&from->field))
		plan_ids(t, from, item ? &c->items : &c->users);
	else {
		t->column = column_of(c, &from->field);
		if (from->values[0].kind == VALUE_FIELD)
			t->current = column_of(c, &from->values[0].field);
		if (t->column->type == COLUMN_STRING)
			plan_strings(t, from);
		else
			plan_numbers(t, from);
	}
}

/* How many sets the steps hold at once at most. */
static size_t
depth_of(const struct filter_expr *x)
{
	size_t depth = 0, most = 0;

	for (size_t i = 0; i < x->n_steps; i++) {
		depth = x->steps[i] == STEP_TEST ? depth + 1 : depth - 1;
		most = MAX(most, depth);
	}
	return most;
}

static void
plan_expr(struct filter_plan *p, struct expr *x, const struct filter_expr *from)
{
	bool event = from->tests[0].field.source == FROM_INTERACTIONS;
	bool current = false;

	x->parsed = from;
	x->tests = xcalloc(from->n_tests, sizeof *x->tests);
	x->conditions = xcalloc(from->n_conditions, sizeof *x->conditions);
	for (size_t i = 0; i < from->n_tests; i++) {
		plan_test(p, &x->tests[i], &from->tests[i]);
		current = current || x->tests[i].current;
	}
	for (size_t i = 0; i < from->n_conditions; i++)
		plan_test(p, &x->conditions[i], &from->conditions[i]);
	event = event && p->f->target == FILTER_ITEMS;
	x->fixed = !event && !current;
	p->needs_user = p->needs_user || event || from->n_conditions;
	p->needs_item = p->needs_item || current;
	p->depth = MAX(p->depth, depth_of(from));
}

static void
group_types(struct filter_plan *p)
{
	const struct strings *types = &p->catalog->history.types;
	size_t k;

	p->group = xcalloc(types->n + 1, sizeof *p->group);
	p->seen = xcalloc(types->n + 1, sizeof *p->seen);
	for (size_t i = 0; i < types->n; i++) {
		for (k = 0; k < i; k++)
			if (span_equal_nocase(strings_get(types, (uint32_t)k),
				strings_get(types, (uint32_t)i)))
				break;
		p->group[i] = (uint16_t)k;
	}
	p->group[types->n] = (uint16_t)types->n;
}

static uint64_t *
new_set(size_t n)
{
	return xcalloc(bitset_words(n), sizeof(uint64_t));
}

struct filter_plan *
filter_plan_new(struct filter *f, const struct catalog *c,
    const struct filter_options *o, struct filter_error *e)
{
	struct filter_plan *p;

	if (filter_check(f, c, e) < 0) {
		filter_free(f);
		return NULL;
	}
	p = xcalloc(1, sizeof *p);
	p->f = f;
	p->catalog = c;
	p->options = *o;
	p->n = (f->target == FILTER_ITEMS ? c->items : c->users).strings.n + 1;
	p->exprs = xcalloc(f->n_exprs, sizeof *p->exprs);
	for (size_t i = 0; i < f->n_exprs; i++)
		plan_expr(p, &p->exprs[i], &f->exprs[i]);
	group_types(p);
	return p;
}

static void
free_tests(struct test *tests, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(tests[i].numbers);
		free(tests[i].rows);
		free(tests[i].codes);
		free(tests[i].types);
	}
	free(tests);
}

void
filter_plan_free(struct filter_plan *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->f->n_exprs; i++) {
		struct expr *x = &p->exprs[i];

		free_tests(x->tests, x->parsed->n_tests);
		free_tests(x->conditions, x->parsed->n_conditions);
		free(x->kept);
	}
	for (size_t i = 0; p->stack && i < p->depth; i++)
		free(p->stack[i]);
	free(p->stack);
	free(p->exprs);
	free(p->include);
	free(p->exclude);
	free(p->group);
	free(p->seen);
	filter_free(p->f);
	free(p);
}

const struct filter *
filter_plan_filter(const struct filter_plan *p)
{
	return p->f;
}

bool
filter_plan_needs_user(const struct filter_plan *p)
{
	return p->needs_user;
}

bool
filter_plan_needs_item(const struct filter_plan *p)
{
	return p->needs_item;
}

static bool
any_equal(const double *numbers, size_t n, double x)
{
	for (size_t i = 0; i < n; i++)
		if (x == numbers[i])
			return true;
	return false;
}

/* NaN, our null, is not equal and not in order to anything: false by itself. */
static bool
number_holds(enum filter_op op, double x, const double *numbers, size_t n)
{
	switch (op) {
	case OP_IN:
	case OP_EQ:
		return any_equal(numbers, n, x);
	case OP_NOT_IN:
		return !any_equal(numbers, n, x);
	case OP_NE:
		return !isnan(x) && !isnan(numbers[0]) && x != numbers[0];
	case OP_LT:
		return x < numbers[0];
	case OP_LE:
		return x <= numbers[0];
	case OP_GT:
		return x > numbers[0];
	case OP_GE:
		return x >= numbers[0];
	}
	return false;
}

/* When a value either matches or does not: whether the test holds. */
static bool
holds(enum filter_op op, bool null, bool matches)
{
	return op == OP_NOT_IN ? !matches : op == OP_NE ? !null && !matches : matches;
}

static bool
string_matches(const struct test *t, size_t row)
{
	const struct column *c = t->column;

	for (uint64_t i = c->offset[row]; i < c->offset[row + 1]; i++)
		if (bitset_has(t->codes, c->code[i]))
			return true;
	return false;
}

static bool
is_null(const struct column *c, size_t row)
{
	return c->type == COLUMN_STRING ? c->offset[row] == c->offset[row + 1]
					: isnan(c->number[row]);
}

/* One row; null: it has no values at all. */
static bool
test_row(const struct test *t, size_t row, bool null)
{
	bool matches = false;

	if (t->kind == TEST_NUMBER)
		return number_holds(
		    t->op, null ? NAN : t->column->number[row], t->numbers, t->n);
	if (t->kind == TEST_STRING && !null) {
		null = is_null(t->column, row);
		matches = string_matches(t, row);
	}
	for (size_t i = 0; t->kind == TEST_ID && !null && i < t->n; i++)
		matches = matches || t->rows[i] == row;
	return holds(t->op, null, matches);
}

/* set gets a bit for each row below n of which the condition holds. */
#define EACH_ROW(condition)                                                            \
	for (size_t from = 0; from < n; from += 64) {                                  \
		size_t to = MIN(from + 64, n);                                         \
		uint64_t bits = 0;                                                     \
                                                                                       \
		for (size_t row = from; row < to; row++)                               \
			bits |= (uint64_t)(condition) << (row - from);                 \
		set[from / 64] = bits;                                                 \
	}

static void
number_set(const struct test *t, uint64_t *set, size_t n)
{
	const double *x = t->column->number, limit = t->numbers[0];

	switch (t->op) {
	case OP_LT:
		EACH_ROW(x[row] < limit);
		break;
	case OP_LE:
		EACH_ROW(x[row] <= limit);
		break;
	case OP_GT:
		EACH_ROW(x[row] > limit);
		break;
	case OP_GE:
		EACH_ROW(x[row] >= limit);
		break;
	default:
		EACH_ROW(number_holds(t->op, x[row], t->numbers, t->n));
	}
}

static void
string_set(const struct test *t, uint64_t *set, size_t n)
{
	EACH_ROW(holds(t->op, is_null(t->column, row), string_matches(t, row)));
}

/* Known rows have an ID, so NOT IN and != are one here, but for the unknown row. */
static void
id_set(const struct test *t, uint64_t *set, size_t n)
{
	bitset_clear(set, n);
	for (size_t i = 0; i < t->n; i++)
		bitset_add(set, t->rows[i]);
	if (t->op == OP_NOT_IN || t->op == OP_NE)
		bitset_flip(set, n);
}

/* The column's code for another column's value, or NONE. */
static uint32_t
code_of(const struct test *t, uint32_t code)
{
	return t->current == t->column ? code
				       : strings_find_sorted(&t->column->values,
					     strings_get(&t->current->values, code));
}

/* Want the current item's values, or want them no more. */
static void
current_codes(struct test *t, uint32_t item, bool want)
{
	const struct column *c = t->current;
	uint32_t code;

	for (uint64_t i = c->offset[item]; i < c->offset[item + 1]; i++) {
		code = code_of(t, c->code[i]);
		if (code == NONE)
			continue;
		if (want)
			bitset_add(t->codes, code);
		else
			bitset_remove(t->codes, code);
	}
}

/* A test against the current item, which has a value there, or it is false. */
static void
current_set(struct test *t, uint64_t *set, size_t n, uint32_t item)
{
	if (item == NONE || is_null(t->current, item)) {
		bitset_clear(set, n);
		return;
	}
	if (t->kind == TEST_NUMBER) {
		t->numbers[0] = t->current->number[item];
		number_set(t, set, n);
		return;
	}
	current_codes(t, item, true);
	string_set(t, set, n);
	current_codes(t, item, false);
}

/*
 * Walk a user's interactions: into hit the rows with a wanted event, into touched
 * (unless NULL) those with any. row < 0: the item is the row, else that is.
 */
static void
walk_history(struct filter_plan *p, const struct test *t, uint32_t user, long long row,
    uint64_t *hit, uint64_t *touched)
{
	const struct history *h = &p->catalog->history;
	size_t limit = p->options.history_limit;

	if (user == NONE || !h->offset)
		return;
	if (limit)
		memset(p->seen, 0, (h->types.n + 1) * sizeof *p->seen);
	for (uint64_t i = h->offset[user]; i < h->offset[user + 1]; i++) {
		size_t type = MIN((size_t)h->type[i], h->types.n);
		size_t at = row < 0 ? h->item[i] : (size_t)row;

		if (limit && p->seen[p->group[type]]++ >= limit)
			continue;
		if (t->types[type])
			bitset_add(hit, at);
		if (touched)
			bitset_add(touched, at);
	}
}

static void
event_set(struct filter_plan *p, const struct test *t, uint64_t *set, uint32_t user)
{
	uint64_t *touched = t->op == OP_NE ? new_set(p->n) : NULL;

	bitset_clear(set, p->n);
	if (p->f->target == FILTER_ITEMS)
		walk_history(p, t, user, -1, set, touched);
	else
		for (uint32_t u = 0; u + 1 < p->n; u++)
			walk_history(p, t, u, u, set, touched);
	if (t->op == OP_NOT_IN || t->op == OP_NE)
		bitset_flip(set, p->n);
	if (touched)
		bitset_and(set, touched, p->n);
	free(touched);
}

static void
test_set(
    struct filter_plan *p, struct test *t, uint64_t *set, uint32_t user, uint32_t item)
{
	size_t known = p->n - 1;

	if (t->kind == TEST_EVENT) {
		event_set(p, t, set, user);
		return;
	}
	bitset_clear(set, p->n);
	if (t->current)
		current_set(t, set, known, item);
	else if (t->kind == TEST_NUMBER)
		number_set(t, set, known);
	else if (t->kind == TEST_STRING)
		string_set(t, set, known);
	else
		id_set(t, set, known);
	if (!t->current && test_row(t, known, true))
		bitset_add(set, known);
}

/* The sets of a plan are made when first needed: checking alone needs none. */
static void
make_sets(struct filter_plan *p)
{
	p->stack = xcalloc(p->depth, sizeof *p->stack);
	for (size_t i = 0; i < p->depth; i++)
		p->stack[i] = new_set(p->n);
	p->include = new_set(p->n);
	p->exclude = new_set(p->n);
}

static const uint64_t *
expr_set(struct filter_plan *p, struct expr *x, uint32_t user, uint32_t item)
{
	struct test *next = x->tests;
	size_t top = 0;

	if (x->kept)
		return x->kept;
	for (size_t i = 0; i < x->parsed->n_steps; i++) {
		if (x->parsed->steps[i] == STEP_TEST) {
			test_set(p, next++, p->stack[top++], user, item);
			continue;
		}
		top--;
		if (x->parsed->steps[i] == STEP_AND)
			bitset_and(p->stack[top - 1], p->stack[top], p->n);
		else
			bitset_or(p->stack[top - 1], p->stack[top], p->n);
	}
	if (!x->fixed)
		return p->stack[0];
	x->kept = new_set(p->n);
	bitset_copy(x->kept, p->stack[0], p->n);
	return x->kept;
}

/* IF: does the expression apply to this user? */
static bool
applies(const struct expr *x, uint32_t user)
{
	for (size_t i = 0; i < x->parsed->n_conditions; i++)
		if (!test_row(&x->conditions[i], user, user == NONE))
			return false;
	return true;
}

/* (The union of INCLUDE, or all if there is none) without the union of EXCLUDE. */
static void
combine(struct filter_plan *p, uint32_t user, uint32_t item)
{
	bool includes = false;

	bitset_clear(p->include, p->n);
	bitset_clear(p->exclude, p->n);
	for (size_t i = 0; i < p->f->n_exprs; i++) {
		struct expr *x = &p->exprs[i];
		bool include = x->parsed->action == FILTER_INCLUDE;

		if (!applies(x, user))
			continue;
		includes = includes || include;
		bitset_or(include ? p->include : p->exclude, expr_set(p, x, user, item),
		    p->n);
	}
	if (!includes)
		bitset_fill(p->include, p->n);
	bitset_and_not(p->include, p->exclude, p->n);
}

struct filter_set
filter_plan_run(struct filter_plan *p, uint32_t user, uint32_t item)
{
	if (!p->include)
		make_sets(p);
	if (!p->done)
		combine(p, user, item);
	p->done = !p->needs_user && !p->needs_item;
	return (struct filter_set){ p->include, p->n - 1, 0 };
}
