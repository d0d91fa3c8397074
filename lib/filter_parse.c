/*
 * filter_parse - recursive descent over the grammar of pz-filter(7).
 *
 * Each function reads one rule; the token at hand is always p->token. Operators,
 * targets and datasets are tables. Refusals use the service's words where they are
 * known.
 */
#include "filter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "filter_lex.h"

struct parser {
	struct lexer lexer;
	struct token token;
	struct filter *f;
	struct filter_error *e;
	char *strings; /* where the next text without its escapes goes */
	bool bound;
};

static int
advance(struct parser *p)
{
	return lex_next(&p->lexer, &p->token);
}

/* The token at hand is not what the grammar has here. */
static int
expected(struct parser *p, const char *what)
{
	struct span raw = p->token.raw;

	if (p->token.kind == TOKEN_END)
		return filter_fail(
		    p->e, p->token.at, "the expression ends here; expected %s", what);
	return filter_fail(p->e, p->token.at, "expected %s, found %.*s%s", what,
	    (int)MIN(raw.len, (size_t)40), raw.data, raw.len > 40 ? "..." : "");
}

static bool
at_word(const struct parser *p, const char *word)
{
	return p->token.kind == TOKEN_WORD &&
	       span_equal_nocase(p->token.raw, span_of(word));
}

static int
take_word(struct parser *p, const char *word)
{
	return at_word(p, word) ? advance(p) : expected(p, word);
}

static int
take(struct parser *p, enum token_kind kind, const char *what)
{
	return p->token.kind == kind ? advance(p) : expected(p, what);
}

static int
parse_action(struct parser *p, struct filter_expr *x)
{
	if (at_word(p, "INCLUDE"))
		x->action = FILTER_INCLUDE;
	else if (at_word(p, "EXCLUDE"))
		x->action = FILTER_EXCLUDE;
	else
		return expected(p, "INCLUDE or EXCLUDE");
	return advance(p);
}

static int
parse_target(struct parser *p)
{
	bool first = p->f->n_exprs == 1;
	enum filter_target target;

	if (at_word(p, "ItemID"))
		target = FILTER_ITEMS;
	else if (at_word(p, "UserID"))
		target = FILTER_USERS;
	else if (at_word(p, "ActionID"))
		return filter_fail(p->e, p->token.at,
		    "ActionID filters actions, and no batch recipe recommends actions; "
		    "expected ItemID or UserID");
	else
		return expected(p, "ItemID or UserID");
	if (!first && target != p->f->target)
		return filter_fail(p->e, p->token.at,
		    "expressions joined by | must all filter ItemID or all UserID");
	p->f->target = target;
	return advance(p);
}

static const struct dataset_name {
	const char *name;
	int source;
} datasets[] = {
	{ "Interactions", FROM_INTERACTIONS },
	{ "Items", FROM_ITEMS },
	{ "Users", FROM_USERS },
	{ "CurrentUser", FROM_CURRENT_USER },
	{ "CurrentItem", FROM_CURRENT_ITEM },
	{ "Actions", -1 },
	{ "Action", -1 },
	{ "Action_Interactions", -1 },
};

static int
parse_dataset(struct parser *p, struct filter_field *field, const char *what)
{
	field->at = p->token.at;
	for (size_t i = 0; i < LENGTH(datasets); i++) {
		if (!at_word(p, datasets[i].name))
			continue;
		if (datasets[i].source < 0)
			return filter_fail(p->e, field->at,
			    "%s belongs to actions, and no batch recipe recommends "
			    "actions",
			    datasets[i].name);
		field->source = (enum filter_source)datasets[i].source;
		return advance(p);
	}
	return expected(p, what);
}

static bool
same_field(const struct filter_field *a, const struct filter_field *b)
{
	return a->source == b->source && span_equal_nocase(a->name, b->name);
}

/* CurrentUser.AGE and Users.AGE are one field of the service's datasets. */
static int
count_field(struct parser *p, struct filter_field field)
{
	struct filter *f = p->f;

	if (field.source == FROM_CURRENT_USER)
		field.source = FROM_USERS;
	if (field.source == FROM_CURRENT_ITEM)
		field.source = FROM_ITEMS;
	for (size_t i = 0; i < f->n_fields; i++)
		if (same_field(&f->fields[i], &field))
			return 0;
	if (f->n_fields == FILTER_FIELDS && !p->bound)
		return filter_fail(p->e, field.at,
		    "this is the filter's %dth distinct field; a filter has at most %d",
		    FILTER_FIELDS + 1, FILTER_FIELDS);
	f->fields = xrealloc(f->fields, f->n_fields + 1, sizeof *f->fields);
	f->fields[f->n_fields++] = field;
	return 0;
}

static int
parse_field(struct parser *p, struct filter_field *field, const char *what)
{
	if (parse_dataset(p, field, what) < 0 || take(p, TOKEN_DOT, ".") < 0)
		return -1;
	field->name = p->token.raw;
	if (p->token.kind != TOKEN_WORD)
		return expected(p, "a column's name");
	if (field->source == FROM_INTERACTIONS && !at_word(p, "EVENT_TYPE"))
		return filter_fail(p->e, p->token.at,
		    "of Interactions only EVENT_TYPE can be filtered");
	return count_field(p, *field) < 0 ? -1 : advance(p);
}

/* Which datasets a test may use, given the target and where it stands. */
static int
check_source(struct parser *p, const struct filter_test *t, bool condition)
{
	enum filter_source source = t->field.source;
	bool users = p->f->target == FILTER_USERS;

	if (condition && users)
		return filter_fail(p->e, t->field.at,
		    "IF asks about the user a list is made for, and a UserID filter "
		    "has "
		    "none");
	if (condition && source != FROM_CURRENT_USER)
		return filter_fail(
		    p->e, t->field.at, "behind IF only CurrentUser can be tested");
	if (condition)
		return 0;
	if (source == FROM_CURRENT_USER)
		return filter_fail(
		    p->e, t->field.at, "CurrentUser stands behind IF only");
	if (source == FROM_CURRENT_ITEM)
		return filter_fail(p->e, t->field.at,
		    "CurrentItem stands behind an operator only, as in Items.PRICE < "
		    "CurrentItem.PRICE");
	if (source == FROM_USERS && !users)
		return filter_fail(p->e, t->field.at,
		    "ItemID filters test Items or Interactions; expected those, or IF "
		    "CurrentUser.%.*s at the end",
		    (int)MIN(t->field.name.len, (size_t)100), t->field.name.data);
	if (source == FROM_ITEMS && users)
		return filter_fail(
		    p->e, t->field.at, "UserID filters test Users or Interactions");
	return 0;
}

static int
parse_placeholder(struct parser *p, const struct filter_test *t, struct filter_value *v)
{
	struct filter *f = p->f;
	struct span name = p->token.text;

	v->kind = VALUE_PLACEHOLDER;
	v->text = name;
	if (p->bound)
		return filter_fail(p->e, v->at, "no value is bound to $%.*s",
		    (int)MIN(name.len, (size_t)100), name.data);
	if (t->op == OP_NOT_IN)
		return filter_fail(p->e, v->at,
		    "Could not create filter. Invalid input symbol: $%.*s. "
		    "Placeholders "
		    "are not allowed with NOT_IN operator.",
		    (int)MIN(name.len, (size_t)100), name.data);
	if (name.len > FILTER_NAME)
		return filter_fail(p->e, v->at,
		    "a placeholder's name has at most %d characters", FILTER_NAME);
	for (size_t i = 0; i < f->n_placeholders; i++)
		if (span_equal(f->placeholders[i], name)) {
			v->placeholder = i;
			return 0;
		}
	if (f->n_placeholders == FILTER_VALUES)
		return filter_fail(
		    p->e, v->at, "a filter has at most %d placeholders", FILTER_VALUES);
	f->placeholders[f->n_placeholders] = name;
	v->placeholder = f->n_placeholders++;
	return 0;
}

static void
keep_string(struct parser *p, struct filter_value *v)
{
	v->kind = VALUE_STRING;
	v->text = p->token.text;
	if (!p->token.escaped)
		return;
	v->text = (struct span){ p->strings, lex_unescape(&p->token, p->strings) };
	p->strings += v->text.len;
}

static struct filter_value *
add_value(struct parser *p, struct filter_test *t)
{
	struct filter_value *v;

	/* Room for 1, 2, 4, 8 and so on. */
	if (!(t->n_values & (t->n_values - 1)))
		t->values =
		    xrealloc(t->values, t->n_values ? 2 * t->n_values : 1, sizeof *v);
	v = &t->values[t->n_values++];
	*v = (struct filter_value){ .at = p->token.at };
	return v;
}

static bool
orders(enum filter_op op)
{
	return op >= OP_LT;
}

/* A string, a number or a placeholder: what may stand alone and in lists. */
static int
parse_value(struct parser *p, struct filter_test *t, const char *what)
{
	struct filter_value *v = add_value(p, t);
	double number;

	switch (p->token.kind) {
	case TOKEN_STRING:
		keep_string(p, v);
		if (span_is(v->text, "*") && t->field.source == FROM_INTERACTIONS)
			v->kind = VALUE_ANY;
		if (orders(t->op) && !filter_number(v->text, &number))
			return filter_fail(
			    p->e, v->at, "%s needs a number", filter_op_name(t->op));
		break;
	case TOKEN_NUMBER:
		v->kind = VALUE_NUMBER;
		v->text = p->token.raw;
		break;
	case TOKEN_STAR:
		v->kind = VALUE_ANY;
		if (t->field.source != FROM_INTERACTIONS)
			return filter_fail(
			    p->e, v->at, "* stands for any EVENT_TYPE only");
		break;
	case TOKEN_PLACEHOLDER:
		if (parse_placeholder(p, t, v) < 0)
			return -1;
		break;
	default:
		return expected(p, what);
	}
	return advance(p);
}

static int
parse_current_item(struct parser *p, struct filter_test *t)
{
	struct filter_value *v = add_value(p, t);

	v->kind = VALUE_FIELD;
	if (t->field.source != FROM_ITEMS)
		return filter_fail(
		    p->e, v->at, "CurrentItem can be compared with Items only");
	return parse_field(p, &v->field, "CurrentItem");
}

static int
parse_list(struct parser *p, struct filter_test *t)
{
	const struct filter_value *v;
	size_t placeholders = 0;

	if (t->op == OP_IN && at_word(p, "CurrentItem"))
		return parse_current_item(p, t);
	if (take(p, TOKEN_OPEN, t->op == OP_IN ? "( behind IN" : "( behind NOT IN") < 0)
		return -1;
	for (;;) {
		if (parse_value(p, t, "a value: \"text\", a number or $NAME") < 0)
			return -1;
		v = &t->values[t->n_values - 1];
		placeholders += v->kind == VALUE_PLACEHOLDER;
		if (placeholders > 1)
			return filter_fail(p->e, v->at,
			    "one placeholder takes many values; a list has only one");
		if (p->token.kind != TOKEN_COMMA)
			break;
		if (advance(p) < 0)
			return -1;
	}
	return take(p, TOKEN_CLOSE, ", or )");
}

static int
parse_operand(struct parser *p, struct filter_test *t)
{
	if (at_word(p, "CurrentItem"))
		return parse_current_item(p, t);
	if (p->token.kind != TOKEN_OPEN)
		return parse_value(
		    p, t, "a value: a number, \"text\", $NAME or CurrentItem");
	if (advance(p) < 0)
		return -1;
	if (p->token.kind != TOKEN_PLACEHOLDER)
		return expected(p, "$NAME: a list needs IN before it");
	return parse_value(p, t, "$NAME") < 0 ? -1 : take(p, TOKEN_CLOSE, ")");
}

static const struct operator
{
	const char *name;
	enum token_kind token; /* TOKEN_WORD: IN and NOT IN */
}
operators[] = {
	[OP_IN] = { "IN", TOKEN_WORD },
	[OP_NOT_IN] = { "NOT IN", TOKEN_WORD },
	[OP_EQ] = { "=", TOKEN_EQ },
	[OP_NE] = { "!=", TOKEN_NE },
	[OP_LT] = { "<", TOKEN_LT },
	[OP_LE] = { "<=", TOKEN_LE },
	[OP_GT] = { ">", TOKEN_GT },
	[OP_GE] = { ">=", TOKEN_GE },
};

const char *
filter_op_name(enum filter_op op)
{
	return operators[op].name;
}

static int
parse_operator(struct parser *p, struct filter_test *t)
{
	if (at_word(p, "NOT")) {
		t->op = OP_NOT_IN;
		return advance(p) < 0 ? -1 : take_word(p, "IN");
	}
	if (at_word(p, "IN")) {
		t->op = OP_IN;
		return advance(p);
	}
	for (size_t i = OP_EQ; i < LENGTH(operators); i++)
		if (p->token.kind == operators[i].token) {
			t->op = (enum filter_op)i;
			return advance(p);
		}
	return expected(p, "IN, NOT IN, =, !=, <, <=, > or >=");
}

static int
parse_test(struct parser *p, struct filter_test *t, bool condition)
{
	size_t at;

	if (p->token.kind == TOKEN_OPEN)
		return filter_fail(p->e, p->token.at,
		    "parentheses cannot group tests; AND binds before OR, and | joins "
		    "whole "
		    "expressions");
	if (parse_field(p, &t->field,
		condition ? "CurrentUser" : "Items, Interactions or Users") < 0 ||
	    check_source(p, t, condition) < 0)
		return -1;
	at = p->token.at;
	if (parse_operator(p, t) < 0)
		return -1;
	if (t->field.source == FROM_INTERACTIONS && orders(t->op))
		return filter_fail(p->e, at, "%s needs a number; EVENT_TYPE is text",
		    filter_op_name(t->op));
	return t->op <= OP_NOT_IN ? parse_list(p, t) : parse_operand(p, t);
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
	if (parse_test(p, t, false) < 0 || check_dataset(p, x) < 0)
		return -1;
	add_step(x, STEP_TEST);
	return 0;
}

static int
parse_and(struct parser *p, struct filter_expr *x, bool after_or)
{
	if (parse_where(p, x, after_or) < 0)
		return -1;
	while (at_word(p, "AND")) {
		if (advance(p) < 0 || parse_where(p, x, false) < 0)
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
	while (at_word(p, "OR")) {
		if (advance(p) < 0 || parse_and(p, x, true) < 0)
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

		if (advance(p) < 0 || parse_test(p, t, true) < 0)
			return -1;
	} while (at_word(p, "AND"));
	if (at_word(p, "OR"))
		return filter_fail(
		    p->e, p->token.at, "conditions behind IF are joined by AND only");
	if (at_word(p, "IF"))
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
	    take_word(p, "WHERE") < 0 || parse_or(p, x) < 0)
		return -1;
	return at_word(p, "IF") ? parse_conditions(p, x) : 0;
}

static int
parse_filter(struct parser *p)
{
	bool conditions;

	do {
		if (advance(p) < 0 || parse_expr(p) < 0)
			return -1;
	} while (p->token.kind == TOKEN_BAR);
	if (p->token.kind == TOKEN_END)
		return 0;
	conditions = p->f->exprs[p->f->n_exprs - 1].n_conditions;
	return expected(
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
