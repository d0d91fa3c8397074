/*
 * filter_rules - random filters over random catalogs, and what they mean, row by row,
 * from the rules as they stand in pz-filter(7).
 *
 * The rules are read off the description that the catalog was made from. Nothing of
 * the parser or the evaluator is used but the numbers of the operators.
 */
#ifndef FILTER_RULES_H
#define FILTER_RULES_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "filter_eval.h"
#include "filter_jq.h"
#include "random.h"
#include "toy.h"

enum {
	MOST_RULES = 64,
	MOST_CHILDREN = 4,
	MOST_VALUES = 4,
	MOST_EXPRS = 4,
	THE_TIME = 200, /* now; events are between 1 and 250 */
};

/* What a test looks at. */
enum source { TYPE, VALUE, TIME, ROW_COLUMN, ROW_ID, USER_COLUMN, USER_ID, COUNT, JQ };
enum join { LEAF, ALL, ANY, NOT };

/* A value as it is written, and what it is as a number. */
struct wanted {
	const char *text;
	double number;
	bool bare; /* never between quotes */
};

struct rule {
	enum join join;
	int n, child[MOST_CHILDREN]; /* of ALL, ANY, NOT; COUNT: the one that counts */
	enum source source;
	bool of_user; /* JQ: the current user's */
	int column;   /* JQ: the program */
	enum filter_op op;
	int n_values;
	struct wanted value[MOST_VALUES];
	int current;       /* a column of the current item or user; -1: values */
	bool current_user; /* it is the user's */
};

struct random_expr {
	bool include;
	int where, condition; /* rules; -1: no condition */
};

struct random_filter {
	bool extended, users;
	int n;
	struct random_expr expr[MOST_EXPRS];
	struct rule rule[MOST_RULES];
	int n_rules;
};

#define ANY_OF(array) (array)[random_below(LENGTH(array))]

static const char *const words[] = { "Action", "Comedy", "Drama", "it's", "say \"x\"",
	"back\\slash", "", "a b", "Japan購入", "10", "*x", "comedy" };
static const char *const pieces[] = { "", "a", "Com", "x", "1", "Japan", "購入", "my",
	"\\", "zzz" };
static const struct wanted numbers[] = { { "0", 0, false }, { "1", 1, false },
	{ "5", 5, false }, { "10", 10, false }, { "-3", -3, false },
	{ "2.5", 2.5, false }, { "1e2", 100, false }, { "99", 99, false } };
static const struct wanted values[] = { { "0.1", 0.1, false }, { "1", 1, false },
	{ "2.5", 2.5, false }, { "-7", -7, false }, { "16777217", 16777217, false } };
static const struct wanted times[] = { { "100", 100, false }, { "7", 7, false },
	{ "1970-01-01", 0, false }, { "1970-01-01T00:02:03Z", 123, false },
	{ "1970-01-01 01:01+01:00", 60, false }, { "NOW()", THE_TIME, true },
	{ "NOW() - 3min", 20, true }, { "now( )-1min -40s", 100, true },
	{ "NOW() + 1h - 1h", THE_TIME, true } };
static const struct wanted booleans[] = { { "TRUE", 1, true }, { "false", 0, true },
	{ "True", 1, false }, { "0", 0, false }, { "1", 1, false } };
static const struct wanted counts[] = { { "0", 0, false }, { "1", 1, false },
	{ "2", 2, false }, { "3", 3, false }, { "1.5", 1.5, false },
	{ "-1", -1, false } };
static const char *const types[] = { "click", "CLICK", "watch", "Watch", "buy",
	"click " };

/* jq programs, and what each says of a row without jq. */
static const char *const programs[] = {
	".A == null",
	".Bb | if . == null then error(\"no\") else true end",
	"(.ITEM_ID // .USER_ID // \"\") | endswith(\"1\") # )",
	"now - 200 | . != 0",
	".A, (\"\\(.A)\" == \"null\")",
};

static void
random_column(struct toy_column *c, const char *name, int rows)
{
	*c = (struct toy_column){ .name = name };
	c->type = one_in(2)   ? COLUMN_STRING
		  : one_in(4) ? COLUMN_BOOLEAN
			      : COLUMN_NUMBER;
	for (int r = 0; r < rows; r++) {
		if (one_in(4))
			continue;
		c->cell[r].n =
		    c->type != COLUMN_STRING ? 1 : 1 + (int)random_below(TOY_VALUES);
		for (int i = 0; i < c->cell[r].n; i++)
			c->cell[r].text[i] = c->type == COLUMN_STRING ? ANY_OF(words)
					     : c->type == COLUMN_NUMBER
						 ? ANY_OF(numbers).text
					     : one_in(2) ? "1"
							 : "0";
	}
}

static void
random_table(struct toy_table *t, char prefix, int rows)
{
	static const char *const names[] = { "A", "Bb", "C_3", "D", "E" };
	static char ids[2][TOY_ROWS][16];

	t->n = rows;
	t->n_columns = (int)LENGTH(names);
	for (int r = 0; r < rows; r++) {
		char *id = ids[prefix == 'u'][r];

		snprintf(id, 16, "%c%03d", prefix, r);
		t->id[r] = id;
	}
	for (size_t k = 0; k < LENGTH(names); k++)
		random_column(&t->column[k], names[k], rows);
}

static void
random_history(struct toy *toy, int user)
{
	/* Some are idle; and some items are met often, for tests of several events. */
	int64_t time = 250 - (int64_t)(one_in(2) ? random_below(150) : 0);
	uint64_t often = MIN((uint64_t)toy->items.n, UINT64_C(3));

	toy->n_events[user] = one_in(3) ? 0 : (int)random_below(TOY_EVENTS);
	for (int i = 0; i < toy->n_events[user]; i++) {
		time = MAX(time - (int64_t)random_below(9), 1);
		toy->event[user][i] = (struct toy_event){
			.item = (int)random_below(
			    one_in(2) ? often : (uint64_t)toy->items.n),
			.type = (int)random_below((uint64_t)toy->n_types + 1) - 1,
			.time = time,
			.value = one_in(4) ? NAN : (float)ANY_OF(values).number,
		};
	}
}

static void
random_toy(struct toy *toy, bool small)
{
	/* Around the ends of words of 64 bits. */
	static const int sizes[] = { 1, 2, 3, 7, 9, 13, 20, 30, 62, 63, 64, 65, 127,
		128, 139 };

	memset(toy, 0, sizeof *toy);
	random_table(
	    &toy->items, 'i', small ? 1 + (int)random_below(4) : ANY_OF(sizes));
	random_table(&toy->users, 'u',
	    one_in(4) && !small ? 1 + (int)random_below(70)
				: 1 + (int)random_below(small ? 3 : 7));
	toy->has_values = true;
	toy->n_types = (int)random_below(LENGTH(types) + 1);
	for (int i = 0; i < toy->n_types; i++)
		toy->type[i] = types[i];
	for (int u = 0; u < toy->users.n; u++)
		random_history(toy, u);
}

static const struct toy_table *
table_of(const struct toy *toy, bool users)
{
	return users ? &toy->users : &toy->items;
}

/* What is known while a filter is made up. */
struct maker {
	const struct toy *toy;
	struct random_filter *f;
	bool jq; /* programs may be used */
	enum { WHERE, CONDITION, COUNTED } place;
	bool events; /* the service's language: tests of events alone, or of columns */
};

static const struct toy_table *
table_for(const struct maker *m, const struct rule *r)
{
	bool user = r->source == USER_COLUMN || r->source == USER_ID;

	return table_of(m->toy, m->f->users || user);
}

static enum source
random_source(const struct maker *m)
{
	bool extended = m->f->extended, users = m->f->users;

	if (m->jq && m->place != COUNTED && one_in(12))
		return JQ;
	if (m->place == CONDITION)
		return one_in(6) ? USER_ID : USER_COLUMN;
	if (m->place == COUNTED)
		return (enum source)random_below(3);
	if (!extended)
		return m->events ? TYPE : one_in(6) ? ROW_ID : ROW_COLUMN;
	if (one_in(3))
		return one_in(4) ? COUNT : (enum source)random_below(3);
	if (!users && one_in(8))
		return one_in(4) ? USER_ID : USER_COLUMN;
	return one_in(6) ? ROW_ID : ROW_COLUMN;
}

static enum column_type
type_for(const struct maker *m, const struct rule *r)
{
	switch (r->source) {
	case VALUE:
	case TIME:
	case COUNT:
		return COLUMN_NUMBER;
	case ROW_COLUMN:
	case USER_COLUMN:
		return table_for(m, r)->column[r->column].type;
	default:
		return COLUMN_STRING;
	}
}

static enum filter_op
random_op(const struct maker *m, const struct rule *r)
{
	static const enum filter_op any[] = { OP_IN, OP_NOT_IN, OP_EQ, OP_NE },
				    orders[] = { OP_LT, OP_LE, OP_GT, OP_GE, OP_EQ,
					    OP_NE };

	if (r->source == COUNT)
		return ANY_OF(orders);
	if (type_for(m, r) == COLUMN_NUMBER && one_in(2))
		return ANY_OF(orders);
	if (m->f->extended && type_for(m, r) == COLUMN_STRING && one_in(4))
		return one_in(2) ? OP_CONTAINS : OP_STARTS_WITH;
	return ANY_OF(any);
}

static struct wanted
random_text(const struct maker *m, const struct rule *r)
{
	const struct toy_table *t = table_for(m, r);
	const char *text;

	if (r->op == OP_CONTAINS || r->op == OP_STARTS_WITH)
		text = r->source == ROW_COLUMN || r->source == USER_COLUMN
			   ? ANY_OF(pieces)
		       : r->source == TYPE ? (one_in(2) ? "LI" : "w")
					   : (one_in(2) ? "0" : "i00");
	else if (r->source == TYPE)
		text = one_in(8) ? "*" : ANY_OF(types);
	else if (r->source == ROW_ID || r->source == USER_ID)
		text = one_in(4) ? "nobody" : t->id[random_below((uint64_t)t->n)];
	else
		text = ANY_OF(words);
	return (struct wanted){ text, NAN, false };
}

static struct wanted
random_value(const struct maker *m, const struct rule *r)
{
	enum column_type type = type_for(m, r);

	if (type == COLUMN_STRING)
		return random_text(m, r);
	if (type == COLUMN_BOOLEAN)
		return ANY_OF(booleans);
	if (r->source == COUNT)
		return ANY_OF(counts);
	if (r->source == VALUE)
		return ANY_OF(values);
	if (r->source == TIME || (m->f->extended && one_in(6)))
		return ANY_OF(times);
	return ANY_OF(numbers);
}

/* Sometimes a column of the current item or user in place of values. */
static void
random_current(const struct maker *m, struct rule *r)
{
	const struct toy_table *t;

	r->current = -1;
	if (r->source != ROW_COLUMN || m->f->users || !one_in(4) ||
	    r->op == OP_CONTAINS || r->op == OP_STARTS_WITH ||
	    (r->op == OP_NOT_IN && !m->f->extended))
		return;
	r->current_user = m->f->extended && one_in(3);
	t = table_of(m->toy, r->current_user);
	for (int k = 0; k < t->n_columns && r->current < 0; k++)
		if (t->column[k].type == type_for(m, r) && one_in(2))
			r->current = k;
}

static int random_rule(struct maker *m, int depth);

static void
random_leaf(struct maker *m, struct rule *r)
{
	int place = m->place;

	r->source = random_source(m);
	r->column = (int)random_below(5);
	r->of_user = m->place == CONDITION || (!m->f->users && one_in(4));
	r->current = -1;
	/* The service has no booleans. */
	while (r->source != JQ && !m->f->extended && type_for(m, r) == COLUMN_BOOLEAN &&
	       r->column)
		r->column--;
	if (!m->f->extended && r->source != JQ && type_for(m, r) == COLUMN_BOOLEAN)
		r->source = r->source == USER_COLUMN ? USER_ID : ROW_ID;
	if (r->source == COUNT) {
		m->place = COUNTED;
		r->child[0] = random_rule(m, 2);
		m->place = place;
	}
	if (r->source == JQ)
		return;
	r->op = random_op(m, r);
	r->n_values = r->op <= OP_NOT_IN ? 1 + (int)random_below(MOST_VALUES) : 1;
	for (int i = 0; i < r->n_values; i++)
		r->value[i] = random_value(m, r);
	random_current(m, r);
}

/* A new rule, by its number; there is always room for a leaf. */
static int
random_rule(struct maker *m, int depth)
{
	struct random_filter *f = m->f;
	int at = f->n_rules++;
	struct rule r = { .join = LEAF };

	if (depth > 0 && f->n_rules < MOST_RULES / 2 && !one_in(3))
		r.join = one_in(3) ? NOT : one_in(2) ? ALL : ANY;
	if (r.join == LEAF)
		random_leaf(m, &r);
	else
		r.n = r.join == NOT
			  ? 1
			  : 2 + (int)random_below((uint64_t)MOST_CHILDREN - 1);
	for (int i = 0; r.join != LEAF && i < r.n; i++)
		r.child[i] =
		    random_rule(m, f->n_rules < MOST_RULES / 2 ? depth - 1 : 0);
	f->rule[at] = r;
	return at;
}

/* The service's form: tests joined by OR of AND, or by AND alone. */
static int
random_chain(struct maker *m, int depth)
{
	struct random_filter *f = m->f;
	int at = f->n_rules++;
	struct rule r = { .join = LEAF };

	if (depth && !one_in(3))
		r.join = depth == 2 ? ANY : ALL;
	if (r.join == LEAF && depth == 2)
		return f->n_rules--, random_chain(m, 1);
	if (r.join == LEAF)
		random_leaf(m, &r);
	else
		r.n = 2 + (int)random_below(2);
	for (int i = 0; r.join != LEAF && i < r.n; i++)
		r.child[i] = random_chain(m, depth - 1);
	f->rule[at] = r;
	return at;
}

static void
random_filter(const struct toy *toy, struct random_filter *f, bool jq)
{
	struct maker m = { .toy = toy, .f = f };

	f->extended = !one_in(3);
	f->users = one_in(4);
	f->n = 1 + (int)random_below(one_in(2) ? 1 : MOST_EXPRS);
	f->n_rules = 0;
	m.jq = jq && f->extended;
	for (int i = 0; i < f->n; i++) {
		struct random_expr *x = &f->expr[i];

		x->include = one_in(2);
		m.place = WHERE;
		m.events = one_in(3);
		x->where = f->extended ? random_rule(&m, 3) : random_chain(&m, 2);
		m.place = CONDITION;
		x->condition = f->users || one_in(2) ? -1
			       : f->extended         ? random_rule(&m, 2)
						     : random_chain(&m, 1);
	}
}

/* Some letters in the other case. */
static void
write_word(struct buf *b, const char *word)
{
	for (; *word; word++)
		buf_addc(b, one_in(5) && ((*word | 32) >= 'a' && (*word | 32) <= 'z')
				? (char)(*word ^ 32)
				: *word);
}

static void
write_string(struct buf *b, const char *text)
{
	char quote = one_in(3) ? '\'' : '"';

	buf_addc(b, quote);
	for (; *text; text++) {
		if (*text == quote || *text == '\\' ||
		    ((unsigned char)*text < 0x80 && one_in(9)))
			buf_addc(b, '\\');
		buf_addc(b, *text);
	}
	buf_addc(b, quote);
}

static void
write_value(struct buf *b, const struct rule *r, const struct wanted *v)
{
	bool number = strspn(v->text, "-0123456789.e") == strlen(v->text) && *v->text &&
		      !strchr(v->text + 1, '-');
	bool part = r->op == OP_CONTAINS || r->op == OP_STARTS_WITH;

	if (v->bare)
		write_word(b, strchr(v->text, '(') ? "" : v->text);
	if (v->bare && strchr(v->text, '('))
		buf_adds(b, v->text);
	else if (!v->bare && number && !part && one_in(2))
		buf_adds(b, v->text);
	else if (!v->bare && r->source == TYPE && !strcmp(v->text, "*") && !part &&
		 one_in(2))
		buf_adds(b, "*");
	else if (!v->bare)
		write_string(b, v->text);
}

static void
write_field(struct buf *b, const struct toy *toy, const struct rule *r, bool users)
{
	static const char *const events[] = { "EVENT_TYPE", "EVENT_VALUE",
		"TIMESTAMP" };
	bool user = r->source == USER_COLUMN || r->source == USER_ID;

	write_word(b, r->source <= TIME ? "Interactions"
		      : user            ? "CurrentUser"
		      : users           ? "Users"
					: "Items");
	buf_addc(b, '.');
	write_word(b, r->source <= TIME ? events[r->source]
		      : r->source == ROW_ID || r->source == USER_ID
			  ? (users || user ? "USER_ID" : "ITEM_ID")
			  : table_of(toy, users || user)->column[r->column].name);
}

static void
write_values(struct buf *b, const struct toy *toy, const struct rule *r)
{
	bool list = r->op <= OP_NOT_IN && r->current < 0;

	buf_adds(b, list ? "(" : " ");
	if (r->current >= 0) {
		write_word(b, r->current_user ? "CurrentUser." : "CurrentItem.");
		write_word(b, table_of(toy, r->current_user)->column[r->current].name);
	}
	for (int i = 0; i < r->n_values && r->current < 0; i++) {
		buf_adds(b, i ? "," : "");
		write_value(b, r, &r->value[i]);
	}
	buf_adds(b, list ? ")" : "");
}

static void write_rule(
    struct buf *b, const struct toy *toy, const struct random_filter *f, int rule);

static void
write_leaf(struct buf *b, const struct toy *toy, const struct random_filter *f,
    const struct rule *r, bool condition)
{
	if (r->source == JQ) {
		write_word(b, r->of_user && !condition ? "CurrentUser.jq" : "jq");
		buf_adds(b, one_in(2) ? "(" : " ( ");
		buf_adds(b, programs[r->column]);
		buf_adds(b, strchr(programs[r->column], '#') ? "\n)" : ")");
		return;
	}
	if (r->source == COUNT) {
		write_word(b, "COUNT");
		buf_addc(b, '(');
		write_rule(b, toy, f, r->child[0]);
		buf_addc(b, ')');
	} else
		write_field(b, toy, r, f->users);
	buf_adds(b, one_in(2) || r->op <= OP_STARTS_WITH ? " " : "");
	write_word(b, filter_op_name(r->op));
	buf_adds(b, r->op <= OP_STARTS_WITH ? " " : "");
	write_values(b, toy, r);
}

/* A chain within a chain keeps its parentheses: it is another chain. */
static void
write_rule(
    struct buf *b, const struct toy *toy, const struct random_filter *f, int rule)
{
	const struct rule *r = &f->rule[rule];

	if (r->join == NOT)
		write_word(b, "NOT ");
	if (r->join == LEAF)
		write_leaf(b, toy, f, r, false);
	for (int i = 0; r->join != LEAF && i < r->n; i++) {
		const struct rule *child = &f->rule[r->child[i]];
		bool group = child->join == r->join || child->join == ANY ||
			     (child->join == ALL && r->join == NOT) ||
			     (f->extended && one_in(8));

		if (child->join == NOT && r->join == NOT)
			group = one_in(2);
		if (i)
			write_word(b, r->join == ALL ? " AND " : " OR ");
		buf_adds(b, group ? "(" : "");
		write_rule(b, toy, f, r->child[i]);
		buf_adds(b, group ? ")" : "");
	}
}

static void
write_filter(struct buf *b, const struct toy *toy, const struct random_filter *f)
{
	buf_clear(b);
	write_word(b, f->extended ? "EXTENDED " : "");
	for (int i = 0; i < f->n; i++) {
		const struct random_expr *x = &f->expr[i];

		buf_adds(b, i ? "|" : "");
		write_word(b, x->include ? "INCLUDE " : "EXCLUDE ");
		write_word(b, f->users ? "UserID WHERE " : "ItemID WHERE ");
		write_rule(b, toy, f, x->where);
		if (x->condition < 0)
			continue;
		write_word(b, " IF ");
		write_rule(b, toy, f, x->condition);
	}
}

/* Which events filters see: those that the limits leave. */
struct seen {
	bool event[TOY_ROWS][TOY_EVENTS];
};

/* Who is asked about, by row; -1: none, or unknown to the catalog. */
struct who {
	const struct toy *toy;
	const struct random_filter *f;
	const struct seen *seen;
	int row, user, item;
};

/* All the values that a row has for a test: what the rules are about. */
struct row_values {
	int n;
	const char *text[TOY_EVENTS + TOY_VALUES]; /* NULL: an event without a type */
	double number[TOY_EVENTS + TOY_VALUES];
};

static const char *
type_name(const struct toy *toy, const struct toy_event *e)
{
	return e->type < 0 ? NULL : toy->type[e->type];
}

static bool
same_type(const char *a, const char *b)
{
	return a && b ? !strcasecmp(a, b) : a == b;
}

/* Whether the user's i-th newest event is one that filters see. */
static bool
is_seen(const struct toy *toy, const struct filter_options *o, int user, int i)
{
	const struct toy_event *e = toy->event[user];
	size_t newer = 0;

	if (o->idle_seconds && e[0].time < o->now - o->idle_seconds)
		return false;
	for (int k = 0; o->history_limit && k < i; k++)
		newer += same_type(type_name(toy, &e[i]), type_name(toy, &e[k]));
	return !o->history_limit || newer < o->history_limit;
}

static void
see(struct seen *seen, const struct toy *toy, const struct filter_options *o)
{
	for (int u = 0; u < toy->users.n; u++)
		for (int i = 0; i < toy->n_events[u]; i++)
			seen->event[u][i] = is_seen(toy, o, u, i);
}

/* The next event, from *i on, of the current user with the row, or of the row. */
static const struct toy_event *
next_event(const struct who *w, int *i)
{
	int user = w->f->users ? w->row : w->user;

	for (; user >= 0 && *i < w->toy->n_events[user]; ++*i) {
		const struct toy_event *e = &w->toy->event[user][*i];

		if ((w->f->users || e->item == w->row) && w->seen->event[user][*i])
			return ++*i, e;
	}
	return NULL;
}

static void
add_event(const struct who *w, const struct rule *r, const struct toy_event *e,
    struct row_values *v)
{
	double number = r->source == VALUE ? (double)e->value : (double)e->time;

	if (r->source != TYPE && isnan(number))
		return;
	v->text[v->n] = type_name(w->toy, e);
	v->number[v->n++] = number;
}

static void
add_cell(struct row_values *v, const struct toy_table *t, int column, int row)
{
	const struct toy_cell *cell = &t->column[column].cell[row < 0 ? 0 : row];

	for (int i = 0; row >= 0 && i < cell->n; i++) {
		v->text[v->n] = cell->text[i];
		v->number[v->n++] = atof(cell->text[i]);
	}
}

/* Of one event if there is one, inside COUNT. */
static void
find_values(const struct who *w, const struct rule *r, const struct toy_event *event,
    struct row_values *v)
{
	const struct toy_table *rows = table_of(w->toy, w->f->users);
	int i = 0;

	v->n = 0;
	if (event)
		add_event(w, r, event, v);
	else if (r->source <= TIME)
		while ((event = next_event(w, &i)))
			add_event(w, r, event, v);
	else if (r->source == ROW_COLUMN)
		add_cell(v, rows, r->column, w->row);
	else if (r->source == USER_COLUMN)
		add_cell(v, &w->toy->users, r->column, w->user);
	else if (r->source == ROW_ID && w->row >= 0)
		v->text[v->n++] = rows->id[w->row];
	else if (r->source == USER_ID && w->user >= 0)
		v->text[v->n++] = w->toy->users.id[w->user];
}

static bool
is_number(const struct who *w, const struct rule *r)
{
	struct maker m = { .toy = w->toy, .f = (struct random_filter *)w->f };

	return type_for(&m, r) != COLUMN_STRING;
}

static bool
begins(const char *text, const char *with, bool nocase)
{
	size_t len = strlen(with);

	return nocase ? !strncasecmp(text, with, len) : !strncmp(text, with, len);
}

static bool
text_fits(const struct rule *r, const char *text, const char *wanted)
{
	if (r->op == OP_STARTS_WITH)
		return text && begins(text, wanted, r->source == TYPE);
	if (r->op == OP_CONTAINS) {
		for (const char *p = text; p; p = *p ? p + 1 : NULL)
			if (begins(p, wanted, r->source == TYPE))
				return true;
		return false;
	}
	if (r->source == TYPE)
		return !strcmp(wanted, "*") || (text && same_type(text, wanted));
	return !strcmp(text, wanted);
}

static bool
number_fits(const struct rule *r, double x, double y)
{
	/* Values of events are floats. */
	if (r->source == VALUE)
		y = (double)(float)y;
	switch (r->op) {
	case OP_LT:
		return x < y;
	case OP_LE:
		return x <= y;
	case OP_GT:
		return x > y;
	case OP_GE:
		return x >= y;
	default:
		return x == y;
	}
}

/* IN and the like: any pair fits; NOT IN: not so; !=: there are some and not so. */
static bool
compare_all(const struct who *w, const struct rule *r, const struct row_values *v)
{
	bool any = false, number = is_number(w, r);
	struct row_values current;
	int n = r->n_values;

	if (r->current >= 0) {
		current.n = 0;
		add_cell(&current, table_of(w->toy, r->current_user), r->current,
		    r->current_user ? w->user : w->item);
		n = current.n;
	}
	for (int i = 0; i < v->n; i++)
		for (int k = 0; k < n; k++)
			any = any || (number ? number_fits(r, v->number[i],
						   r->current < 0 ? r->value[k].number
								  : current.number[k])
					     : text_fits(r, v->text[i],
						   r->current < 0 ? r->value[k].text
								  : current.text[k]));
	if (r->op == OP_NOT_IN)
		return !any;
	return r->op == OP_NE ? v->n && n && !any : any;
}

static bool
program_holds(const struct who *w, const struct rule *r)
{
	bool user = r->of_user || w->f->users;
	const struct toy_table *t = table_of(w->toy, user);
	int row = r->of_user ? w->user : w->row;
	struct row_values a = { 0 }, b = { 0 };

	add_cell(&a, t, 0, row);
	add_cell(&b, t, 1, row);
	switch (r->column) {
	case 0:
		return !a.n;
	case 1:
		return b.n;
	case 2:
		return row >= 0 && t->id[row][3] == '1';
	case 3:
		return false;
	default: /* A is true, or it is null; of several texts one is made */
		return !a.n || t->column[0].type != COLUMN_BOOLEAN || a.number[0] != 0;
	}
}

static bool means(const struct who *w, int rule, const struct toy_event *event);

static bool
leaf_holds(const struct who *w, const struct rule *r, const struct toy_event *event)
{
	const struct toy_event *e;
	struct row_values v;
	int i = 0, n = 0;

	if (r->source == JQ)
		return program_holds(w, r);
	if (r->source != COUNT) {
		find_values(w, r, event, &v);
		return compare_all(w, r, &v);
	}
	while ((e = next_event(w, &i)))
		n += means(w, r->child[0], e);
	v.n = 1;
	v.number[0] = n;
	return compare_all(w, r, &v);
}

/* The parts of a chain of AND, which parentheses do not matter to. */
struct parts {
	int n, rule[MOST_RULES];
};

static void
add_parts(const struct random_filter *f, const struct rule *r, struct parts *parts)
{
	for (int i = 0; i < r->n; i++)
		if (f->rule[r->child[i]].join == ALL)
			add_parts(f, &f->rule[r->child[i]], parts);
		else
			parts->rule[parts->n++] = r->child[i];
}

/* About events and nothing else; *more: about more of them than types. */
static bool
is_of_events(const struct random_filter *f, int rule, bool *more)
{
	const struct rule *r = &f->rule[rule];

	if (r->join == NOT)
		return false;
	if (r->join == LEAF) {
		*more = *more || r->source == VALUE || r->source == TIME;
		return r->source <= TIME;
	}
	for (int i = 0; i < r->n; i++)
		if (!is_of_events(f, r->child[i], more))
			return false;
	return true;
}

/* One event for all parts of the chain that are about events; the others alone. */
static bool
chain_holds(const struct who *w, const struct rule *r)
{
	struct parts all = { 0 }, events = { 0 };
	const struct toy_event *e;
	bool asks = false, some = false, holds, more;
	int i = 0;

	add_parts(w->f, r, &all);
	for (int k = 0; k < all.n; k++) {
		more = false;
		if (!is_of_events(w->f, all.rule[k], &more))
			continue;
		asks = asks || more;
		events.rule[events.n++] = all.rule[k];
	}
	if (!w->f->extended || events.n < 2 || !asks)
		events.n = 0;
	for (int k = 0; k < all.n; k++)
		if (!(events.n && is_of_events(w->f, all.rule[k], &more)) &&
		    !means(w, all.rule[k], NULL))
			return false;
	while (events.n && (e = next_event(w, &i))) {
		holds = true;
		for (int k = 0; k < events.n; k++)
			holds = holds && means(w, events.rule[k], e);
		some = some || holds;
	}
	return !events.n || some;
}

static bool
means(const struct who *w, int rule, const struct toy_event *event)
{
	const struct rule *r = &w->f->rule[rule];
	bool all = true, any = false, one;

	if (r->join == LEAF)
		return leaf_holds(w, r, event);
	if (!event && r->join == ALL)
		return chain_holds(w, r);
	for (int i = 0; i < r->n; i++) {
		one = means(w, r->child[i], event);
		all = all && one;
		any = any || one;
	}
	return r->join == NOT ? !any : r->join == ALL ? all : any;
}

static bool
is_allowed(const struct who *w)
{
	bool includes = false, included = false, excluded = false, holds;

	for (int i = 0; i < w->f->n; i++) {
		const struct random_expr *x = &w->f->expr[i];

		if (x->condition >= 0 && !means(w, x->condition, NULL))
			continue;
		holds = means(w, x->where, NULL);
		includes = includes || x->include;
		included = included || (x->include && holds);
		excluded = excluded || (!x->include && holds);
	}
	return (!includes || included) && !excluded;
}

/* How many rows the evaluator and the rules see differently. */
static size_t
differences(struct who w, const struct filter_set *set)
{
	int n = table_of(w.toy, w.f->users)->n;
	size_t wrong = set->n != (size_t)n;

	for (w.row = -1; w.row < n; w.row++)
		wrong += is_allowed(&w) !=
			 filter_allows(set, w.row < 0 ? NONE : (uint32_t)w.row);
	if ((n + 1) % 64)
		wrong += set->words[n / 64] >> (n + 1) % 64 != 0;
	return wrong;
}

/* The normal form instead of the text, which must mean the same. */
static void
normalize(struct buf *text)
{
	struct filter_error e;
	struct filter *f =
	    filter_parse_bound((struct span){ text->data, text->len }, &e);

	if (!f)
		return;
	buf_clear(text);
	filter_print(f, text);
	filter_free(f);
}

/* A random filter for some users and items. How many rows differ; says which. */
static size_t
rules_check_filter(
    const struct toy *toy, struct filter_cache *cache, const struct seen *seen, bool jq)
{
	static struct random_filter f;
	struct buf text = { 0 };
	struct filter_plan *p;
	struct filter_error e;
	struct filter_set set;
	size_t wrong = 0;

	random_filter(toy, &f, jq);
	write_filter(&text, toy, &f);
	if (one_in(4))
		normalize(&text);
	for (int i = 0; i < 2 && !wrong; i++) {
		struct who w = { toy, &f, seen, -1, -1, -1 };

		w.user = (int)random_below((uint64_t)toy->users.n + 1) - 1;
		w.item = (int)random_below((uint64_t)toy->items.n + 1) - 1;
		p = filter_cache_plan(cache, (struct span){ text.data, text.len }, &e);
		if (!p) {
			printf("# at %zu: %s\n", e.at, e.text);
			wrong++;
			break;
		}
		set = filter_plan_run(p, (uint32_t)w.user, (uint32_t)w.item);
		wrong += differences(w, &set);
	}
	if (wrong)
		printf("# %zu differ: %s\n", wrong, text.data);
	buf_release(&text);
	return wrong;
}

/* A random catalog and what filters over it need. */
struct rules_world {
	struct toy toy;
	struct seen seen;
	struct catalog catalog;
	struct filter_options options;
	struct filter_cache *cache;
};

static void
rules_open(struct rules_world *w, bool small)
{
	random_toy(&w->toy, small);
	w->catalog = toy_catalog(&w->toy);
	w->options = (struct filter_options){ .now = THE_TIME,
		.history_limit = random_below(4),
		.idle_seconds = one_in(2) ? (int64_t)random_below(100) : 0 };
	see(&w->seen, &w->toy, &w->options);
	/* One byte: it forgets all the time. */
	w->cache = filter_cache_new(&w->catalog, &w->options, 1);
}

static void
rules_close(struct rules_world *w)
{
	filter_cache_free(w->cache);
	catalog_release(&w->catalog);
}

/* n random filters. How many of them are wrong. */
static size_t
rules_check(const struct rules_world *w, int n, bool jq)
{
	size_t wrong = 0;

	for (int i = 0; i < n; i++)
		wrong += rules_check_filter(&w->toy, w->cache, &w->seen, jq) != 0;
	return wrong;
}

#endif
