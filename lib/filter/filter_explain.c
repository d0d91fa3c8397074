/* filter_explain - what a filter means, and why it lets one item in, another not. */
#include "filter_explain.h"

#include <math.h>
#include <stdlib.h>

#include "catalog_print.h"
#include "filter_plan.h"
#include "filter_print.h"

/* A test that stands outside COUNT, and its set. */
struct traced {
	struct plan_test *test;
	size_t expr;
	bool condition; /* behind IF */
	uint64_t *set;
};

struct plan_trace {
	struct traced *tests; /* [n] */
	size_t n;
	bool *applies;      /* [n_exprs] */
	uint64_t **selects; /* [n_exprs] */
	uint64_t *allowed;
	struct buf text;
};

static void
trace_node(struct plan_trace *t, struct plan_node *node, size_t expr, bool condition)
{
	if (node->kind == NODE_TEST) {
		t->tests = xrealloc(t->tests, t->n + 1, sizeof *t->tests);
		t->tests[t->n++] =
		    (struct traced){ &node->test, expr, condition, NULL };
	}
	for (size_t i = 0; i < node->n; i++)
		trace_node(t, &node->children[i], expr, condition);
}

/* Tests in the order of the text, which a plan may have changed. */
static int
by_place(const void *a, const void *b)
{
	const struct traced *x = a, *y = b;
	size_t i = x->test->parsed->at, k = y->test->parsed->at;

	return (i > k) - (i < k);
}

static void
trace_exprs(struct plan_trace *t, struct filter_plan *p, uint32_t user, uint32_t item)
{
	t->applies = xcalloc(p->f->n_exprs, sizeof *t->applies);
	t->selects = xcalloc(p->f->n_exprs, sizeof *t->selects);
	for (size_t i = 0; i < p->f->n_exprs; i++) {
		struct plan_expr *x = &p->exprs[i];

		trace_node(t, &x->where, i, false);
		if (x->parsed->condition)
			trace_node(t, &x->condition, i, true);
		t->applies[i] = filter_plan_applies(p, x, user);
		t->selects[i] = bitset_new(p->n);
		filter_plan_where(p, x, t->selects[i], user, item);
	}
}

static struct plan_trace *
trace_new(struct filter_plan *p, uint32_t user, uint32_t item)
{
	struct plan_trace *t = xcalloc(1, sizeof *t);

	trace_exprs(t, p, user, item);
	t->allowed = bitset_new(p->n);
	bitset_copy(t->allowed, filter_plan_run(p, user, item).words, p->n);
	if (t->n)
		qsort(t->tests, t->n, sizeof *t->tests, by_place);
	for (size_t i = 0; i < t->n; i++) {
		t->tests[i].set = bitset_new(p->n);
		filter_plan_test(p, t->tests[i].test, t->tests[i].set, user, item);
	}
	return t;
}

static void
trace_free(struct plan_trace *t, size_t n_exprs)
{
	for (size_t i = 0; i < t->n; i++)
		free(t->tests[i].set);
	for (size_t i = 0; i < n_exprs; i++)
		free(t->selects[i]);
	free(t->selects);
	free(t->applies);
	free(t->allowed);
	free(t->tests);
	buf_release(&t->text);
	free(t);
}

static void
add_text(struct buf *out, const struct buf *text)
{
	json_quote(out, text->data, text->len);
}

static void
add_names(struct buf *out, const struct filter *f)
{
	struct buf name = { 0 };

	buf_adds(out, ",\"fields\":[");
	for (size_t i = 0; i < f->n_fields; i++) {
		buf_clear(&name);
		filter_print_field(&f->fields[i], &name);
		buf_adds(out, i ? "," : "");
		add_text(out, &name);
	}
	buf_adds(out, "],\"placeholders\":[");
	for (size_t i = 0; i < f->n_placeholders; i++) {
		buf_adds(out, i ? "," : "");
		json_quote(out, f->placeholders[i].data, f->placeholders[i].len);
	}
	buf_addc(out, ']');
	buf_release(&name);
}

static void
add_totals(struct buf *out, const struct filter_plan *p, const struct plan_trace *t)
{
	buf_addf(out, ",\"%s\":%zu,\"pass\":%zu,\"needs\":[%s%s%s]",
	    p->f->target == FILTER_ITEMS ? "items" : "users", p->n - 1,
	    bitset_count(t->allowed, p->n - 1), p->needs_user ? "\"userId\"" : "",
	    p->needs_user && p->needs_item ? "," : "",
	    p->needs_item ? "\"itemId\"" : "");
}

struct listing {
	struct buf *out, text;
	const struct filter_plan *p; /* NULL: no numbers */
	const struct plan_trace *trace;
	size_t n;
};

/* Whether no row has the value, so that the test asks for nothing: a slip, perhaps. */
static bool
is_unknown(const struct filter_plan *p, const struct plan_test *t,
    const struct filter_value *v)
{
	const struct strings *types = &p->catalog->history.types;
	enum filter_source source = t->parsed->field.source;
	bool user = source == FROM_USERS || source == FROM_CURRENT_USER;

	if (v->kind != VALUE_STRING || t->op == OP_CONTAINS || t->op == OP_STARTS_WITH)
		return false;
	if (t->kind == TEST_ID)
		return ids_find(user ? &p->catalog->users : &p->catalog->items,
			   v->text) == NONE;
	if (t->kind == TEST_STRING)
		return strings_find_sorted(&t->column->values, v->text) == NONE;
	for (uint32_t k = 0; t->types && k < types->n; k++)
		if (span_equal_nocase(strings_get(types, k), v->text))
			return false;
	return t->types;
}

/* How many rows hold the test, and which of its values no row has. */
static void
list_numbers(const struct listing *l, const struct traced *t)
{
	const struct filter_test *parsed = t->test->parsed;
	size_t n = 0;

	buf_addf(l->out, ",\"holds\":%zu", bitset_count(t->set, l->p->n - 1));
	for (size_t i = 0; i < parsed->n_values; i++) {
		struct span text = parsed->values[i].text;

		if (!is_unknown(l->p, t->test, &parsed->values[i]))
			continue;
		buf_adds(l->out, n++ ? "," : ",\"unknown\":[");
		json_quote(l->out, text.data, text.len);
	}
	buf_adds(l->out, n ? "]" : "");
}

static void
list_test(struct listing *l, const struct filter_test *t)
{
	buf_clear(&l->text);
	filter_print_test(t, &l->text);
	buf_adds(l->out, l->n++ ? ",{\"test\":" : "{\"test\":");
	add_text(l->out, &l->text);
	for (size_t i = 0; l->trace && i < l->trace->n; i++)
		if (l->trace->tests[i].test->parsed == t)
			list_numbers(l, &l->trace->tests[i]);
	buf_addc(l->out, '}');
}

/* The tests below the node but those inside COUNT. */
static void
list_tests(struct listing *l, const struct filter_node *node)
{
	if (node->kind == NODE_TEST)
		list_test(l, &node->test);
	for (node = node->child; node; node = node->next)
		list_tests(l, node);
}

static void
add_parts(struct buf *out, const struct filter *f, const struct filter_plan *p,
    const struct plan_trace *trace)
{
	struct listing l = { .out = out, .p = p, .trace = trace };

	buf_adds(out, ",\"parts\":[");
	for (size_t i = 0; i < f->n_exprs; i++) {
		buf_clear(&l.text);
		filter_print_expr(f, &f->exprs[i], &l.text);
		buf_adds(out, i ? ",{\"part\":" : "{\"part\":");
		add_text(out, &l.text);
		buf_adds(out, ",\"tests\":[");
		l.n = 0;
		list_tests(&l, f->exprs[i].where);
		if (f->exprs[i].condition)
			list_tests(&l, f->exprs[i].condition);
		buf_adds(out, "]}");
	}
	buf_addc(out, ']');
	buf_release(&l.text);
}

void
filter_describe(struct buf *out, const struct filter *f, struct filter_plan *p)
{
	struct plan_trace *trace = p ? trace_new(p, NONE, NONE) : NULL;
	struct buf text = { 0 };

	filter_print(f, &text);
	buf_adds(out, "{\"expression\":");
	add_text(out, &text);
	add_names(out, f);
	if (p)
		add_totals(out, p, trace);
	add_parts(out, p ? p->f : f, p, trace);
	buf_adds(out, "}\n");
	buf_release(&text);
	if (trace)
		trace_free(trace, p->f->n_exprs);
}

void
filter_explain_open(
    struct filter_explanation *x, struct filter_plan *p, uint32_t user, uint32_t item)
{
	*x = (struct filter_explanation){ p, user, item, trace_new(p, user, item) };
}

void
filter_explain_close(struct filter_explanation *x)
{
	trace_free(x->rows, x->plan->f->n_exprs);
}

static void
add_event(struct buf *out, const struct filter_plan *p, const struct plan_test *t,
    uint64_t event)
{
	const struct history *h = &p->catalog->history;
	struct span type;

	if (t->parsed->field.event == EVENT_TIME)
		buf_addf(out, "%lld", (long long)h->time[event]);
	else if (t->parsed->field.event == EVENT_VALUE)
		catalog_print_number(out, h->value ? (double)h->value[event] : NAN);
	else if (h->type[event] == UINT16_MAX)
		buf_adds(out, "null");
	else {
		type = strings_get(&h->types, h->type[event]);
		json_quote(out, type.data, type.len);
	}
}

/* The values of the events that the user has with the row, or that the row has. */
static void
add_events(struct buf *out, const struct filter_explanation *x,
    const struct plan_test *t, uint32_t row)
{
	bool items = x->plan->f->target == FILTER_ITEMS;
	struct filter_walk w = filter_walk_of(x->plan, items ? x->user : row);
	const uint32_t *item = x->plan->catalog->history.item;
	uint64_t event;
	size_t n = 0;

	buf_addc(out, '[');
	while (filter_walk_next(&w, &event)) {
		if (items && item[event] != row)
			continue;
		buf_adds(out, n++ ? "," : "");
		add_event(out, x->plan, t, event);
	}
	buf_addc(out, ']');
}

static void
add_count(struct buf *out, const struct filter_explanation *x,
    const struct plan_test *t, uint32_t row)
{
	bool items = x->plan->f->target == FILTER_ITEMS;
	struct filter_walk w = filter_walk_of(x->plan, items ? x->user : row);
	const struct history *h = &x->plan->catalog->history;
	uint64_t event;
	size_t n = 0;

	while (filter_walk_next(&w, &event))
		n += (!items || h->item[event] == row) &&
		     filter_event_holds(t->counted, h, event);
	buf_addf(out, "%zu", n);
}

/* What the row has for the test to look at. */
static void
add_value(struct buf *out, const struct filter_explanation *x,
    const struct plan_test *t, uint32_t row)
{
	const struct catalog *c = x->plan->catalog;
	uint32_t of = t->of_user ? x->user : row;
	bool user = t->of_user || x->plan->f->target == FILTER_USERS;

	buf_adds(out, ",\"value\":");
	if (t->kind == TEST_EVENT)
		add_events(out, x, t, row);
	else if (t->kind == TEST_COUNT)
		add_count(out, x, t, row);
	else if (of == NONE)
		buf_adds(out, "null");
	else if (t->kind == TEST_ID)
		catalog_print_id(out, user ? &c->users : &c->items, of);
	else
		catalog_print_cell(out, t->column, of);
}

static void
add_test(struct buf *out, const struct filter_explanation *x, const struct traced *test,
    uint32_t row, size_t bit)
{
	struct buf *text = &x->rows->text;

	buf_clear(text);
	filter_print_test(test->test->parsed, text);
	buf_adds(out, "{\"test\":");
	add_text(out, text);
	if (test->test->kind != TEST_JQ)
		add_value(out, x, test->test, row);
	buf_addf(out, ",\"holds\":%s}", bitset_has(test->set, bit) ? "true" : "false");
}

static void
add_tests(struct buf *out, const struct filter_explanation *x, size_t expr,
    bool condition, uint32_t row, size_t bit)
{
	size_t n = 0;

	buf_adds(out, condition ? ",\"if\":[" : ",\"tests\":[");
	for (size_t i = 0; i < x->rows->n; i++) {
		const struct traced *t = &x->rows->tests[i];

		if (t->expr != expr || t->condition != condition)
			continue;
		buf_adds(out, n++ ? "," : "");
		add_test(out, x, t, row, bit);
	}
	buf_addc(out, ']');
}

static const char *
boolean(bool value)
{
	return value ? "true" : "false";
}

static void
add_part(struct buf *out, const struct filter_explanation *x, size_t expr, uint32_t row,
    size_t bit)
{
	const struct plan_expr *e = &x->plan->exprs[expr];
	struct buf *text = &x->rows->text;

	buf_clear(text);
	filter_print_expr(x->plan->f, e->parsed, text);
	buf_adds(out, "{\"part\":");
	add_text(out, text);
	if (e->parsed->condition) {
		buf_addf(out, ",\"applies\":%s", boolean(x->rows->applies[expr]));
		add_tests(out, x, expr, true, row, bit);
	}
	buf_addf(
	    out, ",\"selects\":%s", boolean(bitset_has(x->rows->selects[expr], bit)));
	add_tests(out, x, expr, false, row, bit);
	buf_addc(out, '}');
}

/* The part that decides: an EXCLUDE that selects the row, else an INCLUDE that does. */
static void
add_why(struct buf *out, const struct filter_explanation *x, size_t bit)
{
	const struct filter *f = x->plan->f;
	struct buf *text = &x->rows->text;
	const struct filter_expr *by = NULL;
	bool includes = false;

	for (size_t i = 0; i < f->n_exprs; i++) {
		const struct filter_expr *e = &f->exprs[i];

		if (!x->rows->applies[i])
			continue;
		includes = includes || e->action == FILTER_INCLUDE;
		if (bitset_has(x->rows->selects[i], bit) &&
		    (!by || e->action == FILTER_EXCLUDE))
			by = e;
	}
	buf_clear(text);
	if (by)
		filter_print_expr(f, by, text);
	else
		buf_adds(text, includes ? "no INCLUDE selects it"
					: "no INCLUDE applies, no EXCLUDE selects it");
	buf_adds(out, ",\"why\":");
	add_text(out, text);
}

void
filter_explain_row(
    struct filter_explanation *x, uint32_t row, struct span id, struct buf *out)
{
	size_t bit = row == NONE ? x->plan->n - 1 : row;
	bool items = x->plan->f->target == FILTER_ITEMS;

	buf_adds(out, items ? "{\"itemId\":" : "{\"userId\":");
	json_quote(out, id.data, id.len);
	buf_addf(out, ",\"allowed\":%s", boolean(bitset_has(x->rows->allowed, bit)));
	add_why(out, x, bit);
	buf_adds(out, ",\"parts\":[");
	for (size_t i = 0; i < x->plan->f->n_exprs; i++) {
		buf_adds(out, i ? "," : "");
		add_part(out, x, i, row, bit);
	}
	buf_adds(out, "]}\n");
}
