/* split_write - a split as a dataset to train on and truth lines to compare with. */
#include "split_write.h"

#include <stdlib.h>
#include <string.h>

#include "catalog_build.h"
#include "catalog_load.h"
#include "json.h"
#include "number.h"
#include "threads.h"

/* The rows of one source segment that stay; a segment is written when it has any. */
struct copying {
	const struct dataset *from;
	const char *path;
	enum dataset_type type;
	struct writer *writer; /* NULL: none open */
	const struct segment *segment;
	uint64_t rows;
	bool has_bulk; /* a bulk segment was written: the next one adds to it */
};

static int
close_copy(struct copying *c, char **why)
{
	struct writer *w = c->writer;

	c->writer = NULL;
	if (!w)
		return 0;
	if (c->segment->mode != MODE_PUT)
		c->has_bulk = true;
	return writer_commit(w, c->from->schemas[c->type], why);
}

static int
add_row(struct copying *c, const struct rows *r, char **why)
{
	enum import_mode mode = r->segment->mode;

	if (c->segment != r->segment && close_copy(c, why) < 0)
		return -1;
	c->segment = r->segment;
	if (mode != MODE_PUT)
		mode = c->has_bulk ? MODE_INCREMENTAL : MODE_FULL;
	if (!c->writer && !(c->writer = writer_open(c->path, c->type, mode, why)))
		return -1;
	c->rows++;
	return writer_add(c->writer, r->line, why);
}

/* Rows go in if place is NULL or holds at most `last` for them, in order. */
static int
copy_rows(struct copying *c, const uint8_t *place, enum split_place last, char **why)
{
	struct rows rows;
	size_t i = 0;
	int more;

	rows_open(&rows, c->from, c->type);
	while ((more = rows_next(&rows)) > 0) {
		bool stays = !place || place[i] <= last;

		i++;
		if (stays && (more = add_row(c, &rows, why)) < 0)
			break;
	}
	if (rows.why)
		*why = xstrdup(rows.why);
	if (more == 0)
		more = close_copy(c, why);
	writer_discard(c->writer);
	rows_close(&rows);
	return more;
}

int
split_write_dataset(const struct split *s, const struct dataset *d,
    enum split_place last, const char *path, char **why)
{
	for (int t = 0; t < DATASET_TYPES; t++) {
		struct copying c = { d, path, (enum dataset_type)t, NULL, NULL, 0,
			false };

		if (!d->schemas[t])
			continue;
		if (copy_rows(&c, t == INTERACTIONS ? s->place : NULL, last, why) < 0)
			return -1;
		if (t == INTERACTIONS && !c.rows) {
			*why = xasprintf(
			    "%s: no interaction is left to train on", d->path);
			return -1;
		}
	}
	return 0;
}

static void
add_id(struct buf *b, const struct idmap *ids, uint32_t number)
{
	struct span id = idmap_get(ids, number);

	json_quote(b, id.data, id.len);
}

static void
begin_line(struct truth_lines *out, const char *member, struct span asked)
{
	struct buf *both[] = { &out->truth, &out->input };

	buf_adds(&out->truth, "{\"input\":");
	for (size_t i = 0; i < LENGTH(both); i++) {
		buf_addf(both[i], "{\"%s\":", member);
		json_quote(both[i], asked.data, asked.len);
		buf_addc(both[i], '}');
	}
	buf_addc(&out->input, '\n');
	out->n++;
}

void
split_truth_of_users(
    const struct split *s, enum split_place place, struct truth_lines *out)
{
	struct id_order users = id_order_of(s->users, 0);

	for (size_t r = 0; r < users.n; r++) {
		uint32_t user = users.arrival[r];
		bool any = false;
		uint32_t last = NONE;

		for (uint64_t k = s->start[user]; k < s->start[user + 1]; k++) {
			uint32_t row = s->order[k];

			if (s->place[row] != place || s->whole[row] == last)
				continue;
			last = s->whole[row];
			if (!any)
				begin_line(out, "userId", idmap_get(s->users, user));
			buf_adds(&out->truth, any ? "," : ",\"items\":[");
			add_id(&out->truth, s->items, s->item[row]);
			any = true;
		}
		if (any)
			buf_adds(&out->truth, "]}\n");
	}
	id_order_release(&users);
}

/* A user who belongs to the answer of a query. */
struct member {
	uint32_t query, user; /* arrival numbers, then ranks */
};

struct members {
	struct member *list;
	size_t n, cap;
	struct idmap *queries; /* item IDs, or expressions */
};

static void
add_member(struct members *m, struct span query, uint32_t user)
{
	if (m->n == m->cap) {
		m->cap = m->cap ? 2 * m->cap : 1024;
		m->list = xrealloc(m->list, m->cap, sizeof *m->list);
	}
	m->list[m->n++] = (struct member){ idmap_add(m->queries, query), user };
}

static int
by_rank(const void *a, const void *b)
{
	const struct member *x = a, *y = b;

	return x->query != y->query ? (x->query > y->query) - (x->query < y->query)
				    : (x->user > y->user) - (x->user < y->user);
}

/* ITEMS.GENRE = "Crime", a backslash before a quote or a backslash in it. */
static void
add_condition(struct buf *b, const struct column *col, struct span value)
{
	buf_addf(b, "ITEMS.%s = \"", col->name);
	for (size_t i = 0; i < value.len; i++) {
		if (value.data[i] == '"' || value.data[i] == '\\')
			buf_addc(b, '\\');
		buf_addc(b, value.data[i]);
	}
	buf_addc(b, '"');
}

static void
add_values(struct members *m, const struct column *col, uint32_t row, uint32_t user)
{
	struct buf text = { 0 };
	char number[NUMBER_SIZE];

	if (col->type == COLUMN_NUMBER && col->number[row] == col->number[row]) {
		number_json(number, col->number[row]);
		buf_addf(&text, "ITEMS.%s = %s", col->name, number);
		add_member(m, (struct span){ text.data, text.len }, user);
	}
	if (col->type == COLUMN_STRING)
		for (uint64_t k = col->offset[row]; k < col->offset[row + 1]; k++) {
			buf_clear(&text);
			add_condition(
			    &text, col, strings_get(&col->values, col->code[k]));
			add_member(m, (struct span){ text.data, text.len }, user);
		}
	buf_release(&text);
}

static void
members_by_item(struct members *m, const struct split *s, enum split_place place)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->place[i] == place)
			add_member(m, idmap_get(s->items, s->item[i]), s->user[i]);
}

static const struct column *
query_column(const struct catalog *c, const char *name, char **why)
{
	const struct column *col = table_column(&c->item_table, span_of(name));

	if (!col)
		*why = xasprintf("%s: the items have no such column", name);
	else if (col->textual || col->type == COLUMN_BOOLEAN)
		*why = xasprintf("%s: expected a column of numbers or of strings that "
				 "are not textual",
		    name);
	else
		return col;
	return NULL;
}

static int
members_by_value(struct members *m, const struct split *s, enum split_place place,
    const struct split_queries *q, char **why)
{
	struct catalog *c = catalog_load(q->dataset, NULL, threads_cores(), why);
	int status = c ? 0 : -1;

	for (size_t k = 0; k < q->n_columns && status == 0; k++) {
		const struct column *col = query_column(c, q->columns[k], why);

		if (!col)
			status = -1;
		for (size_t i = 0; i < s->n && col; i++)
			if (s->place[i] == place)
				add_values(m, col,
				    ids_find(
					&c->items, idmap_get(s->items, s->item[i])),
				    s->user[i]);
	}
	if (c)
		catalog_release(c);
	free(c);
	return status;
}

static void
print_members(
    struct members *m, const struct split *s, const char *what, struct truth_lines *out)
{
	struct id_order queries = id_order_of(m->queries, 0);
	struct id_order users = id_order_of(s->users, 0);

	for (size_t i = 0; i < m->n; i++)
		m->list[i] = (struct member){ queries.final[m->list[i].query],
			users.final[m->list[i].user] };
	if (m->n)
		qsort(m->list, m->n, sizeof *m->list, by_rank);
	for (size_t i = 0; i < m->n; i++) {
		const struct member *x = &m->list[i], *before = x - 1;
		bool first = !i || before->query != x->query;

		if (first && i)
			buf_adds(&out->truth, "]}\n");
		if (first)
			begin_line(out, what,
			    idmap_get(m->queries, queries.arrival[x->query]));
		if (first || before->user != x->user) {
			buf_adds(&out->truth, first ? ",\"users\":[" : ",");
			add_id(&out->truth, s->users, users.arrival[x->user]);
		}
	}
	if (m->n)
		buf_adds(&out->truth, "]}\n");
	id_order_release(&queries);
	id_order_release(&users);
}

int
split_truth_of_items(const struct split *s, enum split_place place,
    const struct split_queries *q, struct truth_lines *out, char **why)
{
	struct members m = { .queries = idmap_new() };
	int status = 0;

	if (q->n_columns)
		status = members_by_value(&m, s, place, q, why);
	else
		members_by_item(&m, s, place);
	if (status == 0)
		print_members(&m, s, q->n_columns ? "itemAttributes" : "itemId", out);
	idmap_free(m.queries);
	free(m.list);
	return status;
}

void
truth_lines_release(struct truth_lines *t)
{
	buf_release(&t->truth);
	buf_release(&t->input);
}
