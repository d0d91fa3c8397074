/* answer - input records in, output records out, a batch at a time. */
#include "answer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "number.h"
#include "record.h"
#include "score.h"

enum { BATCH_BYTES = 1 << 20 };

enum fate { PASS, FAIL, ANSWER };

struct answers {
	const struct model *m;
	size_t k, n;
	struct buf text;              /* the lines, NUL behind each */
	size_t line[SCORE_USERS + 1]; /* where each starts in text */
	struct record records[SCORE_USERS];
	enum fate fate[SCORE_USERS];
	struct filter_error wrong[SCORE_USERS]; /* of those that fail */
	size_t n_queries;
	struct score_query queries[SCORE_USERS]; /* of those to be answered, in order */
	struct scored_item *items;               /* [SCORE_USERS][k] */
	size_t words;                            /* of a set of items */
	uint64_t *allowed;                       /* [SCORE_USERS][words] */
};

struct answerer {
	const struct model *m;
	bool scores;
	struct scorer *scorer;
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

struct answerer *
answerer_new(
    const struct model *m, size_t k, bool scores, const struct filter_options *filters)
{
	struct answerer *r = xcalloc(1, sizeof *r);

	r->m = m;
	r->scores = scores;
	r->scorer = scorer_new(m, k);
	r->filters = filter_cache_new(&m->catalog, filters, 0);
	return r;
}

void
answerer_free(struct answerer *r)
{
	if (!r)
		return;
	scorer_free(r->scorer);
	filter_cache_free(r->filters);
	buf_release(&r->scratch);
	free(r);
}

static enum fate
fail(struct filter_error *wrong, const char *why)
{
	snprintf(wrong->text, sizeof wrong->text, "%s", why);
	return FAIL;
}

/* The next query, for a record with a user, with what its filter allows. */
static enum fate
add_query(struct answerer *r, struct answers *a, size_t i)
{
	const struct record *record = &a->records[i];
	struct score_query *q = &a->queries[a->n_queries];
	struct filter_set set = { 0 };
	uint32_t user =
	    ids_find(&r->m->catalog.users, json_text(&record->user_id, &r->scratch));

	*q = (struct score_query){ .user = user,
		.items = a->items + a->n_queries * a->k };
	if (filter_cache_run(r->filters, &record->filter, FILTER_ITEMS, user, NONE,
		&set, &a->wrong[i]) < 0)
		return FAIL;
	/* The set is borrowed until the next filter runs. */
	if (set.words)
		q->allowed = memcpy(a->allowed + a->n_queries * a->words, set.words,
		    a->words * sizeof *set.words);
	a->n_queries++;
	return ANSWER;
}

static enum fate
take(struct answerer *r, struct answers *a, size_t i)
{
	struct record *record = &a->records[i];
	struct filter_error *wrong = &a->wrong[i];

	if (record_parse(record, a->text.data + a->line[i],
		a->line[i + 1] - a->line[i] - 1) < 0) {
		snprintf(wrong->text, sizeof wrong->text, "byte %zu: %s",
		    record->at + 1, record->why);
		return FAIL;
	}
	if (record->has_output || record->has_error)
		return PASS;
	if (!record->user_id.type)
		return fail(wrong, "expected a member userId");
	if (record->user_id.type != JSON_STRING)
		return fail(wrong, "userId is not a string");
	return add_query(r, a, i);
}

static void
add_items(const struct answerer *r, const struct score_query *q, struct buf *out)
{
	char number[NUMBER_SIZE];

	buf_adds(out, "\"recommendedItems\":[");
	for (size_t i = 0; i < q->n; i++) {
		struct span id =
		    strings_get(&r->m->catalog.items.strings, q->items[i].item);

		if (i)
			buf_addc(out, ',');
		json_quote(out, id.data, id.len);
	}
	buf_addc(out, ']');
	if (!r->scores)
		return;
	buf_adds(out, ",\"scores\":[");
	for (size_t i = 0; i < q->n; i++) {
		if (i)
			buf_addc(out, ',');
		buf_add(out, number, number_score(number, q->items[i].score));
	}
	buf_addc(out, ']');
}

static void
add_answer(const struct answerer *r, const struct record *record,
    const struct score_query *q, struct buf *out)
{
	buf_adds(out, "{\"input\":");
	record_echo(out, record);
	buf_adds(out, ",\"output\":{");
	add_items(r, q, out);
	buf_adds(out, "},\"error\":null}\n");
}

size_t
answerer_run(struct answerer *r, struct answers *a, struct buf *out)
{
	const struct score_query *next = a->queries;
	size_t errors = 0;

	a->n_queries = 0;
	for (size_t i = 0; i < a->n; i++)
		a->fate[i] = take(r, a, i);
	score_users(r->scorer, a->queries, a->n_queries);
	for (size_t i = 0; i < a->n; i++) {
		const struct record *record = &a->records[i];

		if (a->fate[i] == ANSWER)
			add_answer(r, record, next++, out);
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
