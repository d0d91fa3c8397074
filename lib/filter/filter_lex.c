/* filter_lex - the words of the filter language. */
#include "filter_lex.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int
filter_fail(struct filter_error *e, size_t at, const char *format, ...)
{
	va_list ap;

	e->at = at;
	va_start(ap, format);
	vsnprintf(e->text, sizeof e->text, format, ap);
	va_end(ap);
	return -1;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_word(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       c == '_';
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static char
peek(const struct lexer *l, size_t ahead)
{
	return l->at + ahead < l->text.len ? l->text.data[l->at + ahead] : '\0';
}

/* The next len bytes are the token. */
static int
take(struct lexer *l, struct token *t, enum token_kind kind, size_t len)
{
	t->kind = kind;
	t->raw = t->text = (struct span){ l->text.data + l->at, len };
	l->at += len;
	return 0;
}

static int
lex_string(struct lexer *l, struct token *t)
{
	const char *from = l->text.data + l->at, *end = l->text.data + l->text.len;
	const char *p = from + 1;

	for (; p < end && *p != *from; p++)
		if (*p == '\\' && p + 1 < end) {
			t->escaped = true;
			p++;
		}
	if (p >= end)
		return filter_fail(l->error, l->at,
		    "this string has no closing %c (\\%c stands for one inside)", *from,
		    *from);
	take(l, t, TOKEN_STRING, (size_t)(p + 1 - from));
	t->text = (struct span){ from + 1, t->raw.len - 2 };
	return 0;
}

static size_t
digits(struct span s, size_t from)
{
	while (from < s.len && is_digit(s.data[from]))
		from++;
	return from;
}

/* How many bytes at the start of s are a number; 0: it does not start with one. */
static size_t
number_length(struct span s)
{
	size_t from = s.len && s.data[0] == '-', end = digits(s, from), more;

	if (end == from)
		return 0;
	if (end < s.len && s.data[end] == '.' && digits(s, end + 1) > end + 1)
		end = digits(s, end + 1);
	if (end < s.len && (s.data[end] == 'e' || s.data[end] == 'E')) {
		from = end + 1;
		from += from < s.len && (s.data[from] == '-' || s.data[from] == '+');
		more = digits(s, from);
		end = more > from ? more : end;
	}
	return end;
}

bool
filter_number(struct span text, double *value)
{
	struct json_value v = { .type = JSON_NUMBER, .raw = text };

	if (!text.len || number_length(text) != text.len)
		return false;
	*value = json_number(&v);
	return true;
}

static int
lex_number(struct lexer *l, struct token *t)
{
	struct span rest = { l->text.data + l->at, l->text.len - l->at };
	size_t len = number_length(rest);

	if (!len)
		return filter_fail(l->error, l->at, "a number needs digits behind -");
	if (len == 4 && len < rest.len && rest.data[len] == '-')
		return filter_fail(
		    l->error, l->at, "not a number; a date needs quotes around it");
	if (len < rest.len && (is_word(rest.data[len]) || rest.data[len] == '.'))
		return filter_fail(l->error, l->at,
		    "not a number; a value with letters needs quotes around it");
	return take(l, t, TOKEN_NUMBER, len);
}

static int
lex_word(struct lexer *l, struct token *t, size_t skip)
{
	size_t len = skip;

	while (is_word(peek(l, len)))
		len++;
	if (len == skip)
		return filter_fail(l->error, l->at,
		    "$ needs a name of letters, digits and _ behind it");
	take(l, t, skip ? TOKEN_PLACEHOLDER : TOKEN_WORD, len);
	t->text = (struct span){ t->raw.data + skip, len - skip };
	return 0;
}

/* What people type that is nearly right. */
static int
lex_stranger(struct lexer *l)
{
	const char *at = l->text.data + l->at;
	size_t left = l->text.len - l->at;

	if (left >= 3 && !memcmp(at, "\xe2\x80", 2) && (unsigned char)at[2] >= 0x98 &&
	    (unsigned char)at[2] <= 0x9f)
		return filter_fail(
		    l->error, l->at, "a typographic quote; expected a plain \" or '");
	if (left >= 2 && !memcmp(at, "\xc2\xa0", 2))
		return filter_fail(
		    l->error, l->at, "a no-break space; expected a plain one");
	if (*at == '!')
		return filter_fail(
		    l->error, l->at, "! alone means nothing; expected !=");
	if (*at > ' ' && *at < 0x7f)
		return filter_fail(l->error, l->at,
		    "the language has no '%c'; values need quotes", *at);
	return filter_fail(l->error, l->at,
	    "this character means nothing here; values need quotes around them");
}

static const struct symbol {
	char text[3];
	enum token_kind kind;
} symbols[] = {
	/* the longer first */
	{ "!=", TOKEN_NE },
	{ "<=", TOKEN_LE },
	{ ">=", TOKEN_GE },
	{ "<", TOKEN_LT },
	{ ">", TOKEN_GT },
	{ "=", TOKEN_EQ },
	{ "(", TOKEN_OPEN },
	{ ")", TOKEN_CLOSE },
	{ ",", TOKEN_COMMA },
	{ ".", TOKEN_DOT },
	{ "|", TOKEN_BAR },
	{ "*", TOKEN_STAR },
};

static int
lex_symbol(struct lexer *l, struct token *t)
{
	char first = peek(l, 0), second = peek(l, 1);

	if (first == '=' && second == '=')
		return filter_fail(l->error, l->at, "== means nothing; expected =");
	if (first == '&' && second == '&')
		return filter_fail(l->error, l->at, "&& means nothing; expected AND");
	if (first == '|' && second == '|')
		return filter_fail(l->error, l->at, "|| means nothing; expected OR");
	if (first == '<' && second == '>')
		return filter_fail(l->error, l->at, "<> means nothing; expected !=");
	for (size_t i = 0; i < LENGTH(symbols); i++) {
		const char *s = symbols[i].text;

		if (s[0] == first && (!s[1] || s[1] == second))
			return take(l, t, symbols[i].kind, strlen(s));
	}
	return lex_stranger(l);
}

static void
skip_space(struct lexer *l)
{
	while (l->at < l->text.len && is_space(peek(l, 0)))
		l->at++;
}

char
lex_peek(const struct lexer *l)
{
	struct lexer ahead = *l;

	skip_space(&ahead);
	return peek(&ahead, 0);
}

int
lex_next(struct lexer *l, struct token *t)
{
	char c;

	skip_space(l);
	*t = (struct token){ .kind = TOKEN_END, .at = l->at };
	if (l->at >= l->text.len)
		return 0;
	c = peek(l, 0);
	if (c == '"' || c == '\'')
		return lex_string(l, t);
	if (is_digit(c) || c == '-')
		return lex_number(l, t);
	if (c == '$')
		return lex_word(l, t, 1);
	if (is_word(c))
		return lex_word(l, t, 0);
	return lex_symbol(l, t);
}

size_t
lex_unescape(const struct token *t, char *out)
{
	size_t len = 0;

	for (size_t i = 0; i < t->text.len; i++) {
		i += t->text.data[i] == '\\';
		out[len++] = t->text.data[i];
	}
	return len;
}

static const struct unit {
	const char *name;
	int64_t seconds;
} units[] = {
	{ "s", 1 },
	{ "min", 60 },
	{ "h", 3600 },
	{ "d", 86400 },
	{ "w", 604800 },
};

/* One "30d" behind its sign. */
static int
lex_span_of_time(struct lexer *l, int64_t *seconds)
{
	enum { MOST_DIGITS = 9 };
	size_t at, end, unit;

	skip_space(l);
	at = l->at;
	end = digits(l->text, at);
	if (end == at || end - at > MOST_DIGITS)
		return filter_fail(l->error, at,
		    "expected a time like 30d: digits, at most %d, and a unit",
		    MOST_DIGITS);
	*seconds = 0;
	for (; l->at < end; l->at++)
		*seconds = 10 * *seconds + (l->text.data[l->at] - '0');
	while (is_word(peek(l, end - l->at)))
		end++;
	for (unit = 0; unit < LENGTH(units); unit++)
		if (span_is((struct span){ l->text.data + l->at, end - l->at },
			units[unit].name))
			break;
	if (unit == LENGTH(units))
		return filter_fail(l->error, l->at,
		    "expected a unit right behind the digits: s, min, h, d or w");
	*seconds *= units[unit].seconds;
	l->at = end;
	return 0;
}

int
lex_duration(struct lexer *l, int64_t *seconds)
{
	const int64_t most = INT64_C(1) << 50; /* sums of it with a time are exact */
	int64_t one = 0;
	char sign;

	*seconds = 0;
	while ((sign = lex_peek(l)) == '+' || sign == '-') {
		skip_space(l);
		l->at++;
		if (lex_span_of_time(l, &one) < 0)
			return -1;
		*seconds += sign == '+' ? one : -one;
		if (*seconds > most || *seconds < -most)
			return filter_fail(l->error, l->at, "too far from now");
	}
	return 0;
}

/*
 * Where the character behind a jq program's own text is: inside parentheses or inside
 * a string, which may have parentheses again, as in "a\(.b)c".
 */
int
lex_program(struct lexer *l, struct span *program)
{
	char inside[FILTER_DEPTH] = "(";
	size_t depth = 1, from = l->at, end;

	for (; l->at < l->text.len && depth < sizeof inside; l->at++) {
		bool string = inside[depth - 1] == '"';
		char c = peek(l, 0);

		if (c == (string ? '"' : ')')) {
			if (!--depth)
				break;
		} else if (string && c == '\\') {
			l->at++;
			if (peek(l, 0) == '(')
				inside[depth++] = '(';
		} else if (!string && (c == '(' || c == '"'))
			inside[depth++] = c;
		else if (!string && c == '#')
			while (l->at + 1 < l->text.len && peek(l, 1) != '\n')
				l->at++;
	}
	if (depth)
		return filter_fail(l->error, from - 1,
		    depth < sizeof inside ? "this parenthesis is never closed"
					  : "the jq program is nested too deeply");
	end = l->at++;
	while (from < end && is_space(l->text.data[from]))
		from++;
	/* Not a line's end, which may end a comment. */
	while (from < end && l->text.data[end - 1] == ' ')
		end--;
	*program = (struct span){ l->text.data + from, end - from };
	return 0;
}
