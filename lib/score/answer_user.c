/* answer_user - records that ask for a user's items, and what all records ask with. */
#include <stdio.h>
#include <string.h>

#include "answer_jobs.h"
#include "fold.h"
#include "live.h"

enum fate
answer_fail(struct filter_error *wrong, const char *why)
{
	snprintf(wrong->text, sizeof wrong->text, "%s", why);
	return FAIL;
}

int
answer_filter(struct answerer *r, struct answers *a, size_t i, uint32_t user,
    uint32_t item, struct filter_set *set)
{
	return filter_cache_run(r->filters, &a->records[i].filter, FILTER_ITEMS, user,
	    item, set, &a->wrong[i]);
}

uint32_t
answer_id(struct answerer *r, const struct ids *ids, const struct json_value *v)
{
	return ids_find(ids, json_text(v, &r->scratch));
}

int
answer_user_id(struct answerer *r, struct answers *a, size_t i, uint32_t *user)
{
	*user = answer_id(r, &r->m->catalog.users, &a->records[i].user_id);
	if (catalog_user_right(&r->m->catalog, *user))
		return 0;
	answer_fail(&a->wrong[i], catalog_user_damaged);
	return -1;
}

struct score_query *
answer_query(struct answers *a, const float *vector, const struct filter_set *set)
{
	struct score_query *q = &a->queries[a->n_queries];

	*q = (struct score_query){ .vector = vector,
		.user = NONE,
		.item = NONE,
		.items = a->items + a->n_queries * a->k };
	if (set->words)
		q->allowed = memcpy(a->allowed + a->n_queries * a->words, set->words,
		    a->words * sizeof *set->words);
	a->n_queries++;
	return q;
}

const float *
answer_user_vector(struct answerer *r, struct answers *a, uint32_t user)
{
	float *to = a->vectors + a->n_queries * r->m->dim;

	if (!r->fold || user == NONE || !live_changed(r->m, r->o->trained, user))
		return model_user(r->m, user);
	return fold_user(r->fold, user, to) ? to : model_user(r->m, user);
}

/*
 * The contexts of the record that the model knows into those of the next query, how
 * many; -1: it is none. With some, who is not known is somebody who met nothing.
 */
int
answer_context(struct answerer *r, struct answers *a, size_t i, const float **vector)
{
	const struct json_value *context = &a->records[i].context;
	size_t n;

	if (!r->m->n_contexts || !context->type || context->type == JSON_NULL)
		return 0;
	if (context->type != JSON_OBJECT) {
		answer_fail(&a->wrong[i], "context is not an object");
		return -1;
	}
	n = context_find(r->m, context, a->contexts[a->n_queries]);
	if (n && !*vector)
		*vector = r->nobody;
	return (int)n;
}

enum fate
answer_user(struct answerer *r, struct answers *a, size_t i)
{
	struct filter_set set;
	struct score_query *q;
	const float *vector;
	uint32_t user;
	int n;

	if (answer_user_id(r, a, i, &user) < 0)
		return FAIL;
	vector = answer_user_vector(r, a, user);
	if (answer_filter(r, a, i, user, NONE, &set) < 0 ||
	    (n = answer_context(r, a, i, &vector)) < 0)
		return FAIL;
	q = answer_query(a, vector, &set);
	q->user = user;
	q->contexts = a->contexts[q - a->queries];
	q->n_contexts = (size_t)n;
	return QUERY;
}
