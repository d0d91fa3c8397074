/*
 * filter_parse - recursive descent over the grammar of pz-filter(7).
 *
 * Each function reads one rule; the token at hand is always p->token. This part has
 * filters and expressions; filter_parse_logic.c has what joins tests,
 * filter_parse_test.c the tests, filter_parse_value.c what they compare with.
 */
#include "filter.h"

#include <stdlib.h>
#include <string.h>

#include "filter_parser.h"
#include "utf8.h"

int
parser_advance(struct parser *p)
{
	return lex_next(&p->lexer, &p->token);
}

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

bool
parser_at_call(const struct parser *p, const char *word)
{
	return parser_at_word(p, word) && lex_peek(&p->lexer) == '(';
}

int
parser_take(struct parser *p, enum token_kind kind, const char *what)
{
	return p->token.kind == kind ? parser_advance(p) : parser_expected(p, what);
}

int
parser_take_word(struct parser *p, const char *word)
{
	return parser_at_word(p, word) ? parser_advance(p) : parser_expected(p, word);
}

int
parser_extended(struct parser *p, size_t at, const char *what)
{
	if (p->f->extended)
		return 0;
	return filter_fail(p->e, at,
	    "the service has no %s; the word EXTENDED in front of the expression "
	    "allows it here",
	    what);
}

static int
parse_action(struct parser *p, struct filter_expr *x)
{
	if (parser_at_word(p, "INCLUDE"))
		x->action = FILTER_INCLUDE;
	else if (parser_at_word(p, "EXCLUDE"))
		x->action = FILTER_EXCLUDE;
	else if (parser_at_word(p, "EXTENDED"))
		return filter_fail(p->e, p->token.at,
		    "EXTENDED stands once, in front of the whole filter");
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

static int
parse_condition(struct parser *p, struct filter_expr *x)
{
	if (p->f->target == FILTER_USERS)
		return filter_fail(p->e, p->token.at,
		    "IF asks about the user a list is made for, and a UserID filter "
		    "has none");
	p->place = IN_CONDITION;
	if (parser_advance(p) < 0 || parser_logic(p, &x->condition) < 0)
		return -1;
	if (parser_at_word(p, "OR"))
		return filter_fail(p->e, p->token.at,
		    "conditions behind IF are joined by AND only, unless the filter "
		    "begins with EXTENDED");
	if (parser_at_word(p, "IF"))
		return filter_fail(p->e, p->token.at,
		    "an expression has one IF; expected AND to add a condition");
	return 0;
}

static struct filter_expr *
add_expr(struct filter *f)
{
	f->exprs = xrealloc(f->exprs, f->n_exprs + 1, sizeof *f->exprs);
	f->exprs[f->n_exprs] = (struct filter_expr){ 0 };
	return &f->exprs[f->n_exprs++];
}

static int
parse_expr(struct parser *p)
{
	struct filter_expr *x = add_expr(p->f);

	p->has_first = false;
	p->place = IN_WHERE;
	if (parse_action(p, x) < 0 || parse_target(p) < 0 ||
	    parser_take_word(p, "WHERE") < 0 || parser_logic(p, &x->where) < 0)
		return -1;
	return parser_at_word(p, "IF") ? parse_condition(p, x) : 0;
}

/* The word in front, if it is there. */
static int
parse_mode(struct parser *p)
{
	if (parser_advance(p) < 0)
		return -1;
	p->f->extended = parser_at_word(p, "EXTENDED");
	return p->f->extended ? parser_advance(p) : 0;
}

static int
parse_filter(struct parser *p)
{
	bool condition;

	if (parse_mode(p) < 0 || parse_expr(p) < 0)
		return -1;
	while (p->token.kind == TOKEN_BAR)
		if (parser_advance(p) < 0 || parse_expr(p) < 0)
			return -1;
	if (p->token.kind == TOKEN_END)
		return 0;
	condition = p->f->exprs[p->f->n_exprs - 1].condition;
	return parser_expected(
	    p, condition ? "AND, | or the end" : "AND, OR, IF, | or the end");
}

/* What asks about a user, whom a line of attributes does not have. */
static int
refuse_user(void *context, const struct filter_test *t)
{
	struct parser *p = context;

	if (t->field.source != FROM_ITEMS)
		return filter_fail(
		    p->e, t->at, "itemAttributes is about items; expected ITEMS");
	for (size_t i = 0; i < t->n_values; i++)
		if (t->values[i].kind == VALUE_FIELD)
			return filter_fail(p->e, t->values[i].at,
			    "itemAttributes has no current item or user");
	if (!p->f->extended && t->op != OP_EQ)
		return filter_fail(p->e, t->field.at,
		    "itemAttributes compares with = only, unless it begins with "
		    "EXTENDED");
	return 0;
}

/* Where the node's first test starts. */
static size_t
start_of(const struct filter_node *node)
{
	while (node->child)
		node = node->child;
	return node->test.at;
}

static int
parse_attributes(struct parser *p)
{
	struct filter_expr *x = add_expr(p->f);

	if (parse_mode(p) < 0 || parser_logic(p, &x->where) < 0 ||
	    filter_each_test(x->where, refuse_user, p) < 0)
		return -1;
	if (!p->f->extended && x->where->kind == NODE_OR)
		return filter_fail(p->e, start_of(x->where->child->next),
		    "itemAttributes joins tests with AND only; give each alternative a "
		    "line, or begin with EXTENDED");
	return p->token.kind == TOKEN_END ? 0 : parser_expected(p, "AND or the end");
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
check_length(const struct parser *p, struct span text)
{
	size_t end = character(text, FILTER_LENGTH);

	if (end == text.len || p->bound || p->f->extended)
		return 0;
	return filter_fail(p->e, end,
	    "an expression has at most %d characters, unless it begins with EXTENDED",
	    FILTER_LENGTH);
}

static struct filter *
parse(
    struct span text, bool bound, int (*start)(struct parser *), struct filter_error *e)
{
	struct parser p = { .e = e, .bound = bound };
	size_t valid = utf8_valid(text.data, text.len);

	if (valid < text.len) {
		filter_fail(e, valid, "invalid UTF-8");
		return NULL;
	}
	p.f = xcalloc(1, sizeof *p.f);
	p.f->text = xmemdup(text.data, text.len);
	p.strings = p.f->strings =
	    memchr(text.data, '\\', text.len) ? xmalloc(text.len) : NULL;
	p.lexer = (struct lexer){ .text = { p.f->text, text.len }, .error = e };
	if (start(&p) < 0 || check_length(&p, text) < 0) {
		filter_free(p.f);
		return NULL;
	}
	return p.f;
}

struct filter *
filter_parse(struct span text, struct filter_error *e)
{
	return parse(text, false, parse_filter, e);
}

struct filter *
filter_parse_bound(struct span text, struct filter_error *e)
{
	return parse(text, true, parse_filter, e);
}

struct filter *
filter_parse_attributes(struct span text, struct filter_error *e)
{
	return parse(text, true, parse_attributes, e);
}

void
filter_free(struct filter *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->n_exprs; i++) {
		parser_free_node(f->exprs[i].where);
		parser_free_node(f->exprs[i].condition);
	}
	free(f->exprs);
	free(f->fields);
	free(f->text);
	free(f->strings);
	free(f);
}
