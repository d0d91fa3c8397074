/* rank - the items of a list in the order of their scores for a user. */
#include "rank.h"

#include <math.h>
#include <stdlib.h>

#include "links.h"
#include "met.h"
#include "vec.h"

struct ranker {
	const struct model *m;
	struct seen *seen;
	struct met met;
	float *linked; /* [n_scored] of models with links */
};

struct ranker *
ranker_new(const struct model *m)
{
	struct ranker *r = xcalloc(1, sizeof *r);

	r->m = m;
	r->seen = seen_new(&m->catalog, &m->wanted);
	if (m->links.row)
		r->linked = xcalloc(m->n_scored, sizeof *r->linked);
	return r;
}

void
ranker_free(struct ranker *r)
{
	if (!r)
		return;
	seen_free(r->seen);
	met_release(&r->met);
	free(r->linked);
	free(r);
}

static double
z_of(const struct ranker *r, const float *user, const struct context_value *contexts,
    size_t n_contexts, uint32_t item)
{
	const struct model *m = r->m;
	uint32_t at = item == NONE ? NONE : m->place[item];
	float z;

	if (at == NONE || !m->count[item])
		return -INFINITY;
	z = user ? vec_dot(user, model_item(m, at), VEC_COLS, m->dim) : r->linked[at];
	for (size_t i = 0; i < n_contexts; i++)
		z += context_at(m, contexts[i], at);
	return (double)(z + met_value(&r->met, at));
}

/* The logarithm of the item's users: its share of them is then the score. */
static double
popular_z(const struct ranker *r, uint32_t item)
{
	return item == NONE || !r->m->count[item] ? -INFINITY
						  : log((double)r->m->count[item]);
}

static int
best_first(const void *a, const void *b, void *list)
{
	const struct ranked *x = a, *y = b;
	const uint32_t *items = list;

	if (x->z != y->z)
		return x->z < y->z ? 1 : -1;
	if (x->z > -INFINITY && items[x->at] != items[y->at])
		return items[x->at] < items[y->at] ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

void
rank_items(struct ranker *r, const float *vector, uint32_t user,
    const struct context_value *contexts, size_t n_contexts, const uint32_t *items,
    size_t n, struct ranked *ranked)
{
	static const struct weights plain = { { [SATURATION] = -INFINITY } };
	const struct weights *w = &r->m->weights;
	bool known =
	    vector ||
	    (r->linked && (links_user(r->m, r->seen, user, r->linked) || n_contexts));
	double sum = 0;

	if (!n)
		return;
	if (!known)
		w = &plain;
	else if (user != NONE)
		met_find(&r->met, r->m, r->seen, user);
	else
		r->met.n = 0;
	for (size_t i = 0; i < n; i++)
		ranked[i] = (struct ranked){ .at = i,
			.z = known ? z_of(r, vector, contexts, n_contexts, items[i])
				   : popular_z(r, items[i]) };
	qsort_r(ranked, n, sizeof *ranked, best_first, (void *)items);
	for (size_t i = 0; i < n && ranked[i].z > -INFINITY; i++)
		sum += ranked[i].score = weights_odds(w, ranked[i].z, ranked[0].z);
	for (size_t i = 0; i < n && sum > 0; i++)
		ranked[i].score /= sum;
}
