/*
 * filter_parse_logic - tests joined by AND, OR and NOT.
 *
 * Chains of one word are one node, however long, and parentheses that change nothing
 * leave no trace, so a tree has one normal form.
 */
#include "filter_parser.h"

#include <stdlib.h>

static struct filter_node *
new_node(enum filter_join kind)
{
	struct filter_node *node = xcalloc(1, sizeof *node);

	node->kind = kind;
	return node;
}

void
parser_free_node(struct filter_node *node)
{
	struct filter_node *next;

	for (; node; node = next) {
		next = node->next;
		parser_free_node(node->child);
		parser_free_node(node->test.counted);
		free(node->test.values);
		free(node);
	}
}

int
filter_each_test(const struct filter_node *node,
    int (*call)(void *context, const struct filter_test *t), void *context)
{
	int status = 0;

	if (!node)
		return 0;
	if (node->kind == NODE_TEST) {
		status = call(context, &node->test);
		return status ? status
			      : filter_each_test(node->test.counted, call, context);
	}
	for (node = node->child; node && !status; node = node->next)
		status = filter_each_test(node, call, context);
	return status;
}

/* The service: only fields of the dataset that the first test uses. */
static int
check_dataset(struct parser *p, const struct filter_test *t)
{
	static const char *const names[] = { "Interactions", "Items", "Users" };
	enum filter_source source = t->field.source;

	if (p->place != IN_WHERE || p->f->extended)
		return 0;
	if (!p->has_first)
		p->first = source;
	p->has_first = true;
	if (source == p->first)
		return 0;
	return filter_fail(p->e, t->at,
	    "one expression tests one dataset, and the first test is on %s; join two "
	    "expressions with |, or begin the filter with EXTENDED",
	    names[p->first]);
}

static int
parse_leaf(struct parser *p, struct filter_node **node)
{
	*node = new_node(NODE_TEST);
	return parser_test(p, &(*node)->test) < 0 ? -1
						  : check_dataset(p, &(*node)->test);
}

/* An opening parenthesis or NOT: one level down. */
static int
descend(struct parser *p)
{
	if (p->token.kind == TOKEN_OPEN && !p->f->extended)
		return filter_fail(p->e, p->token.at,
		    "parentheses cannot group tests, unless the filter begins with "
		    "EXTENDED; AND binds before OR, and | joins whole expressions");
	if (p->token.kind != TOKEN_OPEN &&
	    parser_extended(p, p->token.at, "NOT in front of a test") < 0)
		return -1;
	if (p->depth++ == FILTER_DEPTH)
		return filter_fail(p->e, p->token.at,
		    "more than %d parentheses and NOTs within each other",
		    FILTER_DEPTH);
	return parser_advance(p);
}

static int
parse_not(struct parser *p, struct filter_node **node)
{
	int status;

	if (p->token.kind != TOKEN_OPEN && !parser_at_word(p, "NOT"))
		return parse_leaf(p, node);
	if (p->token.kind == TOKEN_OPEN)
		status = descend(p) < 0 || parser_logic(p, node) < 0 ||
				 parser_take(p, TOKEN_CLOSE, "AND, OR or )") < 0
			     ? -1
			     : 0;
	else {
		*node = new_node(NODE_NOT);
		status = descend(p) < 0 ? -1 : parse_not(p, &(*node)->child);
	}
	p->depth--;
	return status;
}

/* Where the list of children from *end on has its end. */
static struct filter_node **
last(struct filter_node **end)
{
	while (*end)
		end = &(*end)->next;
	return end;
}

/* One chain: what parts reads, with the word between, as one node of the kind. */
static int
parse_chain(struct parser *p, enum filter_join kind, const char *word,
    int (*part)(struct parser *p, struct filter_node **node), struct filter_node **node)
{
	struct filter_node *chain, **end, *same;

	if (part(p, node) < 0)
		return -1;
	if (!parser_at_word(p, word))
		return 0;
	chain = new_node(kind);
	chain->child = *node;
	*node = chain;
	end = &chain->child;
	for (;;) {
		/* A part that is a chain of this kind itself, out of parentheses. */
		if ((*end)->kind == kind) {
			same = *end;
			*end = same->child;
			free(same);
		}
		end = last(end);
		if (!parser_at_word(p, word))
			return 0;
		if (parser_advance(p) < 0 || part(p, end) < 0)
			return -1;
	}
}

/* Nothing but tests of events, joined by AND and OR. */
static bool
is_of_events(const struct filter_node *node)
{
	if (node->kind == NODE_NOT)
		return false;
	if (node->kind == NODE_TEST)
		return node->test.subject == OF_FIELD &&
		       node->test.field.source == FROM_INTERACTIONS;
	for (node = node->child; node; node = node->next)
		if (!is_of_events(node))
			return false;
	return true;
}

static int
is_not_of_type(void *context, const struct filter_test *t)
{
	(void)context;
	return t->field.event != EVENT_TYPE;
}

/* COUNT(...) >= 1 of the tests in the list, two at least. */
static struct filter_node *
some_event(struct filter_node *list)
{
	struct filter_node *node = new_node(NODE_TEST), *counted = new_node(NODE_AND);
	const struct filter_node *first;

	counted->child = list;
	for (first = list; first->child;)
		first = first->child;
	node->test = (struct filter_test){ .subject = OF_COUNT,
		.field = { .source = FROM_INTERACTIONS },
		.op = OP_GE,
		.counted = counted,
		.at = first->test.at };
	node->test.values = xcalloc(1, sizeof *node->test.values);
	node->test.values[0] =
	    (struct filter_value){ .kind = VALUE_NUMBER, .text = { "1", 1 } };
	node->test.n_values = 1;
	return node;
}

/* Take the children that are of events out of the chain. */
static struct filter_node *
take_events(struct filter_node *chain)
{
	struct filter_node *events = NULL, **end = &events, **at = &chain->child, *x;

	while ((x = *at)) {
		if (!is_of_events(x)) {
			at = &x->next;
			continue;
		}
		*at = x->next;
		x->next = NULL;
		*end = x;
		end = &x->next;
	}
	return events;
}

static bool
asks_for_one_event(const struct filter_node *node)
{
	size_t n = 0;
	int more = 0;

	if (node->kind != NODE_AND)
		return false;
	for (node = node->child; node; node = node->next)
		if (is_of_events(node)) {
			n++;
			more |= filter_each_test(node, is_not_of_type, NULL);
		}
	return n > 1 && more;
}

/*
 * "EVENT_TYPE IN (...) AND TIMESTAMP > ..." is meant of one event: as soon as a chain
 * asks for a time or a value, its tests of events are one COUNT(...) >= 1. Tests of
 * types alone keep the service's meaning, each of some event.
 */
static void
join_events(struct filter_node **node)
{
	struct filter_node *next = (*node)->next, *x;

	if (asks_for_one_event(*node)) {
		x = some_event(take_events(*node));
		x->next = (*node)->child;
		(*node)->child = x;
		if (!x->next) {
			free(*node);
			*node = x;
			x->next = next;
		}
	}
	for (node = &(*node)->child; *node; node = &(*node)->next)
		join_events(node);
}

static int
parse_and(struct parser *p, struct filter_node **node)
{
	return parse_chain(p, NODE_AND, "AND", parse_not, node);
}

static int
parse_or(struct parser *p, struct filter_node **node)
{
	return parse_chain(p, NODE_OR, "OR", parse_and, node);
}

int
parser_logic(struct parser *p, struct filter_node **node)
{
	bool outermost = p->depth == 0 && p->place == IN_WHERE;

	/* Behind IF the service has no OR; the caller says so. */
	if (p->place == IN_CONDITION && !p->f->extended)
		return parse_and(p, node);
	if (parse_or(p, node) < 0)
		return -1;
	if (outermost && p->f->extended)
		join_events(node);
	return 0;
}
