/* filter_describe - what a filter means, and how many rows each test of it lets in. */
#include "filter_explain.h"
#include "filter_print.h"
#include "filter_trace.h"

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
	struct plan_trace *trace = p ? filter_trace_new(p, NONE, NONE) : NULL;
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
	filter_trace_free(trace);
}
