/* answer_list - records that ask for an order of the items they list. */
#include "answer_jobs.h"
#include "number.h"

static void
add_score(struct buf *out, double score, bool first)
{
	char number[NUMBER_SIZE];

	if (!first)
		buf_addc(out, ',');
	buf_add(out, number, number_score(number, score));
}

/* The list's items into r->list and r->ids. How many, -1: it holds something else. */
static long
read_list(struct answerer *r, const struct json_value *list)
{
	struct json_value v;
	struct json j;
	size_t n = 0;

	json_open(&j, list->raw.data, list->raw.len);
	json_enter(&j, '[');
	while (json_element(&j) > 0 && json_value(&j, &v) == 0) {
		if (v.type != JSON_STRING)
			return -1;
		if (n == r->list_cap) {
			r->list_cap = r->list_cap ? 2 * r->list_cap : 64;
			r->list = xrealloc(r->list, r->list_cap, sizeof *r->list);
			r->ranked = xrealloc(r->ranked, r->list_cap, sizeof *r->ranked);
			r->ids = xrealloc(r->ids, r->list_cap, sizeof *r->ids);
		}
		r->ids[n] = v.raw;
		r->list[n++] = answer_id(r, &r->m->catalog.items, &v);
	}
	return (long)n;
}

/* What the filter forbids is left out, but counted in the sum of the scores. */
enum fate
answer_list(struct answerer *r, struct answers *a, size_t i)
{
	const struct record *record = &a->records[i];
	const float *vector;
	struct filter_set set;
	bool first = true;
	int n_contexts;
	uint32_t user;
	long n;

	if (answer_user_id(r, a, i, &user) < 0)
		return FAIL;
	vector = answer_user_vector(r, a, user);
	if (record->item_list.type != JSON_ARRAY ||
	    (n = read_list(r, &record->item_list)) < 0)
		return answer_fail(&a->wrong[i],
		    record->item_list.type ? "itemList is not an array of strings"
					   : "expected a member itemList");
	if (answer_filter(r, a, i, user, NONE, &set) < 0 ||
	    (n_contexts = answer_context(r, a, i, &vector)) < 0)
		return FAIL;
	rank_items(r->ranker, vector, user, a->contexts[a->n_queries],
	    (size_t)n_contexts, r->list, (size_t)n, r->ranked);
	buf_adds(&a->done, "\"recommendedItems\":[");
	for (long x = 0; x < n; x++) {
		struct span id = r->ids[r->ranked[x].at];

		if (!filter_allows(&set, r->list[r->ranked[x].at]))
			continue;
		if (!first)
			buf_addc(&a->done, ',');
		first = false;
		buf_add(&a->done, id.data, id.len);
	}
	buf_adds(&a->done, "],\"scores\":[");
	first = true;
	for (long x = 0; x < n; x++) {
		if (!filter_allows(&set, r->list[r->ranked[x].at]))
			continue;
		add_score(&a->done, r->ranked[x].score, first);
		first = false;
	}
	buf_addc(&a->done, ']');
	return DONE;
}
