/*
 * filter - the filter language of pz-filter(7): text to a tree and back.
 *
 *	EXCLUDE ItemID WHERE Items.GENRE IN ($GENRE) IF CurrentUser.AGE < 18
 *
 * A filter is a chain of expressions; an expression is an action, tests joined by
 * AND and OR, and conditions on the current user. The tree knows no catalog:
 * filter_check compares it with one, filter_eval.h runs it over one.
 */
#ifndef FILTER_H
#define FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalog.h"
#include "json.h"
#include "util.h"

/* The service's limits on an expression and on filterValues. */
enum {
	FILTER_LENGTH = 2500, /* characters */
	FILTER_FIELDS = 10,   /* distinct fields */
	FILTER_VALUES = 25,   /* members of filterValues, so placeholders too */
	FILTER_NAME = 50,     /* characters of a placeholder's name */
	FILTER_VALUE = 1000,  /* characters of a member of filterValues */
};

struct filter_error {
	size_t at; /* byte in the text that was parsed, from 0 */
	char text[400];
};

enum filter_action { FILTER_INCLUDE, FILTER_EXCLUDE };
enum filter_target { FILTER_ITEMS, FILTER_USERS };
enum filter_source {
	FROM_INTERACTIONS,
	FROM_ITEMS,
	FROM_USERS,
	FROM_CURRENT_USER,
	FROM_CURRENT_ITEM,
};
enum filter_op { OP_IN, OP_NOT_IN, OP_EQ, OP_NE, OP_LT, OP_LE, OP_GT, OP_GE };

struct filter_field {
	enum filter_source source;
	struct span name; /* as written */
	size_t at;
};

enum filter_kind {
	VALUE_STRING,
	VALUE_NUMBER,      /* bare */
	VALUE_ANY,         /* * */
	VALUE_PLACEHOLDER, /* text: its name */
	VALUE_FIELD,       /* of the current item */
};

struct filter_value {
	enum filter_kind kind;
	struct span text;   /* without quotes and escapes; numbers as written */
	size_t placeholder; /* its place in the filter's placeholders */
	struct filter_field field;
	size_t at;
};

struct filter_test {
	struct filter_field field;
	enum filter_op op;
	bool after_or; /* how it is joined to the test before it */
	struct filter_value *values;
	size_t n_values;
};

/* The tests' AND and OR in postfix order, so that running them needs no recursion. */
enum filter_step { STEP_TEST, STEP_AND, STEP_OR }; /* the next test, join two */

struct filter_expr {
	enum filter_action action;
	struct filter_test *tests; /* in the order of the text */
	size_t n_tests;
	enum filter_step *steps;
	size_t n_steps;
	struct filter_test *conditions; /* behind IF: all must hold */
	size_t n_conditions;
};

struct filter {
	enum filter_target target; /* of all expressions */
	struct filter_expr *exprs;
	size_t n_exprs;
	struct span placeholders[FILTER_VALUES]; /* names, distinct */
	size_t n_placeholders;
	struct filter_field *fields; /* distinct, CurrentUser as Users and so on */
	size_t n_fields;
	char *text;    /* a copy, into which the spans point */
	char *strings; /* texts that had escapes */
};

/*
 * A whole expression as a person gives it, within the service's limits. NULL and
 * the error.
 */
struct filter *filter_parse(struct span text, struct filter_error *e);
/* One that filter_bind made or a record brought: any length, no placeholders. */
struct filter *filter_parse_bound(struct span text, struct filter_error *e);
void filter_free(struct filter *f);

/* Append the text in its normal form. */
void filter_print(const struct filter *f, struct buf *out);

/*
 * Append the text with the record's values in place of placeholders. values is the
 * record's member filterValues; type 0 or null: there is none. An EXCLUDE whose
 * value is missing is left out; if nothing is left nothing is appended, and that
 * filter lets everything pass. -1 and the error (at says nothing then).
 */
int filter_bind(const struct filter *f, const struct json_value *values,
    struct buf *out, struct filter_error *e);

/* That every column is there and of a type that the test can use. -1 and the error. */
int filter_check(
    const struct filter *f, const struct catalog *c, struct filter_error *e);

/* "Items.GENRE", with CurrentUser and CurrentItem as written. */
void filter_print_field(const struct filter_field *field, struct buf *out);
const char *filter_op_name(enum filter_op op);

/* A number as the language writes them, bare or what stands between quotes. */
bool filter_number(struct span text, double *value);

/* The interactions' one field, and the IDs, which are fields without a column. */
bool filter_is_id(const struct filter_field *field);

/*
 * Append the line of text that holds the error and a caret under its place, both
 * behind two blanks and with LF.
 */
void filter_point(struct buf *out, struct span text, const struct filter_error *e);

#endif
