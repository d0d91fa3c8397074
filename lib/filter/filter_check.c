/* filter_check - a filter against a catalog: are its columns there and usable? */
#include "filter.h"

#include <stdlib.h>
#include <string.h>

#include "filter_lex.h"

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

/* How many letters must change, case ignored (Levenshtein); names are short. */
static size_t
distance(struct span a, struct span b)
{
	size_t row[65], diagonal, old;

	if (a.len > 64 || b.len > 64)
		return SIZE_MAX;
	for (size_t k = 0; k <= b.len; k++)
		row[k] = k;
	for (size_t i = 0; i < a.len; i++) {
		diagonal = row[0];
		row[0] = i + 1;
		for (size_t k = 0; k < b.len; k++) {
			old = row[k + 1];
			diagonal += lower(a.data[i]) != lower(b.data[k]);
			row[k + 1] = MIN(diagonal, MIN(row[k], old) + 1);
			diagonal = old;
		}
	}
	return row[b.len];
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

static int
no_column(
    const struct filter_field *field, const struct table *t, struct filter_error *e)
{
	const char *near = nearest(t, field->name);
	struct buf name = { 0 };

	filter_print_field(field, &name);
	filter_fail(e, field->at, "there is no column %.100s%s%.100s%s", name.data,
	    near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
	buf_release(&name);
	return -1;
}

/* NULL and the error unless the field is a column that filters can test. */
static const struct column *
usable(
    const struct catalog *c, const struct filter_field *field, struct filter_error *e)
{
	const struct table *t = table_of(c, field);
	const struct column *column = table_column(t, field->name);

	if (!column)
		no_column(field, t, e);
	else if (column->type == COLUMN_BOOLEAN)
		filter_fail(e, field->at,
		    "Could not create filter. Invalid Expression: %.100s is boolean "
		    "and "
		    "cannot be filtered; keep it as a string or as 0 and 1",
		    column->name);
	else if (column->textual)
		filter_fail(e, field->at, "%.100s is textual and cannot be filtered",
		    column->name);
	else
		return column;
	return NULL;
}

static int
check_value(const struct catalog *c, const struct filter_value *v,
    const struct column *column, struct filter_error *e)
{
	const struct column *other;
	double number;

	if (v->kind == VALUE_FIELD) {
		if (!(other = usable(c, &v->field, e)))
			return -1;
		if (other->type == column->type)
			return 0;
		return filter_fail(e, v->at,
		    "%.100s holds %s, so it cannot be compared with %.100s",
		    other->name, other->type == COLUMN_NUMBER ? "numbers" : "text",
		    column->name);
	}
	if (column->type == COLUMN_STRING || v->kind == VALUE_PLACEHOLDER ||
	    filter_number(v->text, &number))
		return 0;
	return filter_fail(
	    e, v->at, "%.100s holds numbers, and this is none", column->name);
}

/* IDs are text that is equal or not; there is no column to look up. */
static int
check_id(const struct filter_test *t, struct filter_error *e)
{
	if (t->op >= OP_LT)
		return filter_fail(e, t->field.at, "%s needs a number; IDs are text",
		    filter_op_name(t->op));
	if (t->values[0].kind == VALUE_FIELD)
		return filter_fail(
		    e, t->values[0].at, "IDs can be compared with values only");
	return 0;
}

static int
check_test(const struct filter_test *t, const struct catalog *c, struct filter_error *e)
{
	const struct column *column;

	if (t->field.source == FROM_INTERACTIONS)
		return 0;
	if (filter_is_id(&t->field))
		return check_id(t, e);
	if (!(column = usable(c, &t->field, e)))
		return -1;
	if (t->op >= OP_LT && column->type != COLUMN_NUMBER)
		return filter_fail(e, t->field.at,
		    "%s needs a number; %.100s holds text", filter_op_name(t->op),
		    column->name);
	for (size_t i = 0; i < t->n_values; i++)
		if (check_value(c, &t->values[i], column, e) < 0)
			return -1;
	return 0;
}

int
filter_check(const struct filter *f, const struct catalog *c, struct filter_error *e)
{
	for (size_t i = 0; i < f->n_exprs; i++) {
		const struct filter_expr *x = &f->exprs[i];

		for (size_t k = 0; k < x->n_tests; k++)
			if (check_test(&x->tests[k], c, e) < 0)
				return -1;
		for (size_t k = 0; k < x->n_conditions; k++)
			if (check_test(&x->conditions[k], c, e) < 0)
				return -1;
	}
	return 0;
}
