/* filter_trace - what every part and test of a filter says of every row. */
#include "filter_trace.h"

#include <stdlib.h>

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
	t->n_exprs = p->f->n_exprs;
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

struct plan_trace *
filter_trace_new(struct filter_plan *p, uint32_t user, uint32_t item)
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

void
filter_trace_free(struct plan_trace *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->n; i++)
		free(t->tests[i].set);
	for (size_t i = 0; i < t->n_exprs; i++)
		free(t->selects[i]);
	free(t->selects);
	free(t->applies);
	free(t->allowed);
	free(t->tests);
	buf_release(&t->text);
	free(t);
}
