/*
 * filter_parse_test - one test: a field, an operator, values; COUNT(...); jq(...).
 *
 * Operators and datasets are tables. Refusals use the service's words where they are
 * known.
 */
#include "filter_parser.h"

#include <stdlib.h>
#include <string.h>

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

/* The dataset that jq(...) alone is about. */
static enum filter_source
own_source(const struct parser *p)
{
	return p->place == IN_CONDITION       ? FROM_CURRENT_USER
	       : p->f->target == FILTER_USERS ? FROM_USERS
					      : FROM_ITEMS;
}

static const char *
own_dataset(const struct parser *p)
{
	return p->place == IN_COUNT           ? "Interactions"
	       : p->place == IN_CONDITION     ? "CurrentUser"
	       : p->f->target == FILTER_USERS ? "Users"
					      : "Items";
}

static const char *
fields_here(const struct parser *p)
{
	return p->place == IN_CONDITION       ? "CurrentUser"
	       : p->place == IN_COUNT         ? "Interactions"
	       : p->f->target == FILTER_USERS ? "Users or Interactions"
					      : "Items or Interactions";
}

/* A column alone: a word, and an operator behind it. */
static bool
at_lone_column(const struct parser *p)
{
	static const char *const words[] = { "IN", "NOT", "CONTAINS", "STARTS",
		"LIKE" };
	struct filter_error ignored;
	struct parser ahead = *p;

	ahead.lexer.error = &ignored;
	if (p->token.kind != TOKEN_WORD || parser_advance(&ahead) < 0)
		return false;
	for (size_t i = 0; i < LENGTH(words); i++)
		if (parser_at_word(&ahead, words[i]))
			return true;
	return ahead.token.kind >= TOKEN_EQ;
}

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
		return parser_advance(p) < 0 ? -1 : parser_take(p, TOKEN_DOT, ".");
	}
	if (at_lone_column(p))
		return filter_fail(p->e, field->at,
		    "a column needs its dataset in front, as in %s.%.*s",
		    own_dataset(p), (int)MIN(p->token.raw.len, (size_t)100),
		    p->token.raw.data);
	if (p->token.kind >= TOKEN_EQ)
		return filter_fail(p->e, field->at,
		    "every test begins with its column; expected %s before %.*s", what,
		    (int)p->token.raw.len, p->token.raw.data);
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
	if (f->n_fields >= FILTER_FIELDS && !p->bound && !f->extended)
		return filter_fail(p->e, field.at,
		    "this is the filter's %dth distinct field; a filter has at most "
		    "%d, unless it begins with EXTENDED",
		    FILTER_FIELDS + 1, FILTER_FIELDS);
	f->fields = xrealloc(f->fields, f->n_fields + 1, sizeof *f->fields);
	f->fields[f->n_fields++] = field;
	return 0;
}

static const char *const events[] = {
	[EVENT_TYPE] = "EVENT_TYPE",
	[EVENT_VALUE] = "EVENT_VALUE",
	[EVENT_TIME] = "TIMESTAMP",
};

static int
parse_event_field(struct parser *p, struct filter_field *field)
{
	for (size_t i = 0; i < LENGTH(events); i++)
		if (parser_at_word(p, events[i])) {
			field->event = (enum filter_event)i;
			field->name = span_of(events[i]);
		}
	if (field->event == EVENT_TYPE && !parser_at_word(p, "EVENT_TYPE"))
		return filter_fail(p->e, p->token.at,
		    p->f->extended ? "of Interactions only EVENT_TYPE, EVENT_VALUE and "
				     "TIMESTAMP can be filtered"
				   : "of Interactions only EVENT_TYPE can be filtered");
	if (field->event == EVENT_TYPE || p->f->extended)
		return 0;
	return filter_fail(p->e, p->token.at,
	    "of Interactions only EVENT_TYPE can be filtered, unless the filter begins "
	    "with EXTENDED");
}

/* Behind the dataset and its point. */
static int
parse_column(struct parser *p, struct filter_field *field)
{
	field->name = p->token.raw;
	if (p->token.kind != TOKEN_WORD)
		return parser_expected(p, "a column's name");
	if (field->source == FROM_INTERACTIONS && parse_event_field(p, field) < 0)
		return -1;
	return count_field(p, *field) < 0 ? -1 : parser_advance(p);
}

int
parser_field(struct parser *p, struct filter_field *field, const char *what)
{
	return parse_dataset(p, field, what) < 0 ? -1 : parse_column(p, field);
}

static int
check_current_user(struct parser *p, const struct filter_field *field)
{
	if (p->f->target == FILTER_USERS)
		return filter_fail(p->e, field->at,
		    "a UserID filter has no current user; expected Users");
	if (!p->f->extended)
		return filter_fail(p->e, field->at,
		    "CurrentUser stands behind IF only, unless the filter begins with "
		    "EXTENDED");
	return 0;
}

/* Which datasets a test may use, given the target and where it stands. */
static int
check_source(struct parser *p, const struct filter_field *field)
{
	enum filter_source source = field->source;
	bool users = p->f->target == FILTER_USERS;

	if (p->place == IN_CONDITION && source != FROM_CURRENT_USER)
		return filter_fail(
		    p->e, field->at, "behind IF only CurrentUser can be tested");
	if (p->place == IN_COUNT && source != FROM_INTERACTIONS)
		return filter_fail(
		    p->e, field->at, "inside COUNT only Interactions can be tested");
	if (p->place == IN_WHERE && source == FROM_CURRENT_USER)
		return check_current_user(p, field);
	if (source == FROM_CURRENT_ITEM)
		return filter_fail(p->e, field->at,
		    "CurrentItem stands behind an operator only, as in Items.PRICE < "
		    "CurrentItem.PRICE");
	if (source == FROM_USERS && !users)
		return filter_fail(p->e, field->at,
		    "ItemID filters test Items or Interactions; expected those, or IF "
		    "CurrentUser.%.*s at the end",
		    (int)MIN(field->name.len, (size_t)100), field->name.data);
	if (source == FROM_ITEMS && users)
		return filter_fail(
		    p->e, field->at, "UserID filters test Users or Interactions");
	return 0;
}

static const struct operator_name {
	const char *name;
	enum token_kind token; /* TOKEN_WORD: words */
} operators[] = {
	[OP_IN] = { "IN", TOKEN_WORD },
	[OP_NOT_IN] = { "NOT IN", TOKEN_WORD },
	[OP_CONTAINS] = { "CONTAINS", TOKEN_WORD },
	[OP_STARTS_WITH] = { "STARTS WITH", TOKEN_WORD },
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

/* Operators of other languages. */
static const struct stranger {
	const char *name, *instead;
} strangers[] = {
	{ "LIKE", "a filter that begins with EXTENDED has CONTAINS and STARTS WITH" },
	{ "BETWEEN", "write two tests, one with >= and one with <=" },
	{ "IS", "null is NOT IN any list, and equal to nothing" },
};

/* An operator of one word, or of two. */
static int
take_operator(
    struct parser *p, struct filter_test *t, enum filter_op op, const char *second)
{
	t->op = op;
	if (parser_advance(p) < 0)
		return -1;
	return second ? parser_take_word(p, second) : 0;
}

static int
parse_operator(struct parser *p, struct filter_test *t)
{
	if (parser_at_word(p, "NOT"))
		return take_operator(p, t, OP_NOT_IN, "IN");
	if (parser_at_word(p, "IN"))
		return take_operator(p, t, OP_IN, NULL);
	for (size_t i = OP_EQ; i < LENGTH(operators); i++)
		if (p->token.kind == operators[i].token)
			return take_operator(p, t, (enum filter_op)i, NULL);
	if (parser_at_word(p, "CONTAINS"))
		return parser_extended(p, p->token.at, "CONTAINS") < 0
			   ? -1
			   : take_operator(p, t, OP_CONTAINS, NULL);
	if (parser_at_word(p, "STARTS"))
		return parser_extended(p, p->token.at, "STARTS WITH") < 0
			   ? -1
			   : take_operator(p, t, OP_STARTS_WITH, "WITH");
	for (size_t i = 0; i < LENGTH(strangers); i++)
		if (parser_at_word(p, strangers[i].name))
			return filter_fail(p->e, p->token.at, "there is no %s; %s",
			    strangers[i].name, strangers[i].instead);
	return parser_expected(p,
	    p->f->extended ? "IN, NOT IN, =, !=, <, <=, >, >=, CONTAINS or STARTS WITH"
			   : "IN, NOT IN, =, !=, <, <=, > or >=");
}

static int
check_operator(struct parser *p, const struct filter_test *t, size_t at)
{
	bool event = t->field.source == FROM_INTERACTIONS;

	if (event && t->field.event == EVENT_TYPE && t->op >= OP_LT)
		return filter_fail(p->e, at, "%s needs a number; EVENT_TYPE is text",
		    filter_op_name(t->op));
	if (event && t->field.event != EVENT_TYPE &&
	    (t->op == OP_CONTAINS || t->op == OP_STARTS_WITH))
		return filter_fail(p->e, at, "%s needs text; %s is a number",
		    filter_op_name(t->op), events[t->field.event]);
	return 0;
}

/* jq(...), behind its dataset if that was given. */
static int
parse_jq(struct parser *p, struct filter_test *t)
{
	struct span text = p->lexer.text;

	t->subject = OF_JQ;
	if (parser_extended(p, p->token.at, "jq(...)") < 0)
		return -1;
	p->lexer.at = (size_t)((const char *)memchr(text.data + p->lexer.at, '(',
				   text.len - p->lexer.at) -
			       text.data) +
		      1;
	if (lex_program(&p->lexer, &t->program) < 0)
		return -1;
	if (!t->program.len)
		return filter_fail(p->e, p->lexer.at - 1,
		    "expected a jq program, as in jq(.PRICE < .OLD_PRICE)");
	if (memchr(t->program.data, '\0', t->program.len))
		return filter_fail(p->e, t->at, "a jq program has no NUL");
	p->f->has_jq = true;
	return parser_advance(p);
}

static int
parse_count(struct parser *p, struct filter_test *t)
{
	enum parser_place place = p->place;

	t->subject = OF_COUNT;
	t->field.source = FROM_INTERACTIONS;
	if (parser_extended(p, t->at, "COUNT(...)") < 0)
		return -1;
	if (place != IN_WHERE)
		return filter_fail(p->e, t->at,
		    place == IN_COUNT ? "COUNT cannot stand inside COUNT"
				      : "behind IF only CurrentUser can be tested");
	p->place = IN_COUNT;
	if (parser_advance(p) < 0 || parser_advance(p) < 0 ||
	    parser_logic(p, &t->counted) < 0 ||
	    parser_take(p, TOKEN_CLOSE, "AND, OR or )") < 0)
		return -1;
	p->place = place;
	if (p->token.kind < TOKEN_EQ)
		return parser_expected(p, "=, !=, <, <=, > or >= behind COUNT(...)");
	return parse_operator(p, t) < 0 ? -1 : parser_values(p, t);
}

int
parser_test(struct parser *p, struct filter_test *t)
{
	size_t at;

	t->at = t->field.at = p->token.at;
	if (parser_at_call(p, "COUNT"))
		return parse_count(p, t);
	if (parser_at_call(p, "jq")) {
		t->field.source = own_source(p);
		return p->place == IN_COUNT
			   ? filter_fail(p->e, t->at,
				 "inside COUNT only Interactions can be tested")
			   : parse_jq(p, t);
	}
	if (parse_dataset(p, &t->field, fields_here(p)) < 0)
		return -1;
	if (parser_at_call(p, "jq"))
		return t->field.source == FROM_INTERACTIONS
			   ? filter_fail(p->e, t->at,
				 "jq(...) is about items and users; for interactions "
				 "there is COUNT(...)")
		       : check_source(p, &t->field) < 0 ? -1
							: parse_jq(p, t);
	if (parse_column(p, &t->field) < 0 || check_source(p, &t->field) < 0)
		return -1;
	at = p->token.at;
	if (parse_operator(p, t) < 0 || check_operator(p, t, at) < 0)
		return -1;
	return parser_values(p, t);
}
