/* filter_record - filters in records: the member added, the lists cut. */
#include "filter_record.h"

#include <stdlib.h>
#include <string.h>

/*
 * Members of output that go with the list entry by entry even if they are shorter.
 * Any other array goes with it if it has as many entries.
 */
static const char *const parallel[] = {
	"scores",
	"itemsThemeRelevanceScores",
	"reason",
	"reasons",
};

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static const char *
back_over_space(const char *p)
{
	while (is_space(p[-1]))
		p--;
	return p;
}

static void
add_between(struct buf *out, const char *from, const char *to)
{
	buf_add(out, from, (size_t)(to - from));
}

static void
add_line_end(struct buf *out, const struct record *r, const char *from)
{
	add_between(out, from, r->line.data + r->line.len);
	buf_addc(out, '\n');
}

/*
 * Before the last brace; with a comma unless the object is empty. Room is made once:
 * this is what most records go through.
 */
static void
add_member(struct buf *out, const struct record *r, struct span quoted)
{
	static const char name[] = ",\"filter\":";
	const char *from = r->line.data, *all = from + r->line.len;
	const char *end = back_over_space(all) - 1;
	bool empty = back_over_space(end)[-1] == '{';
	char *to;

	buf_reserve(out, r->line.len + sizeof name + quoted.len);
	to = mempcpy(out->data + out->len, from, (size_t)(end - from));
	to = mempcpy(to, name + empty, sizeof name - 1 - empty);
	to = mempcpy(to, quoted.data, quoted.len);
	to = mempcpy(to, end, (size_t)(all - end));
	*to++ = '\n';
	*to = '\0';
	out->len = (size_t)(to - out->data);
}

int
filter_record_add(
    struct buf *out, const struct record *r, struct span quoted, const char **why)
{
	struct span old = r->filter.raw;
	const char *end;

	if (!r->filter.type) {
		add_member(out, r, quoted);
		return 0;
	}
	end = old.data + old.len;
	if (r->filter.type == JSON_NULL) {
		add_between(out, r->line.data, old.data);
		buf_add(out, quoted.data, quoted.len);
	} else if (r->filter.type == JSON_STRING) {
		add_between(out, r->line.data, old.data);
		buf_addc(out, '[');
		add_between(out, old.data, end);
		buf_addc(out, ',');
		buf_add(out, quoted.data, quoted.len);
		buf_addc(out, ']');
	} else if (r->filter.type == JSON_ARRAY) {
		add_between(out, r->line.data, end - 1);
		if (back_over_space(end - 1)[-1] != '[')
			buf_addc(out, ',');
		buf_add(out, quoted.data, quoted.len);
		buf_addc(out, ']');
	} else {
		*why = "the member filter must be a string or an array of strings";
		return -1;
	}
	add_line_end(out, r, end);
	return 0;
}

static void
keep_entry(struct filter_cut *cut, bool keep)
{
	if (cut->n == cut->cap) {
		cut->cap = cut->cap ? 2 * cut->cap : 64;
		cut->keep = xrealloc(cut->keep, cut->cap, 1);
	}
	cut->keep[cut->n++] = keep;
	cut->kept += keep;
}

static int
choose(struct filter_cut *cut, const struct json_value *list, const struct ids *ids,
    const struct filter_set *set)
{
	struct json_value v;
	struct json j;

	cut->n = cut->kept = 0;
	cut->why = "the list in output must hold strings";
	json_open(&j, list->raw.data, list->raw.len);
	json_enter(&j, '[');
	while (json_element(&j) > 0 && json_value(&j, &v) == 0) {
		if (v.type != JSON_STRING)
			return -1;
		keep_entry(cut,
		    filter_allows(set, ids_find(ids, json_text(&v, &cut->scratch))));
	}
	return 0;
}

/*
 * Read an array, and append it with the entries that stay, between them what was
 * between the first two. How many entries it has.
 */
static size_t
add_array(struct buf *out, const struct filter_cut *cut, struct json *j)
{
	const char *start = j->at, *last = NULL;
	struct span between = { ",", 1 };
	struct json_value v;
	size_t i = 0, n = 0;

	json_enter(j, '[');
	for (; json_element(j) > 0 && json_value(j, &v) == 0; i++) {
		if (!i)
			add_between(out, start, v.raw.data);
		if (i == 1)
			between = (struct span){ last, (size_t)(v.raw.data - last) };
		last = v.raw.data + v.raw.len;
		if (i >= cut->n || !cut->keep[i])
			continue;
		if (n++)
			buf_add(out, between.data, between.len);
		buf_add(out, v.raw.data, v.raw.len);
	}
	add_between(out, last ? last : start, j->at);
	return i;
}

static bool
is_parallel(const struct json_value *name)
{
	for (size_t i = 0; i < LENGTH(parallel); i++)
		if (json_is(name, parallel[i]))
			return true;
	return false;
}

/* The line, arrays of the object output cut on the way. */
static void
add_cut_line(struct buf *out, const struct record *r, const struct filter_cut *cut)
{
	const char *from = r->line.data, *array;
	struct json_value name, v;
	struct json j;
	size_t start, n;

	json_open(&j, r->output.raw.data, r->output.raw.len);
	json_enter(&j, '{');
	while (json_member(&j, &name) > 0) {
		if (json_peek(&j) != JSON_ARRAY) {
			json_value(&j, &v);
			continue;
		}
		array = j.at;
		add_between(out, from, array);
		start = out->len;
		n = add_array(out, cut, &j);
		from = j.at;
		if (n == cut->n || (n < cut->n && is_parallel(&name)))
			continue;
		out->len = start;
		add_between(out, array, from);
	}
	add_line_end(out, r, from);
}

int
filter_record_cut(struct buf *out, const struct record *r, enum filter_target target,
    const struct catalog *c, const struct filter_set *set, struct filter_cut *cut)
{
	bool items = target == FILTER_ITEMS;
	const struct json_value *list = items ? &r->items : &r->users;

	if (list->type != JSON_ARRAY) {
		cut->why =
		    items ? "an ItemID filter needs the list recommendedItems in output"
			  : "a UserID filter needs the list usersList in output";
		return -1;
	}
	if (choose(cut, list, items ? &c->items : &c->users, set) < 0)
		return -1;
	if (cut->kept == cut->n)
		add_line_end(out, r, r->line.data);
	else
		add_cut_line(out, r, cut);
	return 0;
}

void
filter_cut_release(struct filter_cut *cut)
{
	free(cut->keep);
	buf_release(&cut->scratch);
	*cut = (struct filter_cut){ 0 };
}
