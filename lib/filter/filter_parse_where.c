/*
 * filter_parse_where - one test: a field, an operator, values.
 *
 * Operators and datasets are tables. Refusals use the service's words where they are
 * known.
 */
#include "filter_parser.h"

int
parser_advance(struct parser *p)
{
	return lex_next(&p->lexer, &p->token);
}

/* The token at hand is not what the grammar has here. */
int
parser_expected(struct parser *p, const char *what)
{
	struct span raw = p->token.raw;

	if (p->token.kind == TOKEN_END)
		return filter_fail(
		    p->e, p->token.at, "the expression ends here; expected %s", what);
	return filter_fail(p->e, p->token.at, "expected %s, found %.*s%s", what,
	    (int)MIN(raw.len, (size_t)40), raw.data, raw.len > 40 ? "..." : "");
}

bool
parser_at_word(const struct parser *p, const char *word)
{
	return p->token.kind == TOKEN_WORD &&
	       span_equal_nocase(p->token.raw, span_of(word));
}

int
parser_take_word(struct parser *p, const char *word)
{
	return parser_at_word(p, word) ? parser_advance(p) : parser_expected(p, word);
}

static int
take(struct parser *p, enum token_kind kind, const char *what)
{
	return p->token.kind == kind ? parser_advance(p) : parser_expected(p, what);
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
		if (!parser_at_word(p, datasets[i].name))
			continue;
		if (datasets[i].source < 0)
			return filter_fail(p->e, field->at,
			    "%s belongs to actions, and no batch recipe recommends "
			    "actions",
			    datasets[i].name);
		field->source = (enum filter_source)datasets[i].source;
		return parser_advance(p);
	}
	return parser_expected(p, what);
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
		return parser_expected(p, "a column's name");
	if (field->source == FROM_INTERACTIONS && !parser_at_word(p, "EVENT_TYPE"))
		return filter_fail(p->e, p->token.at,
		    "of Interactions only EVENT_TYPE can be filtered");
	return count_field(p, *field) < 0 ? -1 : parser_advance(p);
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
		return parser_expected(p, what);
	}
	return parser_advance(p);
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

	if (t->op == OP_IN && parser_at_word(p, "CurrentItem"))
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
		if (parser_advance(p) < 0)
			return -1;
	}
	return take(p, TOKEN_CLOSE, ", or )");
}

static int
parse_operand(struct parser *p, struct filter_test *t)
{
	if (parser_at_word(p, "CurrentItem"))
		return parse_current_item(p, t);
	if (p->token.kind != TOKEN_OPEN)
		return parse_value(
		    p, t, "a value: a number, \"text\", $NAME or CurrentItem");
	if (parser_advance(p) < 0)
		return -1;
	if (p->token.kind != TOKEN_PLACEHOLDER)
		return parser_expected(p, "$NAME: a list needs IN before it");
	return parse_value(p, t, "$NAME") < 0 ? -1 : take(p, TOKEN_CLOSE, ")");
}

static const struct operator_name {
	const char *name;
	enum token_kind token; /* TOKEN_WORD: IN and NOT IN */
} operators[] = {
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
	if (parser_at_word(p, "NOT")) {
		t->op = OP_NOT_IN;
		return parser_advance(p) < 0 ? -1 : parser_take_word(p, "IN");
	}
	if (parser_at_word(p, "IN")) {
		t->op = OP_IN;
		return parser_advance(p);
	}
	for (size_t i = OP_EQ; i < LENGTH(operators); i++)
		if (p->token.kind == operators[i].token) {
			t->op = (enum filter_op)i;
			return parser_advance(p);
		}
	return parser_expected(p, "IN, NOT IN, =, !=, <, <=, > or >=");
}

int
parser_test(struct parser *p, struct filter_test *t, bool condition)
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
