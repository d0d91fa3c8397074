/* filter_explain - why a filter lets one item in and another not. */
#include "filter_explain.h"

#include <math.h>

#include "catalog_print.h"
#include "filter_print.h"
#include "filter_trace.h"

static void
add_text(struct buf *out, const struct buf *text)
{
	json_quote(out, text->data, text->len);
}

void
filter_explain_open(
    struct filter_explanation *x, struct filter_plan *p, uint32_t user, uint32_t item)
{
	*x = (struct filter_explanation){ p, user, item,
		filter_trace_new(p, user, item) };
}

void
filter_explain_close(struct filter_explanation *x)
{
	filter_trace_free(x->rows);
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
		catalog_print_value(out, h->value ? h->value[event] : NAN);
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
