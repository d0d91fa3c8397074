/*
 * filter_eval - run a filter over a catalog.
 *
 * Every test becomes a set over all rows, and AND, OR, NOT, INCLUDE, EXCLUDE are words
 * of 64 rows at a time: at a million items one such step takes some 10 microseconds,
 * little beside scoring them. Tests on columns are usually the same for all records
 * and computed once; those on the user's history are not, but that is short.
 *
 * Null: an item's values of a field are a set, empty for null, and an item's event
 * types by this user are such a set too. IN and = ask whether any value matches; NOT
 * IN is the negation of IN; != asks that there are values and none matches; the order
 * comparisons ask whether any value is in order. The last row is the one of unknown
 * items: all null.
 */
#include "filter_eval.h"

#include <math.h>
#include <stdlib.h>

#include "filter_plan.h"

static bool
any_equal(const double *numbers, size_t n, double x)
{
	for (size_t i = 0; i < n; i++)
		if (x == numbers[i])
			return true;
	return false;
}

bool
filter_number_holds(enum filter_op op, double x, const double *numbers, size_t n)
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
	default: /* of text */
		return false;
	}
}

bool
filter_match_holds(enum filter_op op, bool null, bool matches)
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

/* One row; null: it is the one that has no values at all. */
static bool
test_row(const struct plan_test *t, size_t row, bool null)
{
	bool matches = false;

	if (t->kind == TEST_JQ)
		return bitset_has(t->rows, row);
	if (t->kind == TEST_NUMBER)
		return filter_number_holds(
		    t->op, null ? NAN : t->column->number[row], t->numbers, t->n);
	if (t->kind == TEST_STRING && !null) {
		null = is_null(t->column, row);
		matches = string_matches(t, row);
	}
	for (size_t i = 0; t->kind == TEST_ID && !null && i < t->n; i++)
		matches = matches || t->list[i] == row;
	return filter_match_holds(t->op, null, matches);
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
		EACH_ROW(filter_number_holds(t->op, x[row], t->numbers, t->n));
	}
}

/* From the index: any operator on text but !=. */
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
		EACH_ROW(filter_match_holds(
		    t->op, is_null(t->column, row), string_matches(t, row)));
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

/* A test against the current item or user: if that has no value, none is equal to it.
 */
static void
current_set(
    const struct filter_plan *p, struct plan_test *t, uint64_t *set, uint32_t row)
{
	if (row == NONE || is_null(t->current, row)) {
		if (t->op == OP_NOT_IN)
			bitset_fill(set, p->n);
		return;
	}
	if (t->kind == TEST_NUMBER) {
		t->numbers[0] = t->current->number[row];
		number_set(t, set, p->n - 1);
	} else {
		want_current(t, row);
		string_set(p, t, set);
	}
	if (t->op == OP_NOT_IN)
		bitset_add(set, p->n - 1);
}

static void
column_set(struct filter_plan *p, struct plan_test *t, uint64_t *set)
{
	size_t known = p->n - 1;

	if (t->kind == TEST_NUMBER)
		number_set(t, set, known);
	else if (t->kind == TEST_STRING)
		string_set(p, t, set);
	else
		id_set(t, set, known);
	if (test_row(t, known, true))
		bitset_add(set, known);
}

/* The row of the unknown user lies behind those of the others. */
static bool
user_holds(const struct filter_plan *p, const struct plan_test *t, uint32_t user)
{
	return test_row(
	    t, user == NONE ? p->catalog->users.strings.n : user, user == NONE);
}

/* The scratch is made when first needed: checking alone needs none. */
static void
make_scratch(struct filter_plan *p)
{
	if (!p->scratch)
		p->scratch = p->own_scratch = filter_scratch_new(p->catalog);
	filter_scratch_sets(p->scratch, p->depth);
}

void
filter_plan_test(struct filter_plan *p, struct plan_test *t, uint64_t *set,
    uint32_t user, uint32_t item)
{
	make_scratch(p);
	bitset_clear(set, p->n);
	if (t->of_user) {
		if (user_holds(p, t, user))
			bitset_fill(set, p->n);
	} else if (t->kind == TEST_EVENT)
		filter_event_set(p, t, set, user);
	else if (t->kind == TEST_COUNT)
		filter_count_set(p, t, set, user);
	else if (t->kind == TEST_JQ)
		bitset_copy(set, t->rows, p->n);
	else if (t->current)
		current_set(p, t, set, t->current_user ? user : item);
	else
		column_set(p, t, set);
}

/*
 * The node's set: one that it keeps, or the scratch's at this level, which uses those
 * from there on.
 */
static const uint64_t *
node_set(struct filter_plan *p, struct plan_node *node, size_t level, uint32_t user,
    uint32_t item)
{
	uint64_t *set = p->scratch->stack[level];
	const uint64_t *part;

	if (node->kept)
		return node->kept;
	if (node->kind == NODE_TEST)
		filter_plan_test(p, &node->test, set, user, item);
	for (size_t i = 0; i < node->n; i++) {
		part = node_set(p, &node->children[i], level + (i > 0), user, item);
		if (i && node->kind == NODE_AND)
			bitset_and(set, part, p->n);
		else if (i)
			bitset_or(set, part, p->n);
		else if (part != set)
			bitset_copy(set, part, p->n);
	}
	if (node->kind == NODE_NOT)
		bitset_flip(set, p->n);
	if (!node->fixed)
		return set;
	node->kept = bitset_new(p->n);
	bitset_copy(node->kept, set, p->n);
	return node->kept;
}

void
filter_plan_where(struct filter_plan *p, struct plan_expr *x, uint64_t *set,
    uint32_t user, uint32_t item)
{
	make_scratch(p);
	bitset_copy(set, node_set(p, &x->where, 0, user, item), p->n);
}

/* A condition on the current user alone. */
static bool
condition_holds(
    const struct filter_plan *p, const struct plan_node *node, uint32_t user)
{
	if (node->kind == NODE_TEST)
		return user_holds(p, &node->test, user);
	if (node->kind == NODE_NOT)
		return !condition_holds(p, &node->children[0], user);
	for (size_t i = 0; i < node->n; i++)
		if (condition_holds(p, &node->children[i], user) ==
		    (node->kind == NODE_OR))
			return node->kind == NODE_OR;
	return node->kind == NODE_AND;
}

/* IF: does the expression apply to this user? */
bool
filter_plan_applies(
    const struct filter_plan *p, const struct plan_expr *x, uint32_t user)
{
	return !x->parsed->condition || condition_holds(p, &x->condition, user);
}

/* (The union of INCLUDE, or all if there is none) without the union of EXCLUDE. */
static const uint64_t *
combine(struct filter_plan *p, uint32_t user, uint32_t item)
{
	uint64_t *include = p->scratch->include, *exclude = p->scratch->exclude;
	bool includes = false, is_include;

	bitset_clear(include, p->n);
	bitset_clear(exclude, p->n);
	for (size_t i = 0; i < p->f->n_exprs; i++) {
		struct plan_expr *x = &p->exprs[i];

		if (!filter_plan_applies(p, x, user))
			continue;
		is_include = x->parsed->action == FILTER_INCLUDE;
		includes = includes || is_include;
		bitset_or(is_include ? include : exclude,
		    node_set(p, &x->where, 0, user, item), p->n);
	}
	if (!includes)
		bitset_fill(include, p->n);
	bitset_and_not(include, exclude, p->n);
	return include;
}

struct filter_set
filter_plan_run(struct filter_plan *p, uint32_t user, uint32_t item)
{
	const uint64_t *set = p->result;

	if (!set) {
		make_scratch(p);
		set = combine(p, user, item);
	}
	if (!p->needs_user && !p->needs_item && !p->result) {
		p->result = bitset_new(p->n);
		bitset_copy(p->result, set, p->n);
		set = p->result;
		filter_plan_free_kept(p);
	}
	return (struct filter_set){ set, p->n - 1, 0 };
}

int
filter_select(struct filter *f, const struct catalog *c, const struct filter_options *o,
    uint64_t *set, struct filter_error *e)
{
	struct filter_plan *p = filter_plan_new(f, c, o, e);

	if (!p)
		return -1;
	bitset_copy(set, filter_plan_run(p, NONE, NONE).words, p->n);
	filter_plan_free(p);
	return 0;
}
