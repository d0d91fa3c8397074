/* truth - what should have been recommended: the lines that pz-split writes. */
#include "truth.h"

#include <stdlib.h>
#include <string.h>

#include "lines.h"

/* One listed ID. */
struct listed {
	uint32_t input, id;
};

struct reading {
	struct truth *t;
	struct listed *list;
	size_t n, cap;
	struct buf key, scratch;
	bool known; /* whether they are items or users */
};

bool
input_key(struct buf *key, const struct json_value *input)
{
	static const char *const names[] = { "userId", "itemId", "itemAttributes" };
	struct buf scratch = { 0 };
	struct json_value v;
	struct span text;

	buf_clear(key);
	for (size_t i = 0; i < LENGTH(names); i++) {
		if (!json_find(*input, names[i], &v) || v.type != JSON_STRING)
			continue;
		text = json_text(&v, &scratch);
		/* No ID holds the byte that ends a part. */
		buf_addc(key, (char)('0' + i));
		buf_add(key, text.data, text.len);
		buf_addc(key, '\xff');
	}
	buf_release(&scratch);
	return key->len > 0;
}

static void
add_listed(struct reading *r, uint32_t input, struct span id)
{
	if (r->n == r->cap) {
		r->cap = r->cap ? 2 * r->cap : 1024;
		r->list = xrealloc(r->list, r->cap, sizeof *r->list);
	}
	r->list[r->n++] = (struct listed){ input, idmap_add(r->t->ids, id) };
}

/* The number of an input, and its text if it is new. */
static uint32_t
add_input(struct reading *r, const struct json_value *input)
{
	struct truth *t = r->t;
	size_t before = idmap_count(t->keys);
	uint32_t number = idmap_add(t->keys, (struct span){ r->key.data, r->key.len });

	if (number < before)
		return number;
	t->input = xrealloc(t->input, (size_t)number + 2, sizeof *t->input);
	t->input[number] = t->texts.len;
	json_compact(&t->texts, input->raw.data, input->raw.len);
	t->input[number + 1] = t->texts.len;
	return number;
}

/* NULL, or what is wrong with the list (static text). */
static const char *
read_list(
    struct reading *r, const struct json_value *input, const struct json_value *list)
{
	struct json_value v;
	struct json j;
	uint32_t number = IDMAP_NONE;
	int more;

	json_open(&j, list->raw.data, list->raw.len);
	json_enter(&j, '[');
	while ((more = json_element(&j)) > 0 && json_value(&j, &v) == 0) {
		if (v.type != JSON_STRING)
			return "expected strings in the list";
		if (number == IDMAP_NONE)
			number = add_input(r, input);
		add_listed(r, number, json_text(&v, &r->scratch));
	}
	r->t->n_empty += number == IDMAP_NONE;
	return NULL;
}

static const char *
read_line(struct reading *r, struct json_value line)
{
	struct json_value input, items, users;
	bool has_items = json_find(line, "items", &items) && items.type == JSON_ARRAY;
	bool has_users = json_find(line, "users", &users) && users.type == JSON_ARRAY;

	if (!json_find(line, "input", &input) || !input_key(&r->key, &input))
		return "expected a member input with userId, itemId or itemAttributes";
	if (has_items == has_users)
		return "expected a list, items or users";
	if (r->known && r->t->of_users != has_users)
		return "items and users in one file";
	r->known = true;
	r->t->of_users = has_users;
	return read_list(r, &input, has_users ? &users : &items);
}

static int
by_input(const void *a, const void *b)
{
	const struct listed *x = a, *y = b;

	return x->input != y->input ? (x->input > y->input) - (x->input < y->input)
				    : (x->id > y->id) - (x->id < y->id);
}

/* Sort by input, count repeats. */
static void
lay_out(struct reading *r)
{
	struct truth *t = r->t;
	size_t n = 0;

	t->n = idmap_count(t->keys);
	t->start = xcalloc(t->n + 1, sizeof *t->start);
	t->id = xcalloc(r->n, sizeof *t->id);
	t->times = xcalloc(r->n, sizeof *t->times);
	if (r->n)
		qsort(r->list, r->n, sizeof *r->list, by_input);
	for (size_t i = 0; i < r->n; i++) {
		if (!i || by_input(&r->list[i - 1], &r->list[i]))
			t->id[n++] = r->list[i].id;
		t->times[n - 1]++;
		t->start[r->list[i].input + 1] = n;
	}
}

static int
complain(const struct lines *in, const char *what, char **why)
{
	*why = xasprintf("%s:%zu: %s", in->path, in->number, what);
	return -1;
}

static int
read_lines(struct reading *r, struct lines *in, char **why)
{
	struct json_value v;
	const char *wrong;
	struct json j;
	int more;

	while ((more = lines_next(in)) > 0) {
		json_open(&j, in->text, in->len);
		if (in->len && (json_value(&j, &v) < 0 || json_finish(&j) < 0))
			return complain(in, j.why, why);
		if (in->len && (wrong = read_line(r, v)))
			return complain(in, wrong, why);
	}
	if (more == 0)
		return 0;
	*why = xasprintf("%s: %s", in->path, in->why);
	return -1;
}

int
truth_read(struct truth *t, const char *path, char **why)
{
	char *paths[] = { (char *)path };
	struct reading r = { .t = t };
	struct lines in;
	int status;

	*t = (struct truth){ .keys = idmap_new(), .ids = idmap_new() };
	lines_open(&in, paths, 1);
	status = read_lines(&r, &in, why);
	lines_close(&in);
	lay_out(&r);
	free(r.list);
	buf_release(&r.key);
	buf_release(&r.scratch);
	return status;
}

void
truth_release(struct truth *t)
{
	idmap_free(t->keys);
	idmap_free(t->ids);
	buf_release(&t->texts);
	free(t->input);
	free(t->start);
	free(t->id);
	free(t->times);
	*t = (struct truth){ 0 };
}
