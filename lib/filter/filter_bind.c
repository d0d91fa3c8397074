/*
 * filter_bind - the values of a record's filterValues in place of placeholders.
 *
 * The service's form of a value is one string of quoted values with commas between,
 * "\"horror\",\"comedy\"". Ours are JSON numbers, and arrays of strings and numbers.
 */
#include <stdarg.h>
#include <stdio.h>

#include "filter.h"
#include "filter_lex.h"
#include "filter_print.h"

/* What one record brings for each placeholder. */
struct binding {
	const struct filter *f;
	struct filter_error *e;
	int64_t now;
	struct json_value given[FILTER_VALUES]; /* type 0: missing */
	struct span nearly[FILTER_VALUES];      /* a name in the other case */
	/* The values as text for the expression, one after the other. */
	struct buf text;
	size_t from[FILTER_VALUES], to[FILTER_VALUES];
	size_t n_values[FILTER_VALUES];
	bool all_numbers[FILTER_VALUES]; /* or, in an extended filter, dates */
	struct buf scratch;
};

static size_t
characters(struct span text)
{
	size_t n = 0;

	for (size_t i = 0; i < text.len; i++)
		n += ((unsigned char)text.data[i] & 0xc0) != 0x80;
	return n;
}

/* An error about one placeholder. Always -1. */
static int __attribute__((format(printf, 3, 4)))
bad_value(struct binding *b, size_t placeholder, const char *format, ...)
{
	struct span name = b->f->placeholders[placeholder];
	char text[200];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof text, format, ap);
	va_end(ap);
	return filter_fail(
	    b->e, 0, "filterValues: %.*s: %s", (int)name.len, name.data, text);
}

/* The members that the filter asks for; the last wins. */
static int
read_values(struct binding *b, const struct json_value *values)
{
	struct json_value name, value;
	struct span text;
	struct json j;
	size_t n = 0;

	if (values->type != JSON_OBJECT)
		return filter_fail(b->e, 0, "filterValues must be an object");
	json_open(&j, values->raw.data, values->raw.len);
	json_enter(&j, '{');
	while (json_member(&j, &name) > 0 && json_value(&j, &value) == 0) {
		if (++n > FILTER_VALUES)
			return filter_fail(b->e, 0,
			    "filterValues has more than %d members", FILTER_VALUES);
		if (value.type == JSON_NULL)
			value.type = 0;
		text = json_text(&name, &b->scratch);
		for (size_t i = 0; i < b->f->n_placeholders; i++)
			if (span_equal(text, b->f->placeholders[i]))
				b->given[i] = value;
			else if (span_equal_nocase(text, b->f->placeholders[i]))
				b->nearly[i] = name.raw;
	}
	return j.why ? filter_fail(b->e, 0, "filterValues: %s", j.why) : 0;
}

static void
add_value(struct binding *b, size_t i, struct span text, bool bare)
{
	struct filter_value v = { .kind = VALUE_STRING, .text = text };
	double number;

	if (b->n_values[i]++)
		buf_adds(&b->text, ", ");
	b->all_numbers[i] =
	    b->all_numbers[i] && filter_value_number(b->f, &v, 0, &number);
	if (bare)
		buf_add(&b->text, text.data, text.len);
	else
		filter_quote(&b->text, text);
}

/* One value of the service's form. The quotes may be of either kind. */
static int
add_token(struct binding *b, size_t i, const struct token *t)
{
	struct buf plain = { 0 };

	if (t->kind == TOKEN_NUMBER) {
		add_value(b, i, t->raw, true);
		return 0;
	}
	if (t->kind != TOKEN_STRING)
		return bad_value(b, i,
		    "expected values in escaped quotes with commas between, as in "
		    "\"\\\"a\\\",\\\"b\\\"\"");
	if (!t->escaped) {
		add_value(b, i, t->text, false);
		return 0;
	}
	buf_reserve(&plain, t->text.len);
	plain.len = lex_unescape(t, plain.data);
	add_value(b, i, (struct span){ plain.data, plain.len }, false);
	buf_release(&plain);
	return 0;
}

static int
read_string(struct binding *b, size_t i)
{
	struct filter_error e;
	struct lexer lexer = { .text = json_text(&b->given[i], &b->scratch),
		.error = &e };
	struct token t;

	if (characters(lexer.text) > FILTER_VALUE)
		return bad_value(b, i,
		    "more than %d characters; an array of strings may be longer",
		    FILTER_VALUE);
	do {
		if (lex_next(&lexer, &t) < 0)
			return bad_value(b, i, "%s", e.text);
		if (add_token(b, i, &t) < 0)
			return -1;
		if (lex_next(&lexer, &t) < 0)
			return bad_value(b, i, "%s", e.text);
	} while (t.kind == TOKEN_COMMA);
	return t.kind == TOKEN_END ? 0
				   : bad_value(b, i, "expected a comma between values");
}

static int
read_array(struct binding *b, size_t i)
{
	struct json_value v;
	struct json j;

	json_open(&j, b->given[i].raw.data, b->given[i].raw.len);
	json_enter(&j, '[');
	while (json_element(&j) > 0 && json_value(&j, &v) == 0) {
		if (v.type == JSON_NUMBER)
			add_value(b, i, v.raw, true);
		else if (v.type == JSON_STRING)
			add_value(b, i, json_text(&v, &b->scratch), false);
		else
			return bad_value(b, i, "an array must hold strings or numbers");
	}
	return b->n_values[i] ? 0 : bad_value(b, i, "an empty array has no value");
}

static int
read_value(struct binding *b, size_t i)
{
	switch (b->given[i].type) {
	case JSON_STRING:
		return read_string(b, i);
	case JSON_ARRAY:
		return read_array(b, i);
	case JSON_NUMBER:
		add_value(b, i, b->given[i].raw, true);
		return 0;
	case JSON_TRUE:
	case JSON_FALSE:
		if (b->f->extended) {
			add_value(b, i, b->given[i].raw, false);
			return 0;
		}
		/* fallthrough */
	default:
		return bad_value(
		    b, i, "expected a string, a number or an array of them");
	}
}

/* Whether the test can use nothing but numbers; columns need a catalog to tell. */
static bool
needs_number(const struct filter_test *t)
{
	return t->op >= OP_LT || t->subject == OF_COUNT ||
	       (t->field.source == FROM_INTERACTIONS && t->field.event != EVENT_TYPE);
}

static const char *
name_of(const struct filter_test *t)
{
	return t->op >= OP_LT                  ? filter_op_name(t->op)
	       : t->subject == OF_COUNT        ? "COUNT(...)"
	       : t->field.event == EVENT_VALUE ? "EVENT_VALUE"
					       : "TIMESTAMP";
}

/* A value is read when the first expression that stays asks for it. */
static int
bind_value(struct binding *b, const struct filter_test *t, size_t i)
{
	if (!b->n_values[i]) {
		b->all_numbers[i] = true;
		b->from[i] = b->text.len;
		if (read_value(b, i) < 0)
			return -1;
		b->to[i] = b->text.len;
	}
	if (t->op > OP_NOT_IN && b->n_values[i] != 1)
		return bad_value(b, i, "%s takes one value", filter_op_name(t->op));
	if (needs_number(t) && !b->all_numbers[i])
		return bad_value(b, i, "%s needs a number", name_of(t));
	return 0;
}

/* Not 0: 1 + the placeholder that lacks a value. */
static int
missing(void *context, const struct filter_test *t)
{
	const struct binding *b = context;

	for (size_t k = 0; k < t->n_values; k++) {
		const struct filter_value *v = &t->values[k];

		if (v->kind == VALUE_PLACEHOLDER && !b->given[v->placeholder].type)
			return 1 + (int)v->placeholder;
	}
	return 0;
}

static int
bind_test(void *context, const struct filter_test *t)
{
	struct binding *b = context;

	for (size_t k = 0; k < t->n_values; k++) {
		const struct filter_value *v = &t->values[k];

		if (v->kind == VALUE_PLACEHOLDER &&
		    bind_value(b, t, v->placeholder) < 0)
			return -1;
	}
	return 0;
}

static int
no_value(struct binding *b, size_t i)
{
	struct span nearly = b->nearly[i];

	if (!nearly.len)
		return bad_value(b, i, "missing, and an INCLUDE needs it");
	return bad_value(b, i, "missing, and an INCLUDE needs it; %.*s is another name",
	    (int)MIN(nearly.len, (size_t)60), nearly.data);
}

/* 1: the expression stays; 0: an EXCLUDE without its value; -1. */
static int
bind_expr(struct binding *b, const struct filter_expr *x)
{
	int lacks = filter_each_test(x->where, missing, b);

	if (!lacks)
		lacks = filter_each_test(x->condition, missing, b);
	if (lacks && x->action == FILTER_EXCLUDE)
		return 0;
	if (lacks)
		return no_value(b, (size_t)lacks - 1);
	if (filter_each_test(x->where, bind_test, b) < 0 ||
	    filter_each_test(x->condition, bind_test, b) < 0)
		return -1;
	return 1;
}

static int
bind_all(struct binding *b, struct buf *out)
{
	const struct filter *f = b->f;
	struct span values[FILTER_VALUES];
	size_t start = out->len;
	int stays;

	for (size_t i = 0; i < f->n_exprs; i++) {
		if ((stays = bind_expr(b, &f->exprs[i])) < 0)
			return -1;
		if (!stays)
			continue;
		for (size_t k = 0; k < f->n_placeholders; k++)
			values[k] = (struct span){ b->text.data + b->from[k],
				b->to[k] - b->from[k] };
		buf_adds(out, out->len > start ? " | "
			      : f->extended    ? "EXTENDED "
					       : "");
		filter_print_bound(f, &f->exprs[i], values, b->now, out);
	}
	return 0;
}

int
filter_bind(const struct filter *f, const struct json_value *values, int64_t now,
    struct buf *out, struct filter_error *e)
{
	struct binding b = { .f = f, .e = e, .now = now };
	size_t start = out->len;
	int status = 0;

	if (f->n_placeholders) {
		buf_reserve(&b.text, 0);
		if (values->type && values->type != JSON_NULL)
			status = read_values(&b, values);
	}
	if (!status)
		status = bind_all(&b, out);
	if (status < 0)
		out->len = start;
	buf_release(&b.text);
	buf_release(&b.scratch);
	return status;
}
