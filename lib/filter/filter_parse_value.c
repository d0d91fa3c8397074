/* filter_parse_value - what a test compares with. */
#include "filter_parser.h"

#include <stdlib.h>

#include "moment.h"

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
	if (t->op == OP_NOT_IN && !f->extended)
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

/* NOW and what is added to it. */
static int
parse_now(struct parser *p, struct filter_value *v)
{
	v->kind = VALUE_NOW;
	p->f->has_now = true;
	if (parser_extended(p, v->at, "NOW()") < 0 || parser_advance(p) < 0 ||
	    parser_advance(p) < 0)
		return -1;
	if (p->token.kind != TOKEN_CLOSE)
		return parser_expected(p, ") behind NOW(");
	return lex_duration(&p->lexer, &v->offset);
}

/* TRUE, FALSE, NOW(). */
static int
parse_word(struct parser *p, struct filter_value *v, const char *what)
{
	if (parser_at_call(p, "NOW"))
		return parse_now(p, v);
	if (!parser_at_word(p, "TRUE") && !parser_at_word(p, "FALSE"))
		return filter_fail(p->e, v->at,
		    "expected %s, found %.*s; text needs quotes around it", what,
		    (int)MIN(p->token.raw.len, (size_t)40), p->token.raw.data);
	v->kind = parser_at_word(p, "TRUE") ? VALUE_TRUE : VALUE_FALSE;
	return parser_extended(p, v->at, "TRUE and FALSE");
}

static bool
is_on_text(enum filter_op op)
{
	return op == OP_CONTAINS || op == OP_STARTS_WITH;
}

static bool
is_event(const struct filter_test *t, enum filter_event event)
{
	return t->subject == OF_FIELD && t->field.source == FROM_INTERACTIONS &&
	       t->field.event == event;
}

/* What can be told without a catalog: orders, counts and events' numbers. */
static int
check_value(struct parser *p, const struct filter_test *t, const struct filter_value *v)
{
	bool event = is_event(t, EVENT_VALUE) || is_event(t, EVENT_TIME);
	double number;

	if (v->kind == VALUE_PLACEHOLDER)
		return 0;
	if (is_on_text(t->op))
		return v->kind == VALUE_STRING
			   ? 0
			   : filter_fail(p->e, v->at, "%s needs \"text\"",
				 filter_op_name(t->op));
	if (t->subject == OF_COUNT &&
	    (v->kind == VALUE_NOW || !filter_number(v->text, &number)))
		return filter_fail(p->e, v->at, "COUNT(...) is compared with a number");
	if (v->kind == VALUE_ANY || (t->op < OP_LT && !event) ||
	    filter_value_number(p->f, v, 0, &number))
		return 0;
	if (v->kind == VALUE_STRING && moment_parse(v->text, &(int64_t){ 0 }))
		return filter_fail(p->e, v->at,
		    "%s needs a number; a date is one if the filter begins with "
		    "EXTENDED",
		    filter_op_name(t->op));
	return filter_fail(p->e, v->at, "%s needs a number%s",
	    event ? t->field.event == EVENT_VALUE ? "EVENT_VALUE" : "TIMESTAMP"
		  : filter_op_name(t->op),
	    p->f->extended ? ", a date like \"2024-01-31\" or NOW()" : "");
}

/* A string, a number, a placeholder and so on: what may stand alone and in lists. */
static int
parse_value(struct parser *p, struct filter_test *t, const char *what)
{
	struct filter_value *v = add_value(p, t);

	switch (p->token.kind) {
	case TOKEN_STRING:
		keep_string(p, v);
		if (span_is(v->text, "*") && is_event(t, EVENT_TYPE) &&
		    !is_on_text(t->op))
			v->kind = VALUE_ANY;
		break;
	case TOKEN_NUMBER:
		v->kind = VALUE_NUMBER;
		v->text = p->token.raw;
		break;
	case TOKEN_STAR:
		v->kind = VALUE_ANY;
		if (!is_event(t, EVENT_TYPE))
			return filter_fail(
			    p->e, v->at, "* stands for any EVENT_TYPE only");
		break;
	case TOKEN_PLACEHOLDER:
		if (parse_placeholder(p, t, v) < 0)
			return -1;
		break;
	case TOKEN_WORD:
		if (parse_word(p, v, what) < 0)
			return -1;
		break;
	default:
		return parser_expected(p, what);
	}
	return check_value(p, t, v) < 0 ? -1 : parser_advance(p);
}

/* A column of the current item or user, which has no placeholders beside it. */
static int
parse_current(struct parser *p, struct filter_test *t)
{
	struct filter_value *v = add_value(p, t);
	bool item = parser_at_word(p, "CurrentItem");

	v->kind = VALUE_FIELD;
	if (!item && parser_extended(p, v->at, "comparison with CurrentUser") < 0)
		return -1;
	if (t->subject != OF_FIELD || t->field.source != FROM_ITEMS)
		return filter_fail(p->e, v->at, "%s can be compared with Items only",
		    item ? "CurrentItem" : "CurrentUser");
	return parser_field(p, &v->field, "CurrentItem");
}

static bool
at_current(const struct parser *p)
{
	return parser_at_word(p, "CurrentItem") || parser_at_word(p, "CurrentUser");
}

static int
parse_list(struct parser *p, struct filter_test *t)
{
	const struct filter_value *v;
	size_t placeholders = 0;

	if (at_current(p) && (t->op == OP_IN || p->f->extended))
		return parse_current(p, t);
	if (parser_take(
		p, TOKEN_OPEN, t->op == OP_IN ? "( behind IN" : "( behind NOT IN") < 0)
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
	if (p->token.kind == TOKEN_WORD)
		return filter_fail(p->e, p->token.at,
		    "expected , or ), found %.*s; is a quote missing?",
		    (int)MIN(p->token.raw.len, (size_t)40), p->token.raw.data);
	return parser_take(p, TOKEN_CLOSE, ", or )");
}

int
parser_values(struct parser *p, struct filter_test *t)
{
	if (t->op <= OP_NOT_IN)
		return parse_list(p, t);
	if (at_current(p))
		return parse_current(p, t);
	if (p->token.kind != TOKEN_OPEN)
		return parse_value(
		    p, t, "a value: a number, \"text\", $NAME or CurrentItem");
	if (parser_advance(p) < 0)
		return -1;
	if (p->token.kind != TOKEN_PLACEHOLDER)
		return parser_expected(p, "$NAME: a list needs IN before it");
	return parse_value(p, t, "$NAME") < 0 ? -1 : parser_take(p, TOKEN_CLOSE, ")");
}
