/*
 * model - open a model file.
 *
 * The file may come from anywhere. Nothing in it is believed: the table and every
 * section are checked against their checksums, and every offset, count and number
 * that is later used as an index is checked here against what it points into, so
 * that nothing behind this file has to look again.
 */
#include "model.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "json.h"
#include "model_file.h"
#include "vec.h"

struct reader {
	struct model *m;
	const char *data;
	const struct model_section *table;
	size_t n;
	const char *path;
	char **why;
	bool failed;
};

/* The first failure is the one to tell. */
static void
damaged(struct reader *r, const char *what)
{
	if (!r->failed)
		*r->why = xasprintf("%s: damaged model file: %s", r->path, what);
	r->failed = true;
}

static const struct model_section *
find(const struct reader *r, const char *name)
{
	for (size_t i = 0; i < r->n; i++)
		if (!strncmp(r->table[i].name, name, MODEL_NAME))
			return &r->table[i];
	return NULL;
}

/* A section of exactly n elements; any whole number of them if n is SIZE_MAX. */
static const void *
section(struct reader *r, const char *name, size_t size, size_t n)
{
	const struct model_section *s = find(r, name);

	if (!s || s->size % size || (n != SIZE_MAX && s->size / size != n)) {
		damaged(r, name);
		return NULL;
	}
	return r->data + s->offset;
}

static size_t
section_count(const struct reader *r, const char *name, size_t size)
{
	const struct model_section *s = find(r, name);

	return s ? s->size / size : 0;
}

/* offset[0] = 0, never falling, ending at the size of what it points into. */
static bool
offsets_fit(const uint64_t *offset, size_t n, uint64_t end)
{
	if (offset[0] || offset[n] != end)
		return false;
	for (size_t i = 0; i < n; i++)
		if (offset[i] > offset[i + 1])
			return false;
	return true;
}

static bool
all_below(const uint32_t *x, size_t n, size_t limit)
{
	uint32_t most = 0;

	for (size_t i = 0; i < n; i++)
		most = MAX(most, x[i]);
	return !n || most < limit;
}

static void
read_strings(struct reader *r, const char *name, struct strings *s)
{
	char full[MODEL_NAME];
	size_t n;

	snprintf(full, sizeof full, "%s.offset", name);
	n = section_count(r, full, sizeof *s->offset);
	s->offset = section(r, full, sizeof *s->offset, SIZE_MAX);
	if (!n || n > (size_t)NONE)
		damaged(r, full);
	snprintf(full, sizeof full, "%s.bytes", name);
	s->bytes = section(r, full, 1, SIZE_MAX);
	if (r->failed)
		return;
	s->n = n - 1;
	if (!offsets_fit(s->offset, s->n, section_count(r, full, 1)))
		damaged(r, name);
}

/* A search ends at an empty slot, so there must be one. */
static bool
slots_fit(const uint32_t *slot, size_t n_slots, size_t n)
{
	size_t empty = 0;

	if (!n_slots || n_slots & (n_slots - 1))
		return false;
	for (size_t i = 0; i < n_slots; i++) {
		empty += slot[i] == NONE;
		if (slot[i] != NONE && slot[i] >= n)
			return false;
	}
	return empty > 0;
}

static void
read_ids(struct reader *r, const char *name, struct ids *ids)
{
	char full[MODEL_NAME];
	size_t n;

	read_strings(r, name, &ids->strings);
	snprintf(full, sizeof full, "%s.slot", name);
	n = section_count(r, full, sizeof *ids->slot);
	ids->slot = section(r, full, sizeof *ids->slot, SIZE_MAX);
	if (r->failed)
		return;
	if (!slots_fit(ids->slot, n, ids->strings.n))
		damaged(r, full);
	ids->mask = n - 1;
}

static void
read_string_column(
    struct reader *r, const char *name, size_t i, struct column *c, size_t n_rows)
{
	char full[MODEL_NAME];
	size_t n;

	snprintf(full, sizeof full, "%s.%zu.row", name, i);
	c->offset = section(r, full, sizeof *c->offset, n_rows + 1);
	snprintf(full, sizeof full, "%s.%zu.code", name, i);
	n = section_count(r, full, sizeof *c->code);
	c->code = section(r, full, sizeof *c->code, SIZE_MAX);
	snprintf(full, sizeof full, "%s.%zu.value", name, i);
	read_strings(r, full, &c->values);
	if (r->failed)
		return;
	if (!offsets_fit(c->offset, n_rows, n) || !all_below(c->code, n, c->values.n))
		damaged(r, full);
}

static void
read_column(struct reader *r, const char *name, size_t i, struct column *c,
    struct json_value about, size_t n_rows)
{
	struct json_value v;
	char full[MODEL_NAME];

	json_find(about, "name", &v);
	if (!(c->name = json_dup(&v))) {
		damaged(r, "meta");
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
	c->number = section(r, full, sizeof *c->number, n_rows);
}

static void
read_table(struct reader *r, const char *meta, const char *name, struct table *t,
    size_t n_rows)
{
	struct json_value list = model_meta(r->m, meta), about;
	struct json j;

	t->n_rows = n_rows;
	if (list.type != JSON_ARRAY) {
		damaged(r, "meta");
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

static bool
types_fit(const uint16_t *type, size_t n, size_t n_types)
{
	for (size_t i = 0; i < n; i++)
		if (type[i] != UINT16_MAX && type[i] >= n_types)
			return false;
	return true;
}

static void
read_history(struct reader *r, struct history *h, size_t n_users, size_t n_items)
{
	size_t n = section_count(r, "history.item", sizeof *h->item);

	h->offset = section(r, "history.offset", sizeof *h->offset, n_users + 1);
	h->item = section(r, "history.item", sizeof *h->item, n);
	h->type = section(r, "history.type", sizeof *h->type, n);
	h->time = section(r, "history.time", sizeof *h->time, n);
	if (find(r, "history.value"))
		h->value = section(r, "history.value", sizeof *h->value, n);
	read_strings(r, "history.types", &h->types);
	if (r->failed)
		return;
	if (!offsets_fit(h->offset, n_users, n) || !all_below(h->item, n, n_items) ||
	    !types_fit(h->type, n, h->types.n))
		damaged(r, "history");
}

static bool
rising(const uint32_t *x, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (x[i - 1] >= x[i])
			return false;
	return true;
}

static void
read_scored(struct reader *r, size_t n_items)
{
	struct model *m = r->m;

	m->n_scored = section_count(r, "scored", sizeof *m->scored);
	m->scored = section(r, "scored", sizeof *m->scored, m->n_scored);
	if (!r->failed && (!rising(m->scored, m->n_scored) ||
			      !all_below(m->scored, m->n_scored, n_items)))
		damaged(r, "scored");
}

static void
read_factors(struct reader *r, size_t n_users, size_t n_items)
{
	struct model *m = r->m;
	size_t floats;

	read_scored(r, n_items);
	if (m->dim % VEC_COLS || m->factors >= m->dim ||
	    __builtin_mul_overflow(vec_padded(m->n_scored), m->dim, &floats))
		damaged(r, "dim");
	if (r->failed)
		return;
	m->panels = section(r, "panels", sizeof *m->panels, floats);
	if (__builtin_mul_overflow(n_users, m->dim, &floats))
		damaged(r, "dim");
	if (find(r, "user_base"))
		m->user_base = section(r, "user_base", sizeof *m->user_base, n_users);
	if (find(r, "user_factors")) {
		m->users = section(r, "user_factors", sizeof *m->users, floats);
		m->n_user_rows = n_users;
	}
}

/*
 * Rows of rising numbers below limit, in sections `rows` and `numbers`. That none
 * comes twice in a row bounds what counting them can reach.
 */
static void
read_rows(struct reader *r, const char *rows, const char *numbers, size_t n,
    size_t limit, const uint64_t **row, const uint32_t **number)
{
	size_t n_numbers = section_count(r, numbers, sizeof **number);

	*row = section(r, rows, sizeof **row, n + 1);
	*number = section(r, numbers, sizeof **number, SIZE_MAX);
	if (r->failed)
		return;
	if (!offsets_fit(*row, n, n_numbers) || !all_below(*number, n_numbers, limit))
		damaged(r, rows);
	for (size_t i = 0; i < n && !r->failed; i++)
		if (!rising(*number + (*row)[i], (*row)[i + 1] - (*row)[i]))
			damaged(r, numbers);
}

static void
read_pairs(struct reader *r, size_t n_users, size_t n_items)
{
	struct pairs *p = &r->m->pairs;

	*p = (struct pairs){ .n_users = n_users, .n_items = n_items };
	read_rows(r, "pairs.user_row", "pairs.user_item", n_users, n_items,
	    &p->user_row, &p->user_item);
	if (!r->failed)
		read_rows(r, "pairs.item_row", "pairs.item_user", n_items, n_users,
		    &p->item_row, &p->item_user);
}

/* Above 0 and at most 1, which sums of a row's products rely on. */
static void
read_term_weights(struct reader *r, const char *name, size_t n, const float **weight)
{
	*weight = section(r, name, sizeof **weight, n);
	for (size_t i = 0; i < n && !r->failed; i++)
		if (!((*weight)[i] > 0 && (*weight)[i] <= 1))
			damaged(r, name);
}

static void
read_texts(struct reader *r, size_t n_items)
{
	struct texts *t = &r->m->texts;
	size_t rows = section_count(r, "texts.term_row", sizeof *t->term_row), n;

	if (!rows || rows > (size_t)NONE) {
		damaged(r, "texts.term_row");
		return;
	}
	*t = (struct texts){ .n_items = n_items, .n_terms = rows - 1 };
	read_rows(r, "texts.item_row", "texts.item_term", n_items, t->n_terms,
	    &t->item_row, &t->item_term);
	if (r->failed)
		return;
	read_rows(r, "texts.term_row", "texts.term_item", t->n_terms, n_items,
	    &t->term_row, &t->term_item);
	if (r->failed)
		return;
	n = t->item_row[n_items];
	if (t->term_row[t->n_terms] != n)
		damaged(r, "texts.term_row");
	read_term_weights(r, "texts.item_weight", n, &t->item_weight);
	if (!r->failed)
		read_term_weights(r, "texts.term_weight", n, &t->term_weight);
}

static bool
all_finite(const float *x, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!isfinite(x[i]))
			return false;
	return true;
}

static void
read_links(struct reader *r, size_t n_items)
{
	struct links *l = &r->m->links;
	size_t n, n_scored;

	if (!r->m->dim)
		read_scored(r, n_items);
	if (r->failed)
		return;
	n_scored = r->m->n_scored;
	l->decay = model_hyper(r->m, "decay", 0);
	if (!(l->decay >= 0 && l->decay <= 1e9))
		damaged(r, "meta");
	read_rows(r, "links.row", "links.at", n_scored, n_scored, &l->row, &l->at);
	n = section_count(r, "links.at", sizeof *l->at);
	l->weight = section(r, "links.weight", sizeof *l->weight, n);
	if (!r->failed && !all_finite(l->weight, n))
		damaged(r, "links.weight");
	if (find(r, "links.own"))
		l->own = section(r, "links.own", sizeof *l->own, n_scored);
	if (!r->failed && l->own && !all_finite(l->own, n_scored))
		damaged(r, "links.own");
}

static void
read_context(struct reader *r, size_t i, struct json_value name)
{
	struct model *m = r->m;
	struct context *x = &m->contexts[i];
	char full[MODEL_NAME], numbers[MODEL_NAME];

	if (!(x->name = json_dup(&name))) {
		damaged(r, "contexts");
		return;
	}
	catalog_own(&m->catalog, x->name);
	snprintf(full, sizeof full, "context.%zu.value", i);
	read_strings(r, full, &x->values);
	snprintf(full, sizeof full, "context.%zu.row", i);
	snprintf(numbers, sizeof numbers, "context.%zu.at", i);
	if (!r->failed)
		read_rows(r, full, numbers, x->values.n, m->n_scored, &x->row, &x->at);
	snprintf(full, sizeof full, "context.%zu.base", i);
	x->base = section(r, full, sizeof *x->base, m->n_scored);
	if (!r->failed && !all_finite(x->base, m->n_scored))
		damaged(r, full);
	snprintf(full, sizeof full, "context.%zu.weight", i);
	if (r->failed)
		return;
	x->weight = section(r, full, sizeof *x->weight, x->row[x->values.n]);
	if (!r->failed && !all_finite(x->weight, x->row[x->values.n]))
		damaged(r, full);
}

static void
read_contexts(struct reader *r)
{
	struct json_value list = model_meta(r->m, "contexts"), name;
	struct model *m = r->m;
	struct json j;

	if (list.type != JSON_ARRAY)
		return;
	m->contexts =
	    catalog_own(&m->catalog, xcalloc(MODEL_CONTEXTS, sizeof *m->contexts));
	json_open(&j, list.raw.data, list.raw.len);
	json_enter(&j, '[');
	while (!r->failed && json_element(&j) > 0 && json_value(&j, &name) == 0) {
		if (m->n_contexts == MODEL_CONTEXTS)
			damaged(r, "contexts");
		else
			read_context(r, m->n_contexts++, name);
	}
}

static void
read_all(struct reader *r)
{
	struct model *m = r->m;
	struct catalog *c = &m->catalog;

	m->meta.data = section(r, "meta", 1, SIZE_MAX);
	m->meta.len = section_count(r, "meta", 1);
	if (!r->failed && model_read_meta(m) < 0)
		damaged(r, "meta");
	if (r->failed)
		return;
	read_ids(r, "items", &c->items);
	read_ids(r, "users", &c->users);
	if (r->failed)
		return;
	read_table(
	    r, "item_columns", "item_column", &c->item_table, c->items.strings.n);
	read_table(
	    r, "user_columns", "user_column", &c->user_table, c->users.strings.n);
	if (r->failed)
		return;
	read_history(r, &c->history, c->users.strings.n, c->items.strings.n);
	m->count = section(r, "count", sizeof *m->count, c->items.strings.n);
	if (find(r, "shown"))
		m->shown = section(r, "shown", sizeof *m->shown, c->items.strings.n);
	m->popular = section(r, "popular", sizeof *m->popular, c->items.strings.n);
	if (!r->failed &&
	    !all_below(m->popular, c->items.strings.n, c->items.strings.n))
		damaged(r, "popular");
	m->n_trained_items = c->items.strings.n;
	if (!r->failed && find(r, "pairs.user_row"))
		read_pairs(r, c->users.strings.n, c->items.strings.n);
	if (!r->failed && find(r, "texts.item_row"))
		read_texts(r, c->items.strings.n);
	if (!r->failed && m->dim)
		read_factors(r, c->users.strings.n, c->items.strings.n);
	if (!r->failed && find(r, "links.row"))
		read_links(r, c->items.strings.n);
	if (r->failed || !m->scored)
		return;
	read_contexts(r);
	model_index(m);
}

/* The table and the sections' places and checksums. */
static void
read_table_of_sections(struct reader *r, size_t size)
{
	const struct model_header *h = (const void *)r->data;
	size_t room = size - sizeof *h;

	if (h->version != MODEL_VERSION) {
		*r->why = xasprintf("%s: model format %u, this pz reads %d", r->path,
		    h->version, MODEL_VERSION);
		r->failed = true;
		return;
	}
	if (h->file_size != size) {
		*r->why = xasprintf("%s: damaged model file: %zu bytes, expected %llu",
		    r->path, size, (unsigned long long)h->file_size);
		r->failed = true;
		return;
	}
	if (h->n_sections > room / sizeof *r->table ||
	    XXH3_64bits(h + 1, h->n_sections * sizeof *r->table) != h->table_checksum) {
		damaged(r, "table of sections");
		return;
	}
	r->table = (const void *)(h + 1);
	r->n = h->n_sections;
	for (size_t i = 0; i < r->n && !r->failed; i++) {
		const struct model_section *s = &r->table[i];

		if (s->offset % MODEL_ALIGN || s->offset > size ||
		    s->size > size - s->offset || s->name[MODEL_NAME - 1] ||
		    XXH3_64bits(r->data + s->offset, s->size) != s->checksum)
			damaged(r, s->name[MODEL_NAME - 1] ? "section name" : s->name);
	}
}

static void *
map_file(const char *path, size_t *size, char **why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	void *map = MAP_FAILED;
	struct stat st;

	if (fd < 0 || fstat(fd, &st)) {
		*why = xasprintf("%s: %s", path, strerror(errno));
		goto out;
	}
	if (!S_ISREG(st.st_mode) || (size_t)st.st_size < sizeof(struct model_header)) {
		*why = xasprintf("%s: not a model file", path);
		goto out;
	}
	*size = (size_t)st.st_size;
	map = mmap(NULL, *size, PROT_READ, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		*why = xasprintf("%s: %s", path, strerror(errno));
out:
	if (fd >= 0)
		close(fd);
	return map == MAP_FAILED ? NULL : map;
}

struct model *
model_open(const char *path, char **why)
{
	struct reader r = { .path = path, .why = why };
	size_t size;
	void *map = map_file(path, &size, why);

	if (!map)
		return NULL;
	r.data = map;
	r.m = xcalloc(1, sizeof *r.m);
	r.m->map = map;
	r.m->map_size = size;
	if (memcmp(map, MODEL_MAGIC, 8) != 0) {
		*why = xasprintf("%s: not a model file", path);
		r.failed = true;
	} else
		read_table_of_sections(&r, size);
	if (!r.failed)
		read_all(&r);
	if (r.failed) {
		model_close(r.m);
		return NULL;
	}
	return r.m;
}

void
model_close(struct model *m)
{
	if (!m)
		return;
	catalog_release(&m->catalog);
	free(m->recipe);
	wanted_release(&m->wanted);
	free(m->place);
	if (m->map)
		munmap(m->map, m->map_size);
	free(m);
}

void
model_index(struct model *m)
{
	size_t n = m->catalog.items.strings.n;

	m->place = xrealloc(m->place, n, sizeof *m->place);
	memset(m->place, 0xff, n * sizeof *m->place);
	for (size_t i = 0; i < m->n_scored; i++)
		m->place[m->scored[i]] = (uint32_t)i;
}

const float *
model_item(const struct model *m, size_t scored)
{
	return m->panels + scored / VEC_COLS * m->dim * VEC_COLS + scored % VEC_COLS;
}

const float *
model_user(const struct model *m, uint32_t user)
{
	const float *x;

	if (user >= m->n_user_rows)
		return NULL;
	x = m->users + user * m->dim;
	for (size_t d = 0; d < m->dim; d++)
		if (x[d] != 0)
			return x;
	return NULL;
}
