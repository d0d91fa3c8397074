/* filter_plan - a filter made ready for one catalog: names and values looked up. */
#include "filter_plan.h"

#include <math.h>
#include <stdlib.h>

static const struct column *
column_of(const struct catalog *c, const struct filter_field *field)
{
	bool item = field->source == FROM_ITEMS || field->source == FROM_CURRENT_ITEM;

	return table_column(item ? &c->item_table : &c->user_table, field->name);
}

static void
plan_numbers(struct plan_test *t, const struct filter_test *from)
{
	t->kind = TEST_NUMBER;
	t->n = from->n_values;
	t->numbers = xcalloc(t->n, sizeof *t->numbers);
	for (size_t i = 0; i < t->n; i++)
		if (!filter_number(from->values[i].text, &t->numbers[i]))
			t->numbers[i] = NAN;
}

static void
plan_strings(struct plan_test *t, const struct filter_test *from)
{
	const struct strings *values = &t->column->values;
	uint32_t code;

	t->kind = TEST_STRING;
	t->codes = bitset_new(values->n);
	if (t->current)
		return;
	t->list = xcalloc(from->n_values, sizeof *t->list);
	for (size_t i = 0; i < from->n_values; i++) {
		code = strings_find_sorted(values, from->values[i].text);
		if (code == NONE || bitset_has(t->codes, code))
			continue;
		bitset_add(t->codes, code);
		t->list[t->n++] = code;
	}
}

static void
plan_ids(struct plan_test *t, const struct filter_test *from, const struct ids *ids)
{
	t->kind = TEST_ID;
	t->list = xcalloc(from->n_values, sizeof *t->list);
	for (size_t i = 0; i < from->n_values; i++) {
		t->list[t->n] = ids_find(ids, from->values[i].text);
		t->n += t->list[t->n] != NONE;
	}
}

static void
plan_events(
    struct plan_test *t, const struct filter_test *from, const struct strings *types)
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
plan_test(struct filter_plan *p, struct plan_test *t, const struct filter_test *from)
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
plan_expr(struct filter_plan *p, struct plan_expr *x, const struct filter_expr *from)
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
free_tests(struct plan_test *tests, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(tests[i].numbers);
		free(tests[i].list);
		free(tests[i].codes);
		free(tests[i].types);
	}
	free(tests);
}

void
filter_plan_free_scratch(struct filter_plan *p)
{
	for (size_t i = 0; p->stack && i < p->depth; i++)
		free(p->stack[i]);
	for (size_t i = 0; i < p->f->n_exprs; i++) {
		free(p->exprs[i].kept);
		p->exprs[i].kept = NULL;
	}
	free(p->stack);
	free(p->exclude);
	p->stack = NULL;
	p->exclude = NULL;
}

void
filter_plan_free(struct filter_plan *p)
{
	if (!p)
		return;
	filter_plan_free_scratch(p);
	for (size_t i = 0; i < p->f->n_exprs; i++) {
		struct plan_expr *x = &p->exprs[i];

		free_tests(x->tests, x->parsed->n_tests);
		free_tests(x->conditions, x->parsed->n_conditions);
	}
	free(p->exprs);
	free(p->include);
	free(p->group);
	free(p->seen);
	filter_free(p->f);
	free(p);
}

static size_t
tests_bytes(const struct plan_test *tests, const struct filter_test *from, size_t n)
{
	size_t bytes = n * (sizeof *tests + sizeof *from);

	for (size_t i = 0; i < n; i++) {
		bytes += from[i].n_values * (sizeof *from->values + sizeof(double));
		if (tests[i].codes)
			bytes += bitset_words(tests[i].column->values.n) * 8;
	}
	return bytes;
}

size_t
filter_plan_bytes(const struct filter_plan *p)
{
	bool constant = !p->needs_user && !p->needs_item;
	size_t sets = constant ? 1 : p->depth + 2, bytes = 1024;

	for (size_t i = 0; i < p->f->n_exprs; i++) {
		const struct plan_expr *x = &p->exprs[i];

		sets += !constant && x->fixed;
		bytes += tests_bytes(x->tests, x->parsed->tests, x->parsed->n_tests) +
			 tests_bytes(x->conditions, x->parsed->conditions,
			     x->parsed->n_conditions);
	}
	return bytes + sets * bitset_words(p->n) * sizeof(uint64_t);
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
