/* filter_check - a filter against a catalog: are its columns there and usable? */
#include "filter.h"

#include <stdlib.h>
#include <string.h>

#include "filter_lex.h"
#include "moment.h"

struct checker {
	const struct filter *f;
	const struct catalog *catalog;
	struct filter_error *e;
};

static const struct table *
table_of(const struct catalog *c, const struct filter_field *field)
{
	return field->source == FROM_ITEMS || field->source == FROM_CURRENT_ITEM
		   ? &c->item_table
		   : &c->user_table;
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool
same_letter(struct span a, size_t i, struct span b, size_t k)
{
	return lower(a.data[i]) == lower(b.data[k]);
}

/*
 * How many letters must change, or swap with their neighbour, case ignored
 * (Damerau 1964, optimal string alignment); names are short.
 */
static size_t
distance(struct span a, struct span b)
{
	size_t rows[3][65], *row, *above, *two_above, best;

	if (a.len > 64 || b.len > 64)
		return SIZE_MAX;
	for (size_t i = 0; i <= a.len; i++) {
		row = rows[i % 3];
		above = rows[(i + 2) % 3];
		two_above = rows[(i + 1) % 3];
		row[0] = i;
		for (size_t k = 1; k <= b.len; k++) {
			if (!i) {
				row[k] = k;
				continue;
			}
			best = above[k - 1] + !same_letter(a, i - 1, b, k - 1);
			best = MIN(best, MIN(above[k], row[k - 1]) + 1);
			if (i > 1 && k > 1 && same_letter(a, i - 1, b, k - 2) &&
			    same_letter(a, i - 2, b, k - 1))
				best = MIN(best, two_above[k - 2] + 1);
			row[k] = best;
		}
	}
	return rows[a.len % 3][b.len];
}

static const char *
nearest(const struct table *t, struct span name)
{
	/* Half of the name may be wrong; a stranger is no help. */
	size_t best = name.len / 2 + 1, d;
	const char *found = NULL;

	for (size_t i = 0; i < t->n_columns; i++) {
		d = distance(name, span_of(t->columns[i].name));
		if (d < best) {
			best = d;
			found = t->columns[i].name;
		}
	}
	return found;
}

/* "there are A, B, C", as far as they are not too many. */
static void
list_columns(struct buf *out, const struct table *t)
{
	enum { MOST = 8 };

	buf_adds(out, t->n_columns ? "; there are " : "; there are no columns");
	for (size_t i = 0; i < MIN(t->n_columns, (size_t)MOST); i++)
		buf_addf(out, "%s%.30s", i ? ", " : "", t->columns[i].name);
	buf_adds(out, t->n_columns > MOST ? " and others" : "");
}

static int
no_column(
    const struct filter_field *field, const struct table *t, struct filter_error *e)
{
	const char *near = nearest(t, field->name);
	struct buf name = { 0 }, hint = { 0 };

	filter_print_field(field, &name);
	if (near)
		buf_addf(&hint, "; did you mean %.100s?", near);
	else
		list_columns(&hint, t);
	filter_fail(e, field->at, "there is no column %.100s%s", name.data, hint.data);
	buf_release(&name);
	buf_release(&hint);
	return -1;
}

static int
no_boolean(const struct column *column, struct filter_error *e, size_t at)
{
	return filter_fail(e, at,
	    "Could not create filter. Invalid Expression: %.100s is boolean and cannot "
	    "be "
	    "filtered; keep it as a string or as 0 and 1, or begin the filter with "
	    "EXTENDED",
	    column->name);
}

/* NULL and the error unless the field is a column that filters can test. */
static const struct column *
usable(const struct checker *k, const struct filter_field *field)
{
	const struct table *t = table_of(k->catalog, field);
	const struct column *column = table_column(t, field->name);

	if (!column)
		no_column(field, t, k->e);
	else if (column->type == COLUMN_BOOLEAN && !k->f->extended)
		no_boolean(column, k->e, field->at);
	else if (column->textual && !k->f->extended)
		filter_fail(k->e, field->at,
		    "%.100s is textual and cannot be filtered, unless the filter "
		    "begins "
		    "with EXTENDED",
		    column->name);
	else
		return column;
	return NULL;
}

static const char *const holdings[] = {
	[COLUMN_NUMBER] = "numbers",
	[COLUMN_BOOLEAN] = "TRUE and FALSE",
	[COLUMN_STRING] = "text",
};

/* A test against a column of the current item or user. */
static int
check_current(
    const struct checker *k, const struct filter_test *t, const struct column *column)
{
	const struct filter_value *v = &t->values[0];
	const struct column *other;

	if (filter_is_id(&v->field))
		return filter_fail(
		    k->e, v->at, "a column can be compared with columns, not with IDs");
	if (!(other = usable(k, &v->field)))
		return -1;
	if (t->op == OP_CONTAINS || t->op == OP_STARTS_WITH)
		return filter_fail(
		    k->e, v->at, "%s needs \"text\"", filter_op_name(t->op));
	if (other->type == column->type)
		return 0;
	return filter_fail(k->e, v->at,
	    "%.100s holds %s, so it cannot be compared with %.100s", other->name,
	    holdings[other->type], column->name);
}

static int
check_number(
    const struct checker *k, const struct filter_value *v, const struct column *column)
{
	double number;

	if (filter_value_number(k->f, v, 0, &number))
		return 0;
	if (v->kind == VALUE_STRING && moment_parse(v->text, &(int64_t){ 0 }))
		return filter_fail(k->e, v->at,
		    "%.100s holds numbers; a date is one if the filter begins with "
		    "EXTENDED",
		    column->name);
	return filter_fail(k->e, v->at, "%.100s holds numbers, and \"%.*s\" is none",
	    column->name, (int)MIN(v->text.len, (size_t)100), v->text.data);
}

static int
check_value(
    const struct checker *k, const struct filter_value *v, const struct column *column)
{
	bool is_true;

	if (v->kind == VALUE_PLACEHOLDER)
		return 0;
	if (column->type == COLUMN_NUMBER)
		return check_number(k, v, column);
	if (column->type == COLUMN_BOOLEAN)
		return filter_value_boolean(v, &is_true)
			   ? 0
			   : filter_fail(k->e, v->at,
				 "%.100s is boolean; expected TRUE or FALSE",
				 column->name);
	if (v->kind == VALUE_STRING || v->kind == VALUE_NUMBER)
		return 0;
	return filter_fail(
	    k->e, v->at, "%.100s holds text; expected \"text\"", column->name);
}

/* IDs are text that is equal or not; there is no column to look up. */
static int
check_id(const struct checker *k, const struct filter_test *t)
{
	if (t->op >= OP_LT)
		return filter_fail(k->e, t->field.at, "%s needs a number; IDs are text",
		    filter_op_name(t->op));
	for (size_t i = 0; i < t->n_values; i++)
		if (t->values[i].kind > VALUE_NUMBER &&
		    t->values[i].kind != VALUE_PLACEHOLDER)
			return filter_fail(k->e, t->values[i].at,
			    "IDs can be compared with \"text\" only");
	return 0;
}

static int
check_event(const struct checker *k, const struct filter_test *t)
{
	const struct history *h = &k->catalog->history;

	if (t->subject != OF_FIELD || t->field.event != EVENT_VALUE || !h->offset ||
	    h->value)
		return 0;
	return filter_fail(
	    k->e, t->field.at, "the interactions have no column EVENT_VALUE");
}

static int
check_test(void *context, const struct filter_test *t)
{
	const struct checker *k = context;
	const struct column *column;

	if (t->subject == OF_JQ)
		return 0;
	if (t->field.source == FROM_INTERACTIONS)
		return check_event(k, t);
	if (filter_is_id(&t->field))
		return check_id(k, t);
	if (!(column = usable(k, &t->field)))
		return -1;
	if (t->op >= OP_LT && column->type != COLUMN_NUMBER)
		return filter_fail(k->e, t->field.at,
		    "%s needs a number; %.100s holds %s", filter_op_name(t->op),
		    column->name, holdings[column->type]);
	if ((t->op == OP_CONTAINS || t->op == OP_STARTS_WITH) &&
	    column->type != COLUMN_STRING)
		return filter_fail(k->e, t->field.at, "%s needs text; %.100s holds %s",
		    filter_op_name(t->op), column->name, holdings[column->type]);
	if (t->values[0].kind == VALUE_FIELD)
		return check_current(k, t, column);
	for (size_t i = 0; i < t->n_values; i++)
		if (check_value(k, &t->values[i], column) < 0)
			return -1;
	return 0;
}

int
filter_check(const struct filter *f, const struct catalog *c, struct filter_error *e)
{
	struct checker k = { f, c, e };

	for (size_t i = 0; i < f->n_exprs; i++)
		if (filter_each_test(f->exprs[i].where, check_test, &k) < 0 ||
		    filter_each_test(f->exprs[i].condition, check_test, &k) < 0)
			return -1;
	return 0;
}
