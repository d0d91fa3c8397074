/* filter - a filter's text in its normal form, and what its fields are. */
#include "filter.h"

#include <string.h>

#include "filter_print.h"

static const char *const sources[] = {
	[FROM_INTERACTIONS] = "Interactions",
	[FROM_ITEMS] = "Items",
	[FROM_USERS] = "Users",
	[FROM_CURRENT_USER] = "CurrentUser",
	[FROM_CURRENT_ITEM] = "CurrentItem",
};

void
filter_print_field(const struct filter_field *field, struct buf *out)
{
	buf_adds(out, sources[field->source]);
	buf_addc(out, '.');
	if (field->source == FROM_INTERACTIONS)
		buf_adds(out, "EVENT_TYPE");
	else
		buf_add(out, field->name.data, field->name.len);
}

bool
filter_is_id(const struct filter_field *field)
{
	bool user = field->source == FROM_USERS || field->source == FROM_CURRENT_USER;

	return field->source != FROM_INTERACTIONS &&
	       span_equal_nocase(field->name, span_of(user ? "USER_ID" : "ITEM_ID"));
}

void
filter_quote(struct buf *out, struct span text)
{
	buf_addc(out, '"');
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] == '"' || text.data[i] == '\\')
			buf_addc(out, '\\');
		buf_addc(out, text.data[i]);
	}
	buf_addc(out, '"');
}

static void
print_value(const struct filter_value *v, const struct span *values, struct buf *out)
{
	struct span text;

	switch (v->kind) {
	case VALUE_STRING:
		filter_quote(out, v->text);
		break;
	case VALUE_NUMBER:
		buf_add(out, v->text.data, v->text.len);
		break;
	case VALUE_ANY:
		buf_adds(out, "\"*\"");
		break;
	case VALUE_PLACEHOLDER:
		text = values ? values[v->placeholder] : v->text;
		buf_adds(out, values ? "" : "$");
		buf_add(out, text.data, text.len);
		break;
	case VALUE_FIELD:
		filter_print_field(&v->field, out);
		break;
	}
}

static void
print_test(const struct filter_test *t, const struct span *values, struct buf *out)
{
	bool list = t->op <= OP_NOT_IN && t->values[0].kind != VALUE_FIELD;

	filter_print_field(&t->field, out);
	buf_addc(out, ' ');
	buf_adds(out, filter_op_name(t->op));
	buf_adds(out, list ? " (" : " ");
	for (size_t i = 0; i < t->n_values; i++) {
		if (i)
			buf_adds(out, ", ");
		print_value(&t->values[i], values, out);
	}
	if (list)
		buf_addc(out, ')');
}

void
filter_print_expr(const struct filter *f, const struct filter_expr *x,
    const struct span *values, struct buf *out)
{
	buf_adds(out, x->action == FILTER_INCLUDE ? "INCLUDE " : "EXCLUDE ");
	buf_adds(out, f->target == FILTER_ITEMS ? "ItemID WHERE " : "UserID WHERE ");
	for (size_t i = 0; i < x->n_tests; i++) {
		if (i)
			buf_adds(out, x->tests[i].after_or ? " OR " : " AND ");
		print_test(&x->tests[i], values, out);
	}
	for (size_t i = 0; i < x->n_conditions; i++) {
		buf_adds(out, i ? " AND " : " IF ");
		print_test(&x->conditions[i], values, out);
	}
}

void
filter_print(const struct filter *f, struct buf *out)
{
	for (size_t i = 0; i < f->n_exprs; i++) {
		if (i)
			buf_adds(out, " | ");
		filter_print_expr(f, &f->exprs[i], NULL, out);
	}
}

/* The line around e->at, tabs and all, then as many blanks as it has characters. */
void
filter_point(struct buf *out, struct span text, const struct filter_error *e)
{
	size_t at = MIN(e->at, text.len), from = at, to = at;

	while (from && text.data[from - 1] != '\n')
		from--;
	while (to < text.len && text.data[to] != '\n')
		to++;
	buf_adds(out, "  ");
	buf_add(out, text.data + from, to - from);
	buf_adds(out, "\n  ");
	for (size_t i = from; i < at; i++)
		if (text.data[i] == '\t')
			buf_addc(out, '\t');
		else if (((unsigned char)text.data[i] & 0xc0) != 0x80)
			buf_addc(out, ' ');
	buf_adds(out, "^\n");
}
