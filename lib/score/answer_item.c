/* answer_item - records that ask for items like an item. */
#include "answer_jobs.h"
#include "vec.h"

/* Items that share users or words with the item; false if none do. */
static bool
answer_related(
    struct answerer *r, struct answers *a, uint32_t item, const struct filter_set *set)
{
	const struct candidate *best;
	long n = related_of(r->related, item, set->words, a->k, &best);

	if (n < 0)
		return false;
	related_write(r->related_writer, item, false, best, (size_t)n, &a->done);
	return true;
}

/* The vector of an item, so that items can be asked for as users are. */
static const float *
item_vector(struct answerer *r, struct answers *a, uint32_t item)
{
	const struct model *m = r->m;
	float *to = a->vectors + a->n_queries * m->dim;
	const float *from;

	if (item == NONE || !m->dim || !m->place || m->place[item] == NONE)
		return NULL;
	from = model_item(m, m->place[item]);
	for (size_t d = 0; d < m->dim; d++)
		to[d] = from[d * VEC_COLS];
	return to;
}

/* Everything but the item itself, and what its filter forbids. */
static void
leave_out(struct answers *a, struct score_query *q, uint32_t item)
{
	uint64_t *allowed = a->allowed + (size_t)(q - a->queries) * a->words;

	if (item == NONE)
		return;
	if (!q->allowed)
		bitset_fill(allowed, a->m->catalog.items.strings.n);
	bitset_remove(allowed, item);
	q->allowed = allowed;
}

enum fate
answer_item(struct answerer *r, struct answers *a, size_t i)
{
	const struct record *record = &a->records[i];
	const struct catalog *c = &r->m->catalog;
	uint32_t item = answer_id(r, &c->items, &record->item_id);
	uint32_t user = NONE;
	struct filter_set set;
	struct score_query *q;

	if (record->user_id.type == JSON_STRING && answer_user_id(r, a, i, &user) < 0)
		return FAIL;
	if (answer_filter(r, a, i, user, item, &set) < 0)
		return FAIL;
	if (answer_related(r, a, item, &set))
		return DONE;
	q = answer_query(a, item_vector(r, a, item), &set);
	q->item = item;
	leave_out(a, q, item);
	return QUERY;
}

void
answer_add_related(struct answerer *r, const struct answers *a, size_t i,
    const struct score_query *q, struct buf *out)
{
	uint32_t item = answer_id(r, &r->m->catalog.items, &a->records[i].item_id);

	for (size_t k = 0; k < q->n; k++)
		r->candidates[k] =
		    (struct candidate){ q->items[k].z, q->items[k].item };
	related_write(r->related_writer, item, q->popular, r->candidates, q->n, out);
}
