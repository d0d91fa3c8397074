/* answer - input records in, output records out, a batch at a time. */
#include "answer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "answer_jobs.h"
#include "fold.h"

enum { BATCH_BYTES = 1 << 20 };

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

/* The member that a job asks with must be there. */
static enum fate
take_job(struct answerer *r, struct answers *a, size_t i)
{
	const struct record *record = &a->records[i];
	bool related = r->o->recipe->job == JOB_RELATED;
	const struct json_value *id = related ? &record->item_id : &record->user_id;
	struct filter_error *wrong = &a->wrong[i];

	if (!id->type)
		return answer_fail(wrong,
		    related ? "expected a member itemId" : "expected a member userId");
	if (id->type != JSON_STRING)
		return answer_fail(wrong,
		    related ? "itemId is not a string" : "userId is not a string");
	switch (r->o->recipe->job) {
	case JOB_RECOMMEND:
		return answer_user(r, a, i);
	case JOB_RANK:
		return answer_list(r, a, i);
	case JOB_RELATED:
	case JOB_USERS_OF_ITEM:
	case JOB_USERS_OF_ATTRIBUTES: /* segment_answer.c */
		break;
	}
	return answer_item(r, a, i);
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
		answer_add_related(r, a, i, q, out);
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
