/* cut - keep the first k entries of an output record's lists. */
#include "cut.h"

#include <stdlib.h>

#include "json.h"

static int
read_list(struct json *j, struct cut_list *list, size_t k)
{
	struct json_value v;
	int more;

	*list = (struct cut_list){ 0 };
	if (json_enter(j, '[') < 0)
		return -1;
	while ((more = json_element(j)) > 0) {
		if (json_value(j, &v) < 0)
			return -1;
		if (++list->n <= k)
			list->tail.data = j->at;
		list->tail.len = (size_t)(j->at - list->tail.data);
	}
	return more;
}

static struct cut_list *
add_list(struct cut *c)
{
	if (c->n_lists == c->cap) {
		c->cap = c->cap ? 2 * c->cap : 8;
		c->lists = xrealloc(c->lists, c->cap, sizeof *c->lists);
	}
	return &c->lists[c->n_lists++];
}

/* Items go before users, should a record have both. */
static void
note_name(struct cut *c, const struct json_value *name, size_t length, bool *items)
{
	if (json_is(name, "recommendedItems"))
		*items = true;
	else if (*items ||
		 (!json_is(name, "usersList") && !json_is(name, "recommendedUsers")))
		return;
	c->has_lists = true;
	c->length = length;
}

static int
read_output(struct cut *c, struct json *j, size_t k)
{
	struct json_value name, other;
	struct cut_list *list;
	bool items = false;
	int more;

	c->has_lists = false;
	c->n_lists = 0;
	c->has_output = json_peek(j) != JSON_NULL;
	if (json_peek(j) != JSON_OBJECT)
		return json_value(j, &other);
	if (json_enter(j, '{') < 0)
		return -1;
	while ((more = json_member(j, &name)) > 0) {
		if (json_peek(j) != JSON_ARRAY) {
			if (json_value(j, &other) < 0)
				return -1;
			continue;
		}
		list = add_list(c);
		if (read_list(j, list, k) < 0)
			return -1;
		note_name(c, &name, list->n, &items);
	}
	return more;
}

static int
read_record(struct cut *c, struct json *j, size_t k)
{
	struct json_value name, value;
	int more;

	if (json_enter(j, '{') < 0)
		return -1;
	while ((more = json_member(j, &name)) > 0) {
		if (json_is(&name, "output")) {
			if (read_output(c, j, k) < 0)
				return -1;
			continue;
		}
		if (json_value(j, &value) < 0)
			return -1;
		if (json_is(&name, "error"))
			c->has_error = value.type != JSON_NULL;
	}
	return more < 0 ? -1 : json_finish(j);
}

/* Leave only the lists that are parallel to the named one and longer than k. */
static void
choose(struct cut *c, size_t k)
{
	size_t kept = 0;

	if (c->has_lists && !c->has_error && c->length > k)
		for (size_t i = 0; i < c->n_lists; i++)
			if (c->lists[i].n == c->length)
				c->lists[kept++] = c->lists[i];
	c->n_lists = kept;
}

int
cut_find(struct cut *c, struct span line, size_t k)
{
	struct json j;

	c->has_output = c->has_error = c->has_lists = false;
	c->n_lists = 0;
	json_open(&j, line.data, line.len);
	if (read_record(c, &j, k) < 0)
		return -1;
	choose(c, k);
	return 0;
}

void
cut_release(struct cut *c)
{
	free(c->lists);
	*c = (struct cut){ 0 };
}
