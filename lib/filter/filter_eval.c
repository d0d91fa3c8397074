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

#include "filter_plan.h"

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
string_matches(const struct plan_test *t, size_t row)
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
test_row(const struct plan_test *t, size_t row, bool null)
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
		matches = matches || t->list[i] == row;
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
number_set(const struct plan_test *t, uint64_t *set, size_t n)
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

/* From the index: IN and =, or NOT IN. */
static void
indexed_set(
    const struct plan_test *t, const struct postings *x, uint64_t *set, size_t n)
{
	bitset_clear(set, n);
	for (size_t i = 0; i < t->n; i++)
		for (uint64_t k = x->offset[t->list[i]]; k < x->offset[t->list[i] + 1];
		     k++)
			bitset_add(set, x->row[k]);
	if (t->op == OP_NOT_IN)
		bitset_flip(set, n);
}

static void
string_set(const struct filter_plan *p, const struct plan_test *t, uint64_t *set)
{
	const struct postings *x = NULL;
	size_t n = p->n - 1;

	if (p->index && t->op != OP_NE)
		x = filter_index_get(p->index, t->column);
	if (x)
		indexed_set(t, x, set, n);
	else
		EACH_ROW(holds(t->op, is_null(t->column, row), string_matches(t, row)));
}

/* Known rows have an ID, so NOT IN and != are one here, but for the unknown row. */
static void
id_set(const struct plan_test *t, uint64_t *set, size_t n)
{
	bitset_clear(set, n);
	for (size_t i = 0; i < t->n; i++)
		bitset_add(set, t->list[i]);
	if (t->op == OP_NOT_IN || t->op == OP_NE)
		bitset_flip(set, n);
}

/* The column's code for another column's value, or NONE. */
static uint32_t
code_of(const struct plan_test *t, uint32_t code)
{
	return t->current == t->column ? code
				       : strings_find_sorted(&t->column->values,
					     strings_get(&t->current->values, code));
}

/* Make the current item's values the wanted ones, in place of the last item's. */
static void
want_current(struct plan_test *t, uint32_t item)
{
	const struct column *c = t->current;
	uint64_t from = c->offset[item], to = c->offset[item + 1];
	uint32_t code;

	while (t->n)
		bitset_remove(t->codes, t->list[--t->n]);
	t->list = xrealloc(t->list, to - from, sizeof *t->list);
	for (uint64_t i = from; i < to; i++) {
		code = code_of(t, c->code[i]);
		if (code == NONE || bitset_has(t->codes, code))
			continue;
		bitset_add(t->codes, code);
		t->list[t->n++] = code;
	}
}

/* A test against the current item, which has a value there, or it is false. */
static void
current_set(
    const struct filter_plan *p, struct plan_test *t, uint64_t *set, uint32_t item)
{
	if (item == NONE || is_null(t->current, item)) {
		bitset_clear(set, p->n);
		return;
	}
	if (t->kind == TEST_NUMBER) {
		t->numbers[0] = t->current->number[item];
		number_set(t, set, p->n - 1);
		return;
	}
	want_current(t, item);
	string_set(p, t, set);
}

/*
 * Walk a user's interactions: into hit the rows with a wanted event, into touched
 * (unless NULL) those with any. row < 0: the item is the row, else that is.
 */
static void
walk_history(struct filter_plan *p, const struct plan_test *t, uint32_t user,
    long long row, uint64_t *hit, uint64_t *touched)
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
event_set(
    struct filter_plan *p, const struct plan_test *t, uint64_t *set, uint32_t user)
{
	uint64_t *touched = t->op == OP_NE ? bitset_new(p->n) : NULL;

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
test_set(struct filter_plan *p, struct plan_test *t, uint64_t *set, uint32_t user,
    uint32_t item)
{
	size_t known = p->n - 1;

	if (t->kind == TEST_EVENT) {
		event_set(p, t, set, user);
		return;
	}
	bitset_clear(set, p->n);
	if (t->current)
		current_set(p, t, set, item);
	else if (t->kind == TEST_NUMBER)
		number_set(t, set, known);
	else if (t->kind == TEST_STRING)
		string_set(p, t, set);
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
		p->stack[i] = bitset_new(p->n);
	p->include = bitset_new(p->n);
	p->exclude = bitset_new(p->n);
}

static const uint64_t *
expr_set(struct filter_plan *p, struct plan_expr *x, uint32_t user, uint32_t item)
{
	struct plan_test *next = x->tests;
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
	x->kept = bitset_new(p->n);
	bitset_copy(x->kept, p->stack[0], p->n);
	return x->kept;
}

/* IF: does the expression apply to this user? */
static bool
applies(const struct plan_expr *x, uint32_t user)
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
		struct plan_expr *x = &p->exprs[i];
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
	if (!p->needs_user && !p->needs_item && !p->done) {
		p->done = true;
		filter_plan_free_scratch(p);
	}
	return (struct filter_set){ p->include, p->n - 1, 0 };
}
