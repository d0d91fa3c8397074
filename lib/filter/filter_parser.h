/*
 * filter_parser - what the two halves of the filter language's parser share.
 */
#ifndef FILTER_PARSER_H
#define FILTER_PARSER_H

#include "filter.h"
#include "filter_lex.h"

struct parser {
	struct lexer lexer;
	struct token token;
	struct filter *f;
	struct filter_error *e;
	char *strings; /* where the next text without its escapes goes */
	bool bound;
};

int parser_advance(struct parser *p); /* to the next token; -1 and the error */
/* The token at hand is not what the grammar has here. Always -1. */
int parser_expected(struct parser *p, const char *what);
bool parser_at_word(const struct parser *p, const char *word); /* case ignored */
int parser_take_word(struct parser *p, const char *word);

/* One test of WHERE, or condition of IF; its dataset must fit the filter's target. */
int parser_test(struct parser *p, struct filter_test *t, bool condition);

#endif
