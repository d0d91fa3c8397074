/*
 * filter_lex - the words of the filter language.
 */
#ifndef FILTER_LEX_H
#define FILTER_LEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "filter.h"
#include "util.h"

enum token_kind {
	TOKEN_END,
	TOKEN_WORD,
	TOKEN_STRING,
	TOKEN_NUMBER,
	TOKEN_PLACEHOLDER,
	TOKEN_OPEN,
	TOKEN_CLOSE,
	TOKEN_COMMA,
	TOKEN_DOT,
	TOKEN_BAR,
	TOKEN_STAR,
	TOKEN_EQ,
	TOKEN_NE,
	TOKEN_LT,
	TOKEN_LE,
	TOKEN_GT,
	TOKEN_GE,
};

struct token {
	enum token_kind kind;
	size_t at;
	struct span raw;  /* as written */
	struct span text; /* strings without quotes, placeholders without $ */
	bool escaped;     /* text has backslashes to take out */
};

struct lexer {
	struct span text;
	size_t at;
	struct filter_error *error;
};

int lex_next(struct lexer *l, struct token *t); /* -1 and the error */

/* The character that the next token starts with; '\0' at the end. */
char lex_peek(const struct lexer *l);
/* What may stand behind NOW(), like "- 30d + 12h", in seconds. -1 and the error. */
int lex_duration(struct lexer *l, int64_t *seconds);
/* A jq program up to the parenthesis that closes it, which is taken. The same. */
int lex_program(struct lexer *l, struct span *program);

/* Copy the token's text without its backslashes; out has room for text.len. */
size_t lex_unescape(const struct token *t, char *out);

/* The error, with its place. Always -1. */
int filter_fail(struct filter_error *e, size_t at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
