/* contexts - what the circumstances of interactions say of items. */
#include "contexts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "catalog_build.h"
#include "idmap.h"
#include "json.h"

struct pair_read {
	uint32_t value, item; /* by arrival, then in order; of the catalog */
};

struct context_read {
	char *name;
	struct idmap *values;
	struct pair_read *pairs;
	size_t n, cap;
};

static bool
is_reserved(const char *name)
{
	const struct reserved *r = schema_reserved(INTERACTIONS);

	while (r->name && strcmp(r->name, name) != 0)
		r++;
	return r->name;
}

static void
choose_fields(
    struct contexts_read *r, const struct schema *s, const struct train_options *o)
{
	r->columns = xcalloc(MODEL_CONTEXTS, sizeof *r->columns);
	for (size_t f = 0; f < s->n_fields && r->n < MODEL_CONTEXTS; f++) {
		const struct field *field = &s->fields[f];

		if (field->type != FIELD_STRING || !field->categorical ||
		    is_reserved(field->name) ||
		    !train_looks_at(o, "Interactions", field->name))
			continue;
		r->columns[r->n++] =
		    (struct context_read){ .name = xstrdup(field->name),
			    .values = idmap_new() };
	}
}

static void
add_pair(struct context_read *c, uint32_t item, struct span value)
{
	if (c->n == c->cap) {
		c->cap = c->cap ? 2 * c->cap : 4096;
		c->pairs = xrealloc(c->pairs, c->cap, sizeof *c->pairs);
	}
	c->pairs[c->n++] = (struct pair_read){ idmap_add(c->values, value), item };
}

/* A row that catalog_load has read before, so that nothing can be wrong with it. */
static void
read_row(struct contexts_read *r, struct span line, const struct catalog *c,
    const struct wanted *w)
{
	struct json_value row = { JSON_OBJECT, line, false }, v;
	struct buf scratch = { 0 };
	struct span type;
	bool typed;
	double value = NAN;
	uint32_t item;

	json_find(row, "EVENT_VALUE", &v);
	if (v.type == JSON_NUMBER)
		value = json_number(&v);
	typed = json_find(row, "EVENT_TYPE", &v) && v.type == JSON_STRING;
	if (typed)
		type = json_text(&v, &scratch);
	if (wanted_weight_of(w, typed ? &type : NULL, value) > 0 &&
	    json_find(row, "ITEM_ID", &v)) {
		item = ids_find(&c->items, json_text(&v, &scratch));
		for (size_t k = 0; k < r->n && item != NONE; k++)
			if (json_find(row, r->columns[k].name, &v) &&
			    v.type == JSON_STRING)
				add_pair(&r->columns[k], item, json_text(&v, &scratch));
	}
	buf_release(&scratch);
}

int
contexts_read(struct contexts_read *r, const struct dataset *d, const struct catalog *c,
    const struct train_options *o, char **why)
{
	struct rows rows;
	int more;

	if (!d->schemas[INTERACTIONS])
		return 0;
	choose_fields(r, d->schemas[INTERACTIONS], o);
	if (!r->n)
		return 0;
	rows_open(&rows, d, INTERACTIONS);
	while ((more = rows_next(&rows)) > 0)
		read_row(r, rows.line, c, &o->wanted);
	if (rows.why)
		*why = xstrdup(rows.why);
	rows_close(&rows);
	return more;
}

void
contexts_release(struct contexts_read *r)
{
	for (size_t k = 0; k < r->n; k++) {
		free(r->columns[k].name);
		idmap_free(r->columns[k].values);
		free(r->columns[k].pairs);
	}
	free(r->columns);
}

static int
by_value_and_item(const void *a, const void *b)
{
	const struct pair_read *x = a, *y = b;

	if (x->value != y->value)
		return x->value < y->value ? -1 : 1;
	return (x->item > y->item) - (x->item < y->item);
}

/* Only of items that are scored; the same pairs stand beside each other. */
static void
build_pairs(struct model *m, struct context *to, const struct context_read *c)
{
	size_t n_values = to->values.n, n = 0;
	uint64_t *row = catalog_own(&m->catalog, xcalloc(n_values + 1, sizeof *row));
	uint32_t *at = catalog_own(&m->catalog, xcalloc(c->n, sizeof *at));
	float *weight = catalog_own(&m->catalog, xcalloc(c->n, sizeof *weight));
	uint64_t *of_value = xcalloc(n_values, sizeof *of_value);

	for (size_t i = 0; i < c->n; i++)
		of_value[c->pairs[i].value]++;
	for (size_t i = 0, end; i < c->n; i = end) {
		const struct pair_read *p = &c->pairs[i];
		double share = (double)of_value[p->value] / (double)c->n;

		for (end = i; end < c->n && !by_value_and_item(p, &c->pairs[end]);)
			end++;
		row[p->value + 1] += m->place[p->item] != NONE;
		if (m->place[p->item] == NONE)
			continue;
		at[n] = m->place[p->item];
		weight[n++] = (float)log1p((double)(end - i) / (CONTEXT_PRIOR * share));
	}
	for (size_t v = 0; v < n_values; v++)
		row[v + 1] += row[v];
	free(of_value);
	to->row = row;
	to->at = at;
	to->weight = weight;
}

static void
build_base(struct model *m, struct context *to, const struct context_read *c)
{
	float *base = catalog_own(&m->catalog, xcalloc(m->n_scored, sizeof *base));
	uint32_t *count = xcalloc(m->catalog.items.strings.n, sizeof *count);

	for (size_t i = 0; i < c->n; i++)
		count[c->pairs[i].item]++;
	for (size_t s = 0; s < m->n_scored; s++)
		base[s] = (float)log(
		    CONTEXT_PRIOR / ((double)count[m->scored[s]] + CONTEXT_PRIOR));
	free(count);
	to->base = base;
}

void
contexts_build(struct model *m, const struct contexts_read *r)
{
	struct catalog *c = &m->catalog;

	if (!r->n || !m->n_scored)
		return;
	m->contexts = catalog_own(c, xcalloc(r->n, sizeof *m->contexts));
	for (size_t k = 0; k < r->n; k++) {
		const struct context_read *from = &r->columns[k];
		struct context *to = &m->contexts[m->n_contexts];
		struct id_order order;

		if (!from->n)
			continue;
		m->n_contexts++;
		order = id_order_of(from->values, 0);
		to->name = catalog_own(c, xstrdup(from->name));
		to->values = catalog_build_strings(c, from->values, &order);
		for (size_t i = 0; i < from->n; i++)
			from->pairs[i].value = order.final[from->pairs[i].value];
		id_order_release(&order);
		qsort(from->pairs, from->n, sizeof *from->pairs, by_value_and_item);
		build_pairs(m, to, from);
		build_base(m, to, from);
	}
}
