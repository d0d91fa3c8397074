/* model_read - what a model file holds beside its catalog. */
#include <stdio.h>

#include "json.h"
#include "model_reader.h"
#include "vec.h"

static void
read_scored(struct model_reader *r, size_t n_items)
{
	struct model *m = r->m;

	m->n_scored = reader_count(r, "scored", sizeof *m->scored);
	m->scored = reader_section(r, "scored", sizeof *m->scored, m->n_scored);
	if (!r->failed && (!reader_rising(m->scored, m->n_scored) ||
			      !reader_all_below(m->scored, m->n_scored, n_items)))
		reader_damaged(r, "scored");
}

static void
read_factors(struct model_reader *r, size_t n_users, size_t n_items)
{
	struct model *m = r->m;
	size_t floats = 0;

	read_scored(r, n_items);
	if (m->dim % VEC_COLS || m->factors >= m->dim ||
	    __builtin_mul_overflow(vec_padded(m->n_scored), m->dim, &floats))
		reader_damaged(r, "dim");
	if (r->failed)
		return;
	m->panels = reader_section(r, "panels", sizeof *m->panels, floats);
	if (__builtin_mul_overflow(n_users, m->dim, &floats))
		reader_damaged(r, "dim");
	if (reader_find(r, "user_base"))
		m->user_base =
		    reader_section(r, "user_base", sizeof *m->user_base, n_users);
	if (reader_find(r, "user_factors")) {
		m->users =
		    reader_users_section(r, "user_factors", sizeof *m->users, floats);
		m->n_user_rows = n_users;
	}
}

static void
read_pairs(struct model_reader *r, size_t n_users, size_t n_items)
{
	struct pairs *p = &r->m->pairs;

	*p = (struct pairs){ .n_users = n_users, .n_items = n_items };
	reader_rows(r, "pairs.user_row", "pairs.user_item", n_users, n_items,
	    &p->user_row, &p->user_item);
	if (!r->failed)
		reader_rows(r, "pairs.item_row", "pairs.item_user", n_items, n_users,
		    &p->item_row, &p->item_user);
}

/* Above 0 and at most 1, which sums of a row's products rely on. */
static void
read_term_weights(
    struct model_reader *r, const char *name, size_t n, const float **weight)
{
	*weight = reader_section(r, name, sizeof **weight, n);
	for (size_t i = 0; i < n && !r->failed; i++)
		if (!((*weight)[i] > 0 && (*weight)[i] <= 1))
			reader_damaged(r, name);
}

static void
read_texts(struct model_reader *r, size_t n_items)
{
	struct texts *t = &r->m->texts;
	size_t rows = reader_count(r, "texts.term_row", sizeof *t->term_row), n;

	if (!rows || rows > (size_t)NONE) {
		reader_damaged(r, "texts.term_row");
		return;
	}
	*t = (struct texts){ .n_items = n_items, .n_terms = rows - 1 };
	reader_rows(r, "texts.item_row", "texts.item_term", n_items, t->n_terms,
	    &t->item_row, &t->item_term);
	if (r->failed)
		return;
	reader_rows(r, "texts.term_row", "texts.term_item", t->n_terms, n_items,
	    &t->term_row, &t->term_item);
	if (r->failed)
		return;
	n = t->item_row[n_items];
	if (t->term_row[t->n_terms] != n)
		reader_damaged(r, "texts.term_row");
	read_term_weights(r, "texts.item_weight", n, &t->item_weight);
	if (!r->failed)
		read_term_weights(r, "texts.term_weight", n, &t->term_weight);
}

/* n numbers, if the file has them. */
static const float *
read_floats(struct model_reader *r, const char *name, size_t n)
{
	const float *x;

	if (!reader_find(r, name))
		return NULL;
	x = reader_section(r, name, sizeof *x, n);
	if (!r->failed && !reader_all_finite(x, n))
		reader_damaged(r, name);
	return x;
}

static void
read_links(struct model_reader *r, size_t n_items)
{
	struct links *l = &r->m->links;
	struct json_value bend;
	size_t n, n_scored;

	if (!r->m->dim)
		read_scored(r, n_items);
	if (r->failed)
		return;
	n_scored = r->m->n_scored;
	l->decay = model_hyper(r->m, "decay", 0);
	bend = model_meta(r->m, "bend");
	l->bend = bend.type == JSON_NUMBER ? json_number(&bend) : 0;
	if (!(l->decay >= 0 && l->decay <= 1e9 && l->bend >= 0 && l->bend <= 1e9))
		reader_damaged(r, "meta");
	reader_rows(r, "links.row", "links.at", n_scored, n_scored, &l->row, &l->at);
	n = reader_count(r, "links.at", sizeof *l->at);
	l->weight = reader_section(r, "links.weight", sizeof *l->weight, n);
	if (!r->failed && !reader_all_finite(l->weight, n))
		reader_damaged(r, "links.weight");
	l->base = read_floats(r, "links.base", n_scored);
	l->own = read_floats(r, "links.own", n_scored);
}

static void
read_context(struct model_reader *r, size_t i, struct json_value name)
{
	struct model *m = r->m;
	struct context *x = &m->contexts[i];
	char full[MODEL_NAME], numbers[MODEL_NAME];

	if (!(x->name = json_dup(&name))) {
		reader_damaged(r, "contexts");
		return;
	}
	catalog_own(&m->catalog, x->name);
	snprintf(full, sizeof full, "context.%zu.value", i);
	reader_strings(r, full, &x->values);
	snprintf(full, sizeof full, "context.%zu.row", i);
	snprintf(numbers, sizeof numbers, "context.%zu.at", i);
	if (!r->failed)
		reader_rows(
		    r, full, numbers, x->values.n, m->n_scored, &x->row, &x->at);
	snprintf(full, sizeof full, "context.%zu.base", i);
	x->base = reader_section(r, full, sizeof *x->base, m->n_scored);
	if (!r->failed && !reader_all_finite(x->base, m->n_scored))
		reader_damaged(r, full);
	snprintf(full, sizeof full, "context.%zu.weight", i);
	if (r->failed)
		return;
	x->weight = reader_section(r, full, sizeof *x->weight, x->row[x->values.n]);
	if (!r->failed && !reader_all_finite(x->weight, x->row[x->values.n]))
		reader_damaged(r, full);
}

static void
read_contexts(struct model_reader *r)
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
			reader_damaged(r, "contexts");
		else
			read_context(r, m->n_contexts++, name);
	}
}

void
reader_all(struct model_reader *r)
{
	struct model *m = r->m;
	struct catalog *c = &m->catalog;

	m->meta.data = reader_section(r, "meta", 1, SIZE_MAX);
	m->meta.len = reader_count(r, "meta", 1);
	if (!r->failed && model_read_meta(m) < 0)
		reader_damaged(r, "meta");
	if (r->failed)
		return;
	reader_catalog(r);
	if (r->failed)
		return;
	m->count = reader_section(r, "count", sizeof *m->count, c->items.strings.n);
	if (reader_find(r, "shown"))
		m->shown =
		    reader_section(r, "shown", sizeof *m->shown, c->items.strings.n);
	m->popular =
	    reader_section(r, "popular", sizeof *m->popular, c->items.strings.n);
	if (!r->failed &&
	    !reader_all_below(m->popular, c->items.strings.n, c->items.strings.n))
		reader_damaged(r, "popular");
	m->n_trained_items = c->items.strings.n;
	if (!r->failed && reader_find(r, "pairs.user_row"))
		read_pairs(r, c->users.strings.n, c->items.strings.n);
	if (!r->failed && reader_find(r, "texts.item_row"))
		read_texts(r, c->items.strings.n);
	if (!r->failed && m->dim)
		read_factors(r, c->users.strings.n, c->items.strings.n);
	if (!r->failed && reader_find(r, "links.row"))
		read_links(r, c->items.strings.n);
	if (r->failed || !m->scored)
		return;
	read_contexts(r);
	model_index(m);
}
