/* filter - a filter's text in its normal form, and what its fields are. */
#include "filter.h"

#include <string.h>

#include "filter_print.h"
#include "moment.h"

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
	buf_add(out, field->name.data, field->name.len);
}

bool
filter_uses(const struct filter *f, enum filter_source source)
{
	for (size_t i = 0; i < f->n_fields; i++)
		if (f->fields[i].source == source)
			return true;
	return false;
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

bool
filter_value_number(
    const struct filter *f, const struct filter_value *v, int64_t now, double *value)
{
	int64_t moment;

	if (v->kind == VALUE_NOW) {
		*value = (double)(now + v->offset);
		return true;
	}
	if (filter_number(v->text, value))
		return true;
	if (!f->extended || v->kind != VALUE_STRING || !moment_parse(v->text, &moment))
		return false;
	*value = (double)moment;
	return true;
}

bool
filter_value_boolean(const struct filter_value *v, bool *value)
{
	bool text = v->kind == VALUE_STRING || v->kind == VALUE_NUMBER;

	*value = v->kind == VALUE_TRUE ||
		 (text && (span_is(v->text, "1") ||
			      span_equal_nocase(v->text, span_of("true"))));
	return *value || v->kind == VALUE_FALSE ||
	       (text && (span_is(v->text, "0") ||
			    span_equal_nocase(v->text, span_of("false"))));
}

/* Placeholders and NOW() as they are written, or what is to stand in their place. */
struct printer {
	const struct span *values; /* by placeholder; NULL: as they are written */
	int64_t now;
	struct buf *out;
};

/* "NOW() - 29d - 12h": the largest units first. */
static void
print_now(int64_t offset, struct buf *out)
{
	static const struct {
		const char *name;
		int64_t seconds;
	} units[] = { { "d", 86400 }, { "h", 3600 }, { "min", 60 }, { "s", 1 } };
	int64_t left = offset < 0 ? -offset : offset;
	int64_t n;

	buf_adds(out, "NOW()");
	for (size_t i = 0; i < LENGTH(units); i++)
		while ((n = left / units[i].seconds)) {
			n = MIN(n, INT64_C(999999999)); /* digits that may be read */
			left -= n * units[i].seconds;
			buf_addf(out, " %c %lld%s", offset < 0 ? '-' : '+',
			    (long long)n, units[i].name);
		}
}

static void
print_value(const struct filter_value *v, const struct printer *p)
{
	struct span text = v->text;

	switch (v->kind) {
	case VALUE_STRING:
		filter_quote(p->out, text);
		break;
	case VALUE_NUMBER:
		buf_add(p->out, text.data, text.len);
		break;
	case VALUE_TRUE:
		buf_adds(p->out, "TRUE");
		break;
	case VALUE_FALSE:
		buf_adds(p->out, "FALSE");
		break;
	case VALUE_ANY:
		buf_adds(p->out, "\"*\"");
		break;
	case VALUE_PLACEHOLDER:
		if (p->values)
			text = p->values[v->placeholder];
		buf_adds(p->out, p->values ? "" : "$");
		buf_add(p->out, text.data, text.len);
		break;
	case VALUE_FIELD:
		filter_print_field(&v->field, p->out);
		break;
	case VALUE_NOW:
		if (p->values)
			buf_addf(p->out, "%lld", (long long)(p->now + v->offset));
		else
			print_now(v->offset, p->out);
		break;
	}
}

static void print_node(const struct filter_node *node, const struct printer *p);

static void
print_jq(const struct filter_test *t, const struct printer *p)
{
	if (t->field.source == FROM_CURRENT_USER)
		buf_adds(p->out, "CurrentUser.");
	buf_adds(p->out, "jq(");
	buf_add(p->out, t->program.data, t->program.len);
	buf_addc(p->out, ')');
}

static void
print_test(const struct filter_test *t, const struct printer *p)
{
	bool list =
	    t->op <= OP_NOT_IN && t->n_values && t->values[0].kind != VALUE_FIELD;

	if (t->subject == OF_JQ) {
		print_jq(t, p);
		return;
	}
	if (t->subject == OF_COUNT) {
		buf_adds(p->out, "COUNT(");
		print_node(t->counted, p);
		buf_addc(p->out, ')');
	} else
		filter_print_field(&t->field, p->out);
	buf_addc(p->out, ' ');
	buf_adds(p->out, filter_op_name(t->op));
	buf_adds(p->out, list ? " (" : " ");
	for (size_t i = 0; i < t->n_values; i++) {
		if (i)
			buf_adds(p->out, ", ");
		print_value(&t->values[i], p);
	}
	if (list)
		buf_addc(p->out, ')');
}

/* NOT binds before AND, and AND before OR: parentheses where the tree says otherwise.
 */
static void
print_child(
    const struct filter_node *node, enum filter_join around, const struct printer *p)
{
	bool group =
	    (around == NODE_NOT && node->kind != NODE_TEST && node->kind != NODE_NOT) ||
	    (around == NODE_AND && node->kind == NODE_OR);

	buf_adds(p->out, group ? "(" : "");
	print_node(node, p);
	buf_adds(p->out, group ? ")" : "");
}

static void
print_node(const struct filter_node *node, const struct printer *p)
{
	const struct filter_node *child = node->child;

	if (node->kind == NODE_TEST) {
		print_test(&node->test, p);
		return;
	}
	if (node->kind == NODE_NOT)
		buf_adds(p->out, "NOT ");
	for (; child; child = child->next) {
		print_child(child, node->kind, p);
		if (child->next)
			buf_adds(p->out, node->kind == NODE_OR ? " OR " : " AND ");
	}
}

static void
print_expr(const struct filter *f, const struct filter_expr *x, const struct printer *p)
{
	buf_adds(p->out, x->action == FILTER_INCLUDE ? "INCLUDE " : "EXCLUDE ");
	buf_adds(p->out, f->target == FILTER_ITEMS ? "ItemID WHERE " : "UserID WHERE ");
	print_node(x->where, p);
	if (!x->condition)
		return;
	buf_adds(p->out, " IF ");
	print_node(x->condition, p);
}

void
filter_print_test(const struct filter_test *t, struct buf *out)
{
	print_test(t, &(struct printer){ .out = out });
}

void
filter_print_expr(const struct filter *f, const struct filter_expr *x, struct buf *out)
{
	print_expr(f, x, &(struct printer){ .out = out });
}

void
filter_print_bound(const struct filter *f, const struct filter_expr *x,
    const struct span *values, int64_t now, struct buf *out)
{
	print_expr(f, x, &(struct printer){ values, now, out });
}

void
filter_print(const struct filter *f, struct buf *out)
{
	buf_adds(out, f->extended ? "EXTENDED " : "");
	for (size_t i = 0; i < f->n_exprs; i++) {
		if (i)
			buf_adds(out, " | ");
		filter_print_expr(f, &f->exprs[i], out);
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
