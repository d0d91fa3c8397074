/*
 * filter - the filter language of pz-filter(7): text to a tree and back.
 *
 *	EXCLUDE ItemID WHERE Items.GENRE IN ($GENRE) IF CurrentUser.AGE < 18
 *
 * A filter is a chain of expressions; an expression is an action, tests joined by
 * AND, OR and NOT, and a condition on the current user. With the word EXTENDED in
 * front it may use all of the language, else what the service has. The tree knows no
 * catalog: filter_check compares it with one, filter_eval.h runs it over one.
 */
#ifndef FILTER_H
#define FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalog.h"
#include "json.h"
#include "util.h"

/* The service's limits on an expression and on filterValues, and one of ours. */
enum {
	FILTER_LENGTH = 2500, /* characters */
	FILTER_FIELDS = 10,   /* distinct fields */
	FILTER_VALUES = 25,   /* members of filterValues, so placeholders too */
	FILTER_NAME = 50,     /* characters of a placeholder's name */
	FILTER_VALUE = 1000,  /* characters of a member of filterValues */
	FILTER_DEPTH = 64,    /* parentheses and NOTs within each other: ours */
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
enum filter_op {
	OP_IN,
	OP_NOT_IN,
	OP_CONTAINS,
	OP_STARTS_WITH,
	OP_EQ,
	OP_NE,
	OP_LT, /* from here on: orders, of numbers only */
	OP_LE,
	OP_GT,
	OP_GE,
};
/* The fields of Interactions. */
enum filter_event { EVENT_TYPE, EVENT_VALUE, EVENT_TIME };

struct filter_field {
	enum filter_source source;
	enum filter_event event; /* FROM_INTERACTIONS */
	struct span name;        /* as written */
	size_t at;
};

enum filter_kind {
	VALUE_STRING,
	VALUE_NUMBER, /* bare */
	VALUE_TRUE,
	VALUE_FALSE,
	VALUE_ANY,         /* * */
	VALUE_PLACEHOLDER, /* text: its name */
	VALUE_FIELD,       /* of the current item or user */
	VALUE_NOW,         /* with text, as in "NOW() - 30d" */
};

struct filter_value {
	enum filter_kind kind;
	struct span text;   /* without quotes and escapes; numbers as written */
	size_t placeholder; /* its place in the filter's placeholders */
	int64_t offset;     /* NOW: seconds from now */
	struct filter_field field;
	size_t at;
};

enum filter_subject {
	OF_FIELD,
	OF_COUNT, /* how many of the user's events are as `counted` says */
	OF_JQ,    /* whether program holds for the row's object */
};

struct filter_test {
	enum filter_subject subject;
	struct filter_field field; /* COUNT: FROM_INTERACTIONS; JQ: its source */
	enum filter_op op;
	struct filter_value *values;
	size_t n_values;
	struct filter_node *counted;
	struct span program;
	size_t at;
};

/*
 * AND and OR have two children or more, NOT has one. Only parentheses and NOT make a
 * tree deep, FILTER_DEPTH at most, so it can be walked by recursion.
 */
enum filter_join { NODE_TEST, NODE_AND, NODE_OR, NODE_NOT };

struct filter_node {
	enum filter_join kind;
	struct filter_test test; /* NODE_TEST */
	struct filter_node *child, *next;
};

struct filter_expr {
	enum filter_action action;
	struct filter_node *where;
	struct filter_node *condition; /* behind IF; NULL: none */
};

struct filter {
	bool extended;
	enum filter_target target; /* of all expressions */
	struct filter_expr *exprs;
	size_t n_exprs;
	struct span placeholders[FILTER_VALUES]; /* names, distinct */
	size_t n_placeholders;
	struct filter_field *fields; /* distinct, CurrentUser as Users and so on */
	size_t n_fields;
	bool has_jq, has_now;
	char *text;    /* a copy, into which the spans point */
	char *strings; /* texts that had escapes */
};

/*
 * A whole expression as a person gives it, within the service's limits unless it is
 * EXTENDED. NULL and the error.
 */
struct filter *filter_parse(struct span text, struct filter_error *e);
/* One that filter_bind made or a record brought: any length, no placeholders. */
struct filter *filter_parse_bound(struct span text, struct filter_error *e);
/*
 * A record's itemAttributes: ITEMS.COLUMN = value { AND ... }, or EXTENDED and then
 * whatever may stand behind WHERE and needs no user. Becomes INCLUDE ItemID.
 */
struct filter *filter_parse_attributes(struct span text, struct filter_error *e);
void filter_free(struct filter *f);

/* Append the text in its normal form. */
void filter_print(const struct filter *f, struct buf *out);

/*
 * Append the text with the record's values in place of placeholders, and with now,
 * seconds since 1970, in place of NOW(). values is the record's member filterValues;
 * type 0 or null: there is none. An EXCLUDE whose value is missing is left out; if
 * nothing is left nothing is appended, and that filter lets everything pass. -1 and
 * the error (at says nothing then).
 */
int filter_bind(const struct filter *f, const struct json_value *values, int64_t now,
    struct buf *out, struct filter_error *e);

/* That every column is there and of a type that the test can use. -1 and the error. */
int filter_check(
    const struct filter *f, const struct catalog *c, struct filter_error *e);

/* Whether any test is on that dataset; CurrentUser counts as Users, and so on. */
bool filter_uses(const struct filter *f, enum filter_source source);

/* Call with every test below the node, those inside COUNT too, until one is not 0. */
int filter_each_test(const struct filter_node *node,
    int (*call)(void *context, const struct filter_test *t), void *context);

/* "Items.GENRE", with CurrentUser and CurrentItem as written. */
void filter_print_field(const struct filter_field *field, struct buf *out);
const char *filter_op_name(enum filter_op op);

/* A number as the language writes them, bare or what stands between quotes. */
bool filter_number(struct span text, double *value);
/* The same of a value: number, date if the filter is extended, NOW() at now. */
bool filter_value_number(
    const struct filter *f, const struct filter_value *v, int64_t now, double *value);

/* TRUE, "true", 1 and the like. */
bool filter_value_boolean(const struct filter_value *v, bool *value);

/* The IDs are fields without a column. */
bool filter_is_id(const struct filter_field *field);

/*
 * Append the line of text that holds the error and a caret under its place, both
 * behind two blanks and with LF.
 */
void filter_point(struct buf *out, struct span text, const struct filter_error *e);

#endif
