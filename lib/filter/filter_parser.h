/*
 * filter_parser - what the parts of the filter language's parser share.
 */
#ifndef FILTER_PARSER_H
#define FILTER_PARSER_H

#include "filter.h"
#include "filter_lex.h"

/* Where a test stands decides what it may ask about. */
enum parser_place { IN_WHERE, IN_CONDITION, IN_COUNT };

struct parser {
	struct lexer lexer;
	struct token token;
	struct filter *f;
	struct filter_error *e;
	char *strings; /* where the next text without its escapes goes */
	bool bound;
	enum parser_place place;
	int depth; /* of parentheses and NOTs */
	/* The first test's dataset: in the service's language that of all tests. */
	bool has_first;
	enum filter_source first;
};

int parser_advance(struct parser *p); /* to the next token; -1 and the error */
int parser_take(struct parser *p, enum token_kind kind, const char *what);
/* The token at hand is not what the grammar has here. Always -1. */
int parser_expected(struct parser *p, const char *what);
bool parser_at_word(const struct parser *p, const char *word); /* case ignored */
bool parser_at_call(const struct parser *p, const char *word); /* and ( behind it */
int parser_take_word(struct parser *p, const char *word);
/* What the service does not have at this place. -1 unless the filter is extended. */
int parser_extended(struct parser *p, size_t at, const char *what);

/* Tests joined by AND, OR and NOT, up to a token that joins none. The caller's. */
int parser_logic(struct parser *p, struct filter_node **node);
void parser_free_node(struct filter_node *node);

/* One test; its dataset must fit the filter's target and the place. */
int parser_test(struct parser *p, struct filter_test *t);
/* The values behind the test's operator. */
int parser_values(struct parser *p, struct filter_test *t);
/* Dataset, point, column. */
int parser_field(struct parser *p, struct filter_field *field, const char *what);

#endif
