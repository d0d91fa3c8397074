/*
 * filter_parse - recursive descent over the grammar of pz-filter(7).
 *
 * Each function reads one rule; the token at hand is always p->token. This half has
 * what joins tests to expressions and filters; filter_parse_where.c has the tests.
 */
#include "filter.h"

#include <stdlib.h>
#include <string.h>

#include "filter_parser.h"
#include "utf8.h"

static int
parse_action(struct parser *p, struct filter_expr *x)
{
	if (parser_at_word(p, "INCLUDE"))
		x->action = FILTER_INCLUDE;
	else if (parser_at_word(p, "EXCLUDE"))
		x->action = FILTER_EXCLUDE;
	else
		return parser_expected(p, "INCLUDE or EXCLUDE");
	return parser_advance(p);
}

static int
parse_target(struct parser *p)
{
	bool first = p->f->n_exprs == 1;
	enum filter_target target;

	if (parser_at_word(p, "ItemID"))
		target = FILTER_ITEMS;
	else if (parser_at_word(p, "UserID"))
		target = FILTER_USERS;
	else if (parser_at_word(p, "ActionID"))
		return filter_fail(p->e, p->token.at,
		    "ActionID filters actions, and no batch recipe recommends actions; "
		    "expected ItemID or UserID");
	else
		return parser_expected(p, "ItemID or UserID");
	if (!first && target != p->f->target)
		return filter_fail(p->e, p->token.at,
		    "expressions joined by | must all filter ItemID or all UserID");
	p->f->target = target;
	return parser_advance(p);
}

static struct filter_test *
add_test(struct filter_test **tests, size_t *n)
{
	*tests = xrealloc(*tests, *n + 1, sizeof **tests);
	(*tests)[*n] = (struct filter_test){ 0 };
	return &(*tests)[(*n)++];
}

static void
add_step(struct filter_expr *x, enum filter_step step)
{
	x->steps = xrealloc(x->steps, x->n_steps + 1, sizeof *x->steps);
	x->steps[x->n_steps++] = step;
}

/* The service: only fields of the dataset that the first test uses. */
static int
check_dataset(struct parser *p, const struct filter_expr *x)
{
	static const char *const names[] = { "Interactions", "Items", "Users" };
	const struct filter_field *first = &x->tests[0].field,
				  *last = &x->tests[x->n_tests - 1].field;

	if (first->source == last->source)
		return 0;
	return filter_fail(p->e, last->at,
	    "one expression tests one dataset, and the first test is on %s; join two "
	    "expressions with | instead",
	    names[first->source]);
}

static int
parse_where(struct parser *p, struct filter_expr *x, bool after_or)
{
	struct filter_test *t = add_test(&x->tests, &x->n_tests);

	t->after_or = after_or;
	if (parser_test(p, t, false) < 0 || check_dataset(p, x) < 0)
		return -1;
	add_step(x, STEP_TEST);
	return 0;
}

static int
parse_and(struct parser *p, struct filter_expr *x, bool after_or)
{
	if (parse_where(p, x, after_or) < 0)
		return -1;
	while (parser_at_word(p, "AND")) {
		if (parser_advance(p) < 0 || parse_where(p, x, false) < 0)
			return -1;
		add_step(x, STEP_AND);
	}
	return 0;
}

static int
parse_or(struct parser *p, struct filter_expr *x)
{
	if (parse_and(p, x, false) < 0)
		return -1;
	while (parser_at_word(p, "OR")) {
		if (parser_advance(p) < 0 || parse_and(p, x, true) < 0)
			return -1;
		add_step(x, STEP_OR);
	}
	return 0;
}

static int
parse_conditions(struct parser *p, struct filter_expr *x)
{
	do {
		struct filter_test *t = add_test(&x->conditions, &x->n_conditions);

		if (parser_advance(p) < 0 || parser_test(p, t, true) < 0)
			return -1;
	} while (parser_at_word(p, "AND"));
	if (parser_at_word(p, "OR"))
		return filter_fail(
		    p->e, p->token.at, "conditions behind IF are joined by AND only");
	if (parser_at_word(p, "IF"))
		return filter_fail(p->e, p->token.at,
		    "an expression has one IF; expected AND to add a condition");
	return 0;
}

static int
parse_expr(struct parser *p)
{
	struct filter *f = p->f;
	struct filter_expr *x;

	f->exprs = xrealloc(f->exprs, f->n_exprs + 1, sizeof *f->exprs);
	x = &f->exprs[f->n_exprs++];
	*x = (struct filter_expr){ 0 };
	if (parse_action(p, x) < 0 || parse_target(p) < 0 ||
	    parser_take_word(p, "WHERE") < 0 || parse_or(p, x) < 0)
		return -1;
	return parser_at_word(p, "IF") ? parse_conditions(p, x) : 0;
}

static int
parse_filter(struct parser *p)
{
	bool conditions;

	do {
		if (parser_advance(p) < 0 || parse_expr(p) < 0)
			return -1;
	} while (p->token.kind == TOKEN_BAR);
	if (p->token.kind == TOKEN_END)
		return 0;
	conditions = p->f->exprs[p->f->n_exprs - 1].n_conditions;
	return parser_expected(
	    p, conditions ? "AND, | or the end" : "AND, OR, IF, | or the end");
}

/* Where the character with this number starts, from 0; len if there is none. */
static size_t
character(struct span text, size_t number)
{
	size_t i = 0;

	for (; i < text.len; i++)
		if (((unsigned char)text.data[i] & 0xc0) != 0x80 && !number--)
			break;
	return i;
}

static int
check_text(struct span text, bool bound, struct filter_error *e)
{
	size_t end = utf8_valid(text.data, text.len);

	if (end < text.len)
		return filter_fail(e, end, "invalid UTF-8");
	end = character(text, FILTER_LENGTH);
	if (end < text.len && !bound)
		return filter_fail(
		    e, end, "an expression has at most %d characters", FILTER_LENGTH);
	return 0;
}

static struct filter *
parse(struct span text, bool bound, struct filter_error *e)
{
	struct parser p = { .e = e, .bound = bound };
	struct filter *f;

	if (check_text(text, bound, e) < 0)
		return NULL;
	p.f = f = xcalloc(1, sizeof *f);
	f->text = xmemdup(text.data, text.len);
	p.strings = f->strings =
	    memchr(text.data, '\\', text.len) ? xmalloc(text.len) : NULL;
	p.lexer = (struct lexer){ .text = { f->text, text.len }, .error = e };
	if (parse_filter(&p) < 0) {
		filter_free(f);
		return NULL;
	}
	return f;
}

struct filter *
filter_parse(struct span text, struct filter_error *e)
{
	return parse(text, false, e);
}

struct filter *
filter_parse_bound(struct span text, struct filter_error *e)
{
	return parse(text, true, e);
}

static void
free_tests(struct filter_test *tests, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(tests[i].values);
	free(tests);
}

void
filter_free(struct filter *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->n_exprs; i++) {
		free_tests(f->exprs[i].tests, f->exprs[i].n_tests);
		free_tests(f->exprs[i].conditions, f->exprs[i].n_conditions);
		free(f->exprs[i].steps);
	}
	free(f->exprs);
	free(f->fields);
	free(f->text);
	free(f->strings);
	free(f);
}
