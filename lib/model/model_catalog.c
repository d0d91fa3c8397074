/* model_catalog - the items, users and histories of a model file. */
#include <stdio.h>

#include "json.h"
#include "model_reader.h"

static void
read_ids(struct model_reader *r, const char *name, struct ids *ids)
{
	char full[MODEL_NAME];
	size_t n;

	reader_strings(r, name, &ids->strings);
	snprintf(full, sizeof full, "%s.slot", name);
	n = reader_count(r, full, sizeof *ids->slot);
	ids->slot = reader_section(r, full, sizeof *ids->slot, SIZE_MAX);
	if (r->failed)
		return;
	if (!reader_slots_fit(ids->slot, n, ids->strings.n))
		reader_damaged(r, full);
	ids->mask = n - 1;
}

static void
read_string_column(
    struct model_reader *r, const char *name, size_t i, struct column *c, size_t n_rows)
{
	char full[MODEL_NAME];
	size_t n;

	snprintf(full, sizeof full, "%s.%zu.row", name, i);
	c->offset = reader_section(r, full, sizeof *c->offset, n_rows + 1);
	snprintf(full, sizeof full, "%s.%zu.code", name, i);
	n = reader_count(r, full, sizeof *c->code);
	c->code = reader_section(r, full, sizeof *c->code, SIZE_MAX);
	snprintf(full, sizeof full, "%s.%zu.value", name, i);
	reader_strings(r, full, &c->values);
	if (r->failed)
		return;
	if (!reader_offsets_fit(c->offset, n_rows, n) ||
	    !reader_all_below(c->code, n, c->values.n))
		reader_damaged(r, full);
}

static void
read_column(struct model_reader *r, const char *name, size_t i, struct column *c,
    struct json_value about, size_t n_rows)
{
	struct json_value v;
	char full[MODEL_NAME];

	json_find(about, "name", &v);
	if (!(c->name = json_dup(&v))) {
		reader_damaged(r, "meta");
		return;
	}
	catalog_own(&r->m->catalog, c->name);
	c->categorical = json_find(about, "categorical", &v) && v.type == JSON_TRUE;
	c->textual = json_find(about, "textual", &v) && v.type == JSON_TRUE;
	if (json_find(about, "type", &v) && v.type == JSON_STRING &&
	    json_is(&v, "string")) {
		c->type = COLUMN_STRING;
		read_string_column(r, name, i, c, n_rows);
		return;
	}
	c->type = v.type == JSON_STRING && json_is(&v, "boolean") ? COLUMN_BOOLEAN
								  : COLUMN_NUMBER;
	snprintf(full, sizeof full, "%s.%zu.number", name, i);
	c->number = reader_section(r, full, sizeof *c->number, n_rows);
}

static void
read_table(struct model_reader *r, const char *meta, const char *name, struct table *t,
    size_t n_rows)
{
	struct json_value list = model_meta(r->m, meta), about;
	struct json j;

	t->n_rows = n_rows;
	if (list.type != JSON_ARRAY) {
		reader_damaged(r, "meta");
		return;
	}
	/* Fewer columns than bytes that describe them. */
	t->columns =
	    catalog_own(&r->m->catalog, xcalloc(list.raw.len, sizeof *t->columns));
	json_open(&j, list.raw.data, list.raw.len);
	json_enter(&j, '[');
	while (!r->failed && json_element(&j) > 0 && json_value(&j, &about) == 0) {
		read_column(
		    r, name, t->n_columns, &t->columns[t->n_columns], about, n_rows);
		t->n_columns++;
	}
}

bool
reader_history_fits(const struct catalog *c, uint64_t from, uint64_t to)
{
	const struct history *h = &c->history;

	return reader_all_below(h->item + from, to - from, c->items.strings.n) &&
	       reader_types_fit(h->type + from, to - from, h->types.n);
}

static void
read_history(struct model_reader *r, struct history *h, size_t n_users, size_t n_items)
{
	size_t n = reader_count(r, "history.item", sizeof *h->item);

	h->offset = reader_section(r, "history.offset", sizeof *h->offset, n_users + 1);
	h->item = reader_users_section(r, "history.item", sizeof *h->item, n);
	h->type = reader_users_section(r, "history.type", sizeof *h->type, n);
	h->time = reader_users_section(r, "history.time", sizeof *h->time, n);
	if (reader_find(r, "history.value"))
		h->value =
		    reader_users_section(r, "history.value", sizeof *h->value, n);
	/* Else all interactions would be looked at for it, checked or not. */
	h->first = reader_section(r, "history.first", sizeof *h->first, n_items + 1);
	reader_strings(r, "history.types", &h->types);
	if (r->failed)
		return;
	if (!reader_offsets_fit(h->offset, n_users, n) ||
	    (!r->m->catalog.right && !reader_history_fits(&r->m->catalog, 0, n)))
		reader_damaged(r, "history");
}

void
reader_catalog(struct model_reader *r)
{
	struct catalog *c = &r->m->catalog;

	read_ids(r, "items", &c->items);
	read_ids(r, "users", &c->users);
	if (r->failed)
		return;
	read_table(
	    r, "item_columns", "item_column", &c->item_table, c->items.strings.n);
	read_table(
	    r, "user_columns", "user_column", &c->user_table, c->users.strings.n);
	if (!r->failed)
		read_history(r, &c->history, c->users.strings.n, c->items.strings.n);
}
