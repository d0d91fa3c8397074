/* answer - input records in, output records out, a batch at a time. */
#include "answer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fold.h"
#include "item_writer.h"
#include "json.h"
#include "live.h"
#include "number.h"
#include "rank.h"
#include "record.h"
#include "related.h"
#include "related_write.h"
#include "score.h"

enum { BATCH_BYTES = 1 << 20 };

enum fate { PASS, FAIL, QUERY, DONE };

struct answers {
	const struct model *m;
	size_t k, n;
	struct buf text;              /* the lines, NUL behind each */
	size_t line[SCORE_USERS + 1]; /* where each starts in text */
	struct record records[SCORE_USERS];
	enum fate fate[SCORE_USERS]; /* QUERY: the next of queries; DONE: see done */
	struct filter_error wrong[SCORE_USERS]; /* of those that fail */
	size_t n_queries;
	struct score_query queries[SCORE_USERS]; /* of those to be answered, in order */
	struct scored_item *items;               /* [SCORE_USERS][k] */
	size_t words;                            /* of a set of items */
	uint64_t *allowed;                       /* [SCORE_USERS][words] */
	struct context_value (*contexts)[MODEL_CONTEXTS]; /* [SCORE_USERS] of queries */
	float *vectors;  /* [SCORE_USERS][dim] of items, and of users folded in */
	struct buf done; /* outputs that are ready: of rankings and related items */
	size_t done_from[SCORE_USERS], done_to[SCORE_USERS];
};

struct answerer {
	const struct model *m;
	const struct answer_options *o;
	struct scorer *scorer;
	struct item_writer *writer;
	struct ranker *ranker;   /* of rankings */
	struct related *related; /* of related items */
	struct related_writer *related_writer;
	struct candidate *candidates; /* [k] */
	struct fold *fold;            /* for users who changed since training */
	float *nobody;                /* [dim] who met nothing: items as all see them */
	uint32_t *list;               /* [list_cap] the items to be ranked */
	struct ranked *ranked;
	struct span *ids; /* as they stand in the record */
	size_t list_cap;
	struct filter_cache *filters;
	struct buf scratch;
};

struct answers *
answers_new(const struct model *m, size_t k)
{
	struct answers *a = xcalloc(1, sizeof *a);

	a->m = m;
	a->k = k;
	/* filter_eval's sets have a bit for items that are not there. */
	a->words = bitset_words(m->catalog.items.strings.n + 1);
	a->items = xcalloc(SCORE_USERS * k, sizeof *a->items);
	a->allowed = xcalloc(SCORE_USERS * a->words, sizeof *a->allowed);
	a->contexts = xcalloc(SCORE_USERS, sizeof *a->contexts);
	a->vectors = xcalloc(SCORE_USERS * m->dim, sizeof *a->vectors);
	return a;
}

void
answers_free(struct answers *a)
{
	if (!a)
		return;
	buf_release(&a->text);
	free(a->items);
	free(a->allowed);
	free(a->contexts);
	free(a->vectors);
	buf_release(&a->done);
	free(a);
}

void
answers_clear(struct answers *a)
{
	buf_clear(&a->text);
	a->n = 0;
}

bool
answers_add(struct answers *a, const char *line, size_t len)
{
	a->line[a->n++] = a->text.len;
	buf_add(&a->text, line, len);
	buf_addc(&a->text, '\0');
	a->line[a->n] = a->text.len;
	return a->n < SCORE_USERS && a->text.len < BATCH_BYTES;
}

size_t
answers_count(const struct answers *a)
{
	return a->n;
}

static void
new_related(struct answerer *r)
{
	const struct answer_options *o = r->o;
	struct related_extras extras = { o->similarity, o->reasons, o->themes };

	r->related = related_new(r->m, o->influence);
	r->related_writer = related_writer_new(&r->m->catalog, o->k, &extras);
	r->candidates = xcalloc(o->k, sizeof *r->candidates);
}

struct answerer *
answerer_new(const struct model *m, const struct answer_options *o)
{
	struct answerer *r = xcalloc(1, sizeof *r);

	r->m = m;
	r->o = o;
	r->scorer = scorer_new(m, o->coarse, o->k, o->bonus);
	r->writer = item_writer_new(&m->catalog.items);
	if (o->recipe->job == JOB_RANK)
		r->ranker = ranker_new(m);
	if (o->recipe->job == JOB_RELATED)
		new_related(r);
	if (o->fold)
		r->fold = fold_new(o->fold, &m->catalog);
	if (m->n_contexts && m->dim) {
		r->nobody = xcalloc(m->dim, sizeof *r->nobody);
		r->nobody[m->factors] = 1;
	}
	r->filters = filter_cache_new(&m->catalog, &o->filters, 0);
	return r;
}

void
answerer_free(struct answerer *r)
{
	if (!r)
		return;
	scorer_free(r->scorer);
	item_writer_free(r->writer);
	ranker_free(r->ranker);
	related_free(r->related);
	related_writer_free(r->related_writer);
	free(r->candidates);
	fold_free(r->fold);
	filter_cache_free(r->filters);
	buf_release(&r->scratch);
	free(r->nobody);
	free(r->list);
	free(r->ranked);
	free(r->ids);
	free(r);
}

static enum fate
fail(struct filter_error *wrong, const char *why)
{
	snprintf(wrong->text, sizeof wrong->text, "%s", why);
	return FAIL;
}

/* What the record's filter allows. The set is borrowed until the next filter runs. */
static int
run_filter(struct answerer *r, struct answers *a, size_t i, uint32_t user,
    uint32_t item, struct filter_set *set)
{
	return filter_cache_run(r->filters, &a->records[i].filter, FILTER_ITEMS, user,
	    item, set, &a->wrong[i]);
}

static uint32_t
find_id(struct answerer *r, const struct ids *ids, const struct json_value *v)
{
	return ids_find(ids, json_text(v, &r->scratch));
}

static struct score_query *
next_query(struct answers *a, const float *vector, const struct filter_set *set)
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

/* The user's vector, made for the next query if the model's is not of today. */
static const float *
user_vector(struct answerer *r, struct answers *a, uint32_t user)
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
static int
take_context(struct answerer *r, struct answers *a, size_t i, const float **vector)
{
	const struct json_value *context = &a->records[i].context;
	size_t n;

	if (!r->m->n_contexts || !context->type || context->type == JSON_NULL)
		return 0;
	if (context->type != JSON_OBJECT) {
		fail(&a->wrong[i], "context is not an object");
		return -1;
	}
	n = context_find(r->m, context, a->contexts[a->n_queries]);
	if (n && !*vector)
		*vector = r->nobody;
	return (int)n;
}

static enum fate
take_user(struct answerer *r, struct answers *a, size_t i)
{
	uint32_t user = find_id(r, &r->m->catalog.users, &a->records[i].user_id);
	const float *vector = user_vector(r, a, user);
	struct filter_set set;
	struct score_query *q;
	int n;

	if (run_filter(r, a, i, user, NONE, &set) < 0 ||
	    (n = take_context(r, a, i, &vector)) < 0)
		return FAIL;
	q = next_query(a, vector, &set);
	q->user = user;
	q->contexts = a->contexts[q - a->queries];
	q->n_contexts = (size_t)n;
	return QUERY;
}

static void
add_score(struct buf *out, double score, bool first)
{
	char number[NUMBER_SIZE];

	if (!first)
		buf_addc(out, ',');
	buf_add(out, number, number_score(number, score));
}

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

static enum fate
take_item(struct answerer *r, struct answers *a, size_t i)
{
	const struct record *record = &a->records[i];
	const struct catalog *c = &r->m->catalog;
	uint32_t item = find_id(r, &c->items, &record->item_id);
	uint32_t user = record->user_id.type == JSON_STRING
			    ? find_id(r, &c->users, &record->user_id)
			    : NONE;
	struct filter_set set;
	struct score_query *q;

	if (run_filter(r, a, i, user, item, &set) < 0)
		return FAIL;
	if (answer_related(r, a, item, &set))
		return DONE;
	q = next_query(a, item_vector(r, a, item), &set);
	q->item = item;
	leave_out(a, q, item);
	return QUERY;
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
		r->list[n++] = find_id(r, &r->m->catalog.items, &v);
	}
	return (long)n;
}

/* What the filter forbids is left out, but counted in the sum of the scores. */
static enum fate
take_list(struct answerer *r, struct answers *a, size_t i)
{
	const struct record *record = &a->records[i];
	uint32_t user = find_id(r, &r->m->catalog.users, &record->user_id);
	const float *vector = user_vector(r, a, user);
	struct filter_set set;
	bool first = true;
	int n_contexts;
	long n;

	if (record->item_list.type != JSON_ARRAY ||
	    (n = read_list(r, &record->item_list)) < 0)
		return fail(&a->wrong[i], record->item_list.type
					      ? "itemList is not an array of strings"
					      : "expected a member itemList");
	if (run_filter(r, a, i, user, NONE, &set) < 0 ||
	    (n_contexts = take_context(r, a, i, &vector)) < 0)
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

/* The member that a job asks with must be there. */
static enum fate
take_job(struct answerer *r, struct answers *a, size_t i)
{
	const struct record *record = &a->records[i];
	bool related = r->o->recipe->job == JOB_RELATED;
	const struct json_value *id = related ? &record->item_id : &record->user_id;
	struct filter_error *wrong = &a->wrong[i];

	if (!id->type)
		return fail(wrong,
		    related ? "expected a member itemId" : "expected a member userId");
	if (id->type != JSON_STRING)
		return fail(wrong,
		    related ? "itemId is not a string" : "userId is not a string");
	switch (r->o->recipe->job) {
	case JOB_RECOMMEND:
		return take_user(r, a, i);
	case JOB_RANK:
		return take_list(r, a, i);
	case JOB_RELATED:
	case JOB_USERS_OF_ITEM:
	case JOB_USERS_OF_ATTRIBUTES: /* segment_answer.c */
		break;
	}
	return take_item(r, a, i);
}

static enum fate
take(struct answerer *r, struct answers *a, size_t i)
{
	struct record *record = &a->records[i];
	struct filter_error *wrong = &a->wrong[i];
	enum fate fate;

	if (record_parse(record, a->text.data + a->line[i],
		a->line[i + 1] - a->line[i] - 1) < 0) {
		snprintf(wrong->text, sizeof wrong->text, "byte %zu: %s",
		    record->at + 1, record->why);
		return FAIL;
	}
	if (record->has_output || record->has_error)
		return PASS;
	a->done_from[i] = a->done.len;
	fate = take_job(r, a, i);
	a->done_to[i] = a->done.len;
	return fate;
}

/* Items by their vectors, or popular ones if there is none. */
static void
add_related(struct answerer *r, const struct answers *a, size_t i,
    const struct score_query *q, struct buf *out)
{
	uint32_t item = find_id(r, &r->m->catalog.items, &a->records[i].item_id);

	for (size_t k = 0; k < q->n; k++)
		r->candidates[k] =
		    (struct candidate){ q->items[k].z, q->items[k].item };
	related_write(r->related_writer, item, q->popular, r->candidates, q->n, out);
}

/* Whether an item is there, or higher, because it is new (explore.h). */
static bool
is_explored(const struct answerer *r, uint32_t place)
{
	const struct model *m = r->m;

	return r->o->bonus && place != NONE &&
	       (r->o->bonus[place] != 0 || !m->count[m->scored[place]]);
}

/*
 * The service's words, in lists of our shape: an item of the popular ones that stand
 * for taste where nothing is known of the user, and one that is there or higher
 * because it is new (explore.h).
 */
static void
add_reasons(const struct answerer *r, const struct score_query *q, struct buf *out)
{
	const struct model *m = r->m;

	buf_adds(out, ",\"reason\":[");
	for (size_t i = 0; i < q->n; i++) {
		uint32_t place = m->place ? m->place[q->items[i].item] : NONE;

		if (i)
			buf_addc(out, ',');
		if (q->popular)
			buf_adds(out, "[\"Popular item\"]");
		else if (is_explored(r, place))
			buf_adds(out, "[\"Exploration\"]");
		else
			buf_adds(out, "[]");
	}
	buf_addc(out, ']');
}

/* q is NULL for outputs that are ready. */
static void
add_answer(struct answerer *r, const struct answers *a, size_t i,
    const struct score_query *q, struct buf *out)
{
	buf_adds(out, "{\"input\":");
	record_echo(out, &a->records[i]);
	buf_adds(out, ",\"output\":{");
	if (q && r->related)
		add_related(r, a, i, q, out);
	else if (q) {
		item_writer_add(r->writer, q->items, q->n, r->o->recipe->scores, out);
		if (r->o->reasons)
			add_reasons(r, q, out);
	} else
		buf_add(out, a->done.data + a->done_from[i],
		    a->done_to[i] - a->done_from[i]);
	buf_adds(out, "},\"error\":null}\n");
}

size_t
answerer_run(struct answerer *r, struct answers *a, struct buf *out)
{
	const struct score_query *next = a->queries;
	size_t errors = 0;

	a->n_queries = 0;
	buf_clear(&a->done);
	for (size_t i = 0; i < a->n; i++)
		a->fate[i] = take(r, a, i);
	score_users(r->scorer, a->queries, a->n_queries);
	for (size_t i = 0; i < a->n; i++) {
		const struct record *record = &a->records[i];

		if (a->fate[i] == QUERY)
			add_answer(r, a, i, next++, out);
		else if (a->fate[i] == DONE)
			add_answer(r, a, i, NULL, out);
		else if (a->fate[i] == PASS) {
			buf_add(out, record->line.data, record->line.len);
			buf_addc(out, '\n');
			errors += record->has_error;
		} else {
			record_error(out, record, "%s", a->wrong[i].text);
			errors++;
		}
	}
	return errors;
}
