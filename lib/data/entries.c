/* entries - an output record taken apart into the entries of its list. */
#include "entries.h"

#include <stdlib.h>

static void
add_value(struct entries *e, const struct json_value *v)
{
	if (e->n_values == e->values_cap) {
		e->values_cap = e->values_cap ? 2 * e->values_cap : 256;
		e->value = xrealloc(e->value, e->values_cap, sizeof *e->value);
	}
	e->value[e->n_values++] = *v;
}

static struct entry_list *
add_list(struct entries *e)
{
	if (e->n_lists == e->lists_cap) {
		e->lists_cap = e->lists_cap ? 2 * e->lists_cap : 8;
		e->lists = xrealloc(e->lists, e->lists_cap, sizeof *e->lists);
	}
	return &e->lists[e->n_lists++];
}

/* The values of an array that was checked before. How many. */
static size_t
read_array(struct entries *e, struct span raw)
{
	size_t before = e->n_values;
	struct json_value v;
	struct json j;

	json_open(&j, raw.data, raw.len);
	json_enter(&j, '[');
	while (json_element(&j) > 0 && json_value(&j, &v) == 0)
		add_value(e, &v);
	return e->n_values - before;
}

/* IDs with escapes need a place for their text, which may not move later. */
static int
read_ids(struct entries *e, const struct json_value *value)
{
	size_t room = 0;

	if (e->n > e->ids_cap) {
		e->ids_cap = MAX(e->n, 2 * e->ids_cap);
		e->ids = xrealloc(e->ids, e->ids_cap, sizeof *e->ids);
	}
	for (size_t i = 0; i < e->n; i++) {
		if (value[i].type != JSON_STRING)
			return -1;
		room += value[i].escaped ? value[i].raw.len : 0;
	}
	buf_clear(&e->text);
	buf_reserve(&e->text, room);
	for (size_t i = 0; i < e->n; i++) {
		struct span text = json_text(&value[i], &e->scratch);

		if (value[i].escaped) {
			buf_add(&e->text, text.data, text.len);
			text.data = e->text.data + e->text.len - text.len;
		}
		e->ids[i] = text;
	}
	return 0;
}

/* The n values from value[first] on. */
static bool
all_numbers(const struct entries *e, size_t first)
{
	for (size_t i = 0; i < e->n; i++)
		if (e->value[first + i].type != JSON_NUMBER)
			return false;
	return true;
}

/* Every array of output, as long as it is parallel to the list of n IDs. */
static void
read_lists(struct entries *e, const char *ids)
{
	const char *scores = e->record.scores.raw.data;
	struct json_value name, v;
	struct json j;

	json_open(&j, e->record.output.raw.data, e->record.output.raw.len);
	json_enter(&j, '{');
	while (json_member(&j, &name) > 0 && json_value(&j, &v) == 0) {
		size_t before = e->n_values;

		if (v.type != JSON_ARRAY)
			continue;
		if (v.raw.data == ids) {
			e->named = e->n_lists;
			before = 0; /* its values came first */
		} else if (read_array(e, v.raw) != e->n) {
			e->n_values = before;
			continue;
		}
		if (v.raw.data == scores) {
			e->scores = e->n_lists;
			e->scored = all_numbers(e, before);
		}
		*add_list(e) = (struct entry_list){ name, v.raw, before };
	}
	e->scores = MIN(e->scores, e->n_lists);
}

int
entries_read(struct entries *e, struct span line)
{
	const struct record *r = &e->record;
	struct span list;

	e->n = e->n_lists = e->n_values = e->named = 0;
	e->scores = SIZE_MAX;
	e->scored = false;
	if (record_parse(&e->record, line.data, line.len) < 0) {
		e->why = r->why;
		return -1;
	}
	if (r->has_error)
		return 0;
	e->is_items = r->items.type == JSON_ARRAY;
	list = e->is_items ? r->items.raw : r->users.raw;
	if (!e->is_items && r->users.type != JSON_ARRAY) {
		e->why = r->has_output
			     ? "output has neither recommendedItems nor usersList"
			     : "no output here: pz-topk reads output records, or any "
			       "JSON lines with --by";
		return -1;
	}
	e->n = read_array(e, list);
	if (read_ids(e, e->value) < 0) {
		e->why = "the list in output must hold strings";
		return -1;
	}
	read_lists(e, list.data);
	if (r->scores.type && e->scores == e->n_lists) {
		e->why = "scores must be an array with as many entries as the list";
		return -1;
	}
	return 0;
}

void
entries_release(struct entries *e)
{
	free(e->ids);
	free(e->lists);
	free(e->value);
	buf_release(&e->text);
	buf_release(&e->scratch);
	*e = (struct entries){ 0 };
}

static void
add_between(struct buf *out, const char *from, const char *to)
{
	buf_add(out, from, (size_t)(to - from));
}

static const char *
end_of(struct span s)
{
	return s.data + s.len;
}

static void
add_array(
    struct buf *out, const struct span *cell, size_t n, const char *comma, size_t len)
{
	for (size_t j = 0; j < n; j++) {
		if (j)
			buf_add(out, comma, len);
		buf_add(out, cell[j].data, cell[j].len);
	}
}

static void
add_list_of(struct buf *out, const struct entries *e, const struct entry_list *list,
    const struct span *cell, size_t n)
{
	const struct json_value *old;
	struct span comma = { ",", 1 };
	const char *end = end_of(list->raw);

	if (!e->n) {
		buf_addc(out, '[');
		add_array(out, cell, n, comma.data, comma.len);
		buf_addc(out, ']');
		return;
	}
	old = &e->value[list->first];
	if (e->n > 1) {
		comma.data = end_of(old[0].raw);
		comma.len = (size_t)(old[1].raw.data - comma.data);
	}
	add_between(out, list->raw.data, old[0].raw.data);
	add_array(out, cell, n, comma.data, comma.len);
	add_between(out, end_of(old[e->n - 1].raw), end);
}

void
entries_write(struct buf *out, const struct entries *e, const struct span *cells,
    size_t n, const struct span *scores)
{
	const char *from = e->record.line.data;

	for (size_t i = 0; i < e->n_lists; i++) {
		const struct entry_list *list = &e->lists[i];

		add_between(out, from, list->raw.data);
		add_list_of(out, e, list, cells + i * n, n);
		from = end_of(list->raw);
		if (i != e->named || !scores)
			continue;
		buf_adds(out, ",\"scores\":[");
		add_array(out, scores, n, ",", 1);
		buf_addc(out, ']');
	}
	add_between(out, from, end_of(e->record.line));
}
