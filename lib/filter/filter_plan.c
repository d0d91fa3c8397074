/* filter_plan - a filter made ready for one catalog: names and values looked up. */
#include "filter_plan.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "filter_jq.h"
#include "filter_lex.h"

/* Of the filter that is being planned. */
struct planner {
	struct filter_plan *p;
	struct filter_error *e;
	bool user, item; /* the node at hand depends on the record's */
};

static bool
is_of_items(enum filter_source source)
{
	return source == FROM_ITEMS || source == FROM_CURRENT_ITEM;
}

static const struct column *
column_of(const struct catalog *c, const struct filter_field *field)
{
	return table_column(
	    is_of_items(field->source) ? &c->item_table : &c->user_table, field->name);
}

static void
plan_numbers(struct planner *a, struct plan_test *t)
{
	const struct filter_test *from = t->parsed;
	bool is_true;

	t->n = from->n_values;
	t->numbers = xcalloc(t->n, sizeof *t->numbers);
	for (size_t i = 0; i < t->n; i++) {
		const struct filter_value *v = &from->values[i];

		if (t->column && t->column->type == COLUMN_BOOLEAN)
			t->numbers[i] =
			    filter_value_boolean(v, &is_true) ? is_true : NAN;
		else if (!filter_value_number(
			     a->p->f, v, a->p->options.now, &t->numbers[i]))
			t->numbers[i] = NAN;
	}
}

/* Whether text is as the operator says: the same, or with the other in it. */
static bool
text_fits(enum filter_op op, struct span text, struct span wanted, bool nocase)
{
	size_t last =
	    op == OP_CONTAINS && text.len > wanted.len ? text.len - wanted.len : 0;

	if (op != OP_CONTAINS && op != OP_STARTS_WITH)
		return nocase ? span_equal_nocase(text, wanted)
			      : span_equal(text, wanted);
	if (text.len < wanted.len)
		return false;
	for (size_t i = 0; i <= last; i++) {
		struct span part = { text.data + i, wanted.len };

		if (nocase ? span_equal_nocase(part, wanted) : span_equal(part, wanted))
			return true;
	}
	return false;
}

static bool
is_on_part(enum filter_op op)
{
	return op == OP_CONTAINS || op == OP_STARTS_WITH;
}

static void
want_code(struct plan_test *t, uint32_t code)
{
	if (code == NONE || bitset_has(t->codes, code))
		return;
	bitset_add(t->codes, code);
	t->list[t->n++] = code;
}

static void
plan_strings(struct plan_test *t)
{
	const struct strings *values = &t->column->values;
	const struct filter_test *from = t->parsed;

	t->kind = TEST_STRING;
	t->codes = bitset_new(values->n);
	if (t->current)
		return;
	t->list =
	    xcalloc(is_on_part(t->op) ? values->n : from->n_values, sizeof *t->list);
	if (is_on_part(t->op)) {
		for (uint32_t i = 0; i < values->n; i++)
			if (text_fits(t->op, strings_get(values, i),
				from->values[0].text, false))
				want_code(t, i);
		return;
	}
	for (size_t i = 0; i < from->n_values; i++)
		want_code(t, strings_find_sorted(values, from->values[i].text));
}

static void
plan_ids(struct plan_test *t, const struct ids *ids)
{
	const struct filter_test *from = t->parsed;

	t->kind = TEST_ID;
	t->list = xcalloc(
	    is_on_part(t->op) ? ids->strings.n : from->n_values, sizeof *t->list);
	if (is_on_part(t->op)) {
		for (uint32_t i = 0; i < ids->strings.n; i++)
			if (text_fits(t->op, strings_get(&ids->strings, i),
				from->values[0].text, false))
				t->list[t->n++] = i;
		return;
	}
	for (size_t i = 0; i < from->n_values; i++) {
		t->list[t->n] = ids_find(ids, from->values[i].text);
		t->n += t->list[t->n] != NONE;
	}
}

static void
plan_types(struct plan_test *t, const struct strings *types)
{
	t->types = xcalloc(types->n + 1, sizeof *t->types);
	for (size_t i = 0; i < t->parsed->n_values; i++) {
		const struct filter_value *v = &t->parsed->values[i];

		for (uint32_t k = 0; k <= types->n; k++)
			if (v->kind == VALUE_ANY ||
			    (k < types->n &&
				text_fits(t->op, strings_get(types, k), v->text, true)))
				t->types[k] = 1;
	}
}

/* EVENT_VALUE is kept as float, so 0.1 must be the float that it is there. */
static void
plan_event(struct planner *a, struct plan_test *t)
{
	t->kind = TEST_EVENT;
	if (t->parsed->field.event == EVENT_TYPE) {
		plan_types(t, &a->p->catalog->history.types);
		return;
	}
	plan_numbers(a, t);
	for (size_t i = 0; t->parsed->field.event == EVENT_VALUE && i < t->n; i++)
		t->numbers[i] = (double)(float)t->numbers[i];
}

static int plan_node(
    struct planner *a, struct plan_node *node, const struct filter_node *from);

static int
plan_count(struct planner *a, struct plan_test *t)
{
	t->kind = TEST_COUNT;
	plan_numbers(a, t);
	t->counted = xcalloc(1, sizeof *t->counted);
	return plan_node(a, t->counted, t->parsed->counted);
}

static int
plan_jq(struct planner *a, struct plan_test *t)
{
	const struct catalog *c = a->p->catalog;
	enum filter_target of =
	    is_of_items(t->parsed->field.source) ? FILTER_ITEMS : FILTER_USERS;
	size_t n = (of == FILTER_ITEMS ? c->items : c->users).strings.n + 1, failed;
	struct filter_jq *own = NULL, *jq = a->p->options.jq;
	int status;

	t->kind = TEST_JQ;
	t->rows = bitset_new(n);
	if (!jq)
		jq = own = filter_jq_new(c, a->p->options.now);
	status = filter_jq_rows(jq, of, t->parsed->program, t->rows, &failed, a->e);
	a->e->at = t->parsed->at;
	filter_jq_free(own);
	return status;
}

static void
plan_column(struct planner *a, struct plan_test *t)
{
	const struct filter_test *from = t->parsed;
	const struct filter_field *other = &from->values[0].field;

	t->column = column_of(a->p->catalog, &from->field);
	if (from->values[0].kind == VALUE_FIELD) {
		t->current = column_of(a->p->catalog, other);
		t->current_user = !is_of_items(other->source);
		a->user = a->user || t->current_user;
		a->item = a->item || !t->current_user;
	}
	if (t->column->type == COLUMN_STRING) {
		plan_strings(t);
		return;
	}
	t->kind = TEST_NUMBER;
	plan_numbers(a, t);
}

static int
plan_test(struct planner *a, struct plan_test *t, const struct filter_test *from)
{
	const struct catalog *c = a->p->catalog;

	t->parsed = from;
	t->op = from->op;
	t->of_user = from->field.source == FROM_CURRENT_USER;
	a->user = a->user || t->of_user ||
		  (from->field.source == FROM_INTERACTIONS &&
		      a->p->f->target == FILTER_ITEMS);
	if (from->subject == OF_COUNT)
		return plan_count(a, t);
	if (from->subject == OF_JQ)
		return plan_jq(a, t);
	if (from->field.source == FROM_INTERACTIONS)
		plan_event(a, t);
	else if (filter_is_id(&from->field))
		plan_ids(t, is_of_items(from->field.source) ? &c->items : &c->users);
	else
		plan_column(a, t);
	return 0;
}

static size_t
count_children(const struct filter_node *from)
{
	size_t n = 0;

	for (from = from->child; from; from = from->next)
		n++;
	return n;
}

/*
 * What no record changes is gathered in one child, in front, so that it is one set
 * that is computed once.
 */
static void
gather_fixed(struct plan_node *node)
{
	struct plan_node *children = xcalloc(node->n, sizeof *children);
	size_t fixed = 0, others = 0;

	for (size_t i = 0; i < node->n; i++)
		fixed += node->children[i].fixed;
	if (fixed < 2 || fixed == node->n) {
		free(children);
		return;
	}
	children[0] = (struct plan_node){ .kind = node->kind,
		.children = xcalloc(fixed, sizeof *children),
		.fixed = true };
	for (size_t i = 0; i < node->n; i++)
		if (node->children[i].fixed)
			children[0].children[children[0].n++] = node->children[i];
		else
			children[1 + others++] = node->children[i];
	free(node->children);
	node->children = children;
	node->n = 1 + others;
}

static int
plan_children(struct planner *a, struct plan_node *node, const struct filter_node *from)
{
	node->children = xcalloc(count_children(from), sizeof *node->children);
	for (from = from->child; from; from = from->next)
		if (plan_node(a, &node->children[node->n++], from) < 0)
			return -1;
	return 0;
}

static int
plan_node(struct planner *a, struct plan_node *node, const struct filter_node *from)
{
	bool user = a->user, item = a->item;
	int status;

	a->user = a->item = false;
	node->kind = from->kind;
	status = from->kind == NODE_TEST ? plan_test(a, &node->test, &from->test)
					 : plan_children(a, node, from);
	node->fixed = !a->user && !a->item;
	a->user = a->user || user;
	a->item = a->item || item;
	if (status == 0 && node->n > 1)
		gather_fixed(node);
	return status;
}

/* How many sets the node holds at once at most. */
static size_t
depth_of(const struct plan_node *node)
{
	size_t most = 1;

	for (size_t i = 0; i < node->n; i++)
		most = MAX(most, depth_of(&node->children[i]) + (i > 0));
	return most;
}

static int
plan_expr(struct planner *a, struct plan_expr *x, const struct filter_expr *from)
{
	x->parsed = from;
	if (plan_node(a, &x->where, from->where) < 0)
		return -1;
	a->p->depth = MAX(a->p->depth, depth_of(&x->where));
	return from->condition ? plan_node(a, &x->condition, from->condition) : 0;
}

struct filter_plan *
filter_plan_new(struct filter *f, const struct catalog *c,
    const struct filter_options *o, struct filter_error *e)
{
	struct planner a = { .e = e };
	struct filter_plan *p;

	if (filter_check(f, c, e) < 0) {
		filter_free(f);
		return NULL;
	}
	if (f->target == FILTER_USERS && !catalog_users_right(c)) {
		filter_free(f);
		filter_fail(e, 0, "%s", catalog_users_damaged);
		return NULL;
	}
	a.p = p = xcalloc(1, sizeof *p);
	p->f = f;
	p->catalog = c;
	p->options = *o;
	p->n = (f->target == FILTER_ITEMS ? c->items : c->users).strings.n + 1;
	p->exprs = xcalloc(f->n_exprs, sizeof *p->exprs);
	for (size_t i = 0; i < f->n_exprs; i++)
		if (plan_expr(&a, &p->exprs[i], &f->exprs[i]) < 0) {
			filter_plan_free(p);
			return NULL;
		}
	p->needs_user = a.user;
	p->needs_item = a.item;
	return p;
}

static void
free_node(struct plan_node *node)
{
	struct plan_test *t = &node->test;

	for (size_t i = 0; i < node->n; i++)
		free_node(&node->children[i]);
	if (t->counted)
		free_node(t->counted);
	free(node->children);
	free(node->kept);
	free(t->counted);
	free(t->numbers);
	free(t->list);
	free(t->codes);
	free(t->types);
	free(t->rows);
}

static void
free_kept(struct plan_node *node)
{
	for (size_t i = 0; i < node->n; i++)
		free_kept(&node->children[i]);
	free(node->kept);
	node->kept = NULL;
}

void
filter_plan_free_kept(struct filter_plan *p)
{
	for (size_t i = 0; i < p->f->n_exprs; i++)
		free_kept(&p->exprs[i].where);
}

void
filter_plan_free(struct filter_plan *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->f->n_exprs; i++) {
		free_node(&p->exprs[i].where);
		free_node(&p->exprs[i].condition);
	}
	free(p->exprs);
	free(p->result);
	filter_scratch_free(p->own_scratch);
	filter_free(p->f);
	free(p);
}

/* Of the tree, and the sets that its nodes keep. */
static size_t
node_bytes(const struct filter_plan *p, const struct plan_node *node)
{
	const struct plan_test *t = &node->test;
	size_t bytes = sizeof *node + sizeof(struct filter_node);
	size_t set = bitset_words(p->n) * sizeof(uint64_t);

	for (size_t i = 0; i < node->n; i++)
		bytes += node_bytes(p, &node->children[i]);
	if (t->counted)
		bytes += node_bytes(p, t->counted);
	if (t->parsed)
		bytes += t->parsed->n_values *
			 (sizeof(struct filter_value) + sizeof(double));
	if (t->codes)
		bytes += bitset_words(t->column->values.n) * sizeof(uint64_t) +
			 t->n * sizeof *t->list;
	if (node->fixed && (p->needs_user || p->needs_item))
		bytes += set;
	return bytes + (t->rows ? set : 0);
}

size_t
filter_plan_bytes(const struct filter_plan *p)
{
	bool constant = !p->needs_user && !p->needs_item;
	size_t bytes = sizeof *p;

	for (size_t i = 0; i < p->f->n_exprs; i++)
		bytes += node_bytes(p, &p->exprs[i].where) +
			 node_bytes(p, &p->exprs[i].condition);
	return bytes + (constant ? bitset_words(p->n) * sizeof(uint64_t) : 0);
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
