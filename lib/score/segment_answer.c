/* segment_answer - records that ask for users in, output records out. */
#include "segment_answer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "number.h"
#include "record.h"
#include "segment.h"
#include "threads.h"

enum {
	MOST_RECORDS = 512, /* together: each may have a filter of its own */
	MOST_BYTES = 4 << 20,
	RESULT_BYTES = 512 << 20, /* of candidates while they run, and of results */
	PIECE_USERS = 4096,       /* written at once */
	AHEAD = 16,
};

enum fate { PASS, FAIL, ANSWER };

struct question {
	size_t line, len; /* in text */
	struct record record;
	enum fate fate;
	struct filter_error wrong;
	uint32_t *items; /* what the query asks for */
	uint64_t *allowed;
	size_t query; /* of those that are answered */
};

struct segment_answers {
	const struct model *m;
	const struct segment_options *o;
	struct filter_cache *filters;
	struct buf text, scratch;
	struct question questions[MOST_RECORDS];
	size_t n, most;
	struct segment_query queries[MOST_RECORDS];
	size_t n_queries;
};

struct segment_answers *
segment_answers_new(const struct model *m, const struct segment_options *o)
{
	struct segment_answers *a = xcalloc(1, sizeof *a);
	struct filter_options filters = o->filters;

	if (o->recipe->job == JOB_USERS_OF_ATTRIBUTES)
		filters.no_interactions =
		    "filters for item-attribute-affinity may not test Interactions, "
		    "unless they begin with EXTENDED";
	a->m = m;
	a->o = o;
	a->most = RESULT_BYTES / segment_bytes(m, o->k, o->threads);
	a->most = MAX(MIN(a->most, (size_t)MOST_RECORDS), (size_t)1);
	a->filters = filter_cache_new(&m->catalog, &filters, 0);
	return a;
}

void
segment_answers_free(struct segment_answers *a)
{
	if (!a)
		return;
	filter_cache_free(a->filters);
	buf_release(&a->text);
	buf_release(&a->scratch);
	free(a);
}

bool
segment_answers_add(struct segment_answers *a, const char *line, size_t len)
{
	struct question *q = &a->questions[a->n++];

	*q = (struct question){ .line = a->text.len, .len = len };
	buf_add(&a->text, line, len);
	buf_addc(&a->text, '\0');
	return a->n < a->most && a->text.len < MOST_BYTES;
}

static enum fate
fail(struct question *q, const char *why)
{
	snprintf(q->wrong.text, sizeof q->wrong.text, "%s", why);
	return FAIL;
}

/* The one item of the record, if training knew anything of it. */
static enum fate
take_item(struct segment_answers *a, struct question *q, struct segment_query *query)
{
	const struct model *m = a->m;
	uint32_t item;

	if (q->record.item_id.type != JSON_STRING)
		return fail(q, q->record.item_id.type ? "itemId is not a string"
						      : "expected a member itemId");
	item = ids_find(&m->catalog.items, json_text(&q->record.item_id, &a->scratch));
	if (item == NONE || m->place[item] == NONE)
		return fail(q, "the item was not there at training");
	q->items = xcalloc(1, sizeof *q->items);
	q->items[0] = item;
	query->n_items = 1;
	return ANSWER;
}

/* The items that have the attributes. */
static enum fate
take_attributes(
    struct segment_answers *a, struct question *q, struct segment_query *query)
{
	size_t n = a->m->catalog.items.strings.n, count = 0;
	struct span text;
	struct filter *f;
	uint64_t *set;

	if (q->record.item_attributes.type != JSON_STRING)
		return fail(q, q->record.item_attributes.type
				   ? "itemAttributes is not a string"
				   : "expected a member itemAttributes");
	text = json_text(&q->record.item_attributes, &a->scratch);
	f = filter_parse_attributes(text, &q->wrong);
	if (!f)
		return FAIL;
	set = bitset_new(n + 1);
	if (filter_select(f, &a->m->catalog, &a->o->filters, set, &q->wrong) < 0) {
		free(set);
		return FAIL;
	}
	q->items = xcalloc(bitset_count(set, n), sizeof *q->items);
	for (uint32_t i = 0; i < n; i++)
		if (bitset_has(set, i) && a->m->place[i] != NONE)
			q->items[count++] = i;
	free(set);
	query->n_items = count;
	return count ? ANSWER : fail(q, "no item that was there at training matches");
}

static int
take_filter(struct segment_answers *a, struct question *q)
{
	size_t n = a->m->catalog.users.strings.n;
	struct filter_set set;

	if (filter_cache_run(a->filters, &q->record.filter, FILTER_USERS, NONE, NONE,
		&set, &q->wrong) < 0)
		return -1;
	if (set.words) {
		q->allowed = bitset_new(n + 1);
		bitset_copy(q->allowed, set.words, n);
	}
	return 0;
}

static enum fate
take(struct segment_answers *a, struct question *q)
{
	struct segment_query *query = &a->queries[a->n_queries];
	enum fate fate;

	if (record_parse(&q->record, a->text.data + q->line, q->len) < 0) {
		snprintf(q->wrong.text, sizeof q->wrong.text, "byte %zu: %s",
		    q->record.at + 1, q->record.why);
		return FAIL;
	}
	if (q->record.has_output || q->record.has_error)
		return PASS;
	*query = (struct segment_query){ 0 };
	fate = a->o->recipe->job == JOB_USERS_OF_ITEM ? take_item(a, q, query)
						      : take_attributes(a, q, query);
	if (fate != ANSWER)
		return fate;
	if (take_filter(a, q) < 0)
		return FAIL;
	query->items = q->items;
	query->allowed = q->allowed;
	q->query = a->n_queries++;
	return ANSWER;
}

/* JSON without blanks gets one behind colons, and behind commas between members. */
static void
add_spaced(struct buf *out, const char *p, size_t len)
{
	bool in_text = false, in_object[JSON_DEPTH + 1] = { false };
	size_t depth = 0;

	for (size_t i = 0; i < len; i++) {
		buf_addc(out, p[i]);
		if (in_text) {
			if (p[i] == '\\' && i + 1 < len)
				buf_addc(out, p[++i]);
			else if (p[i] == '"')
				in_text = false;
			continue;
		}
		if (p[i] == '"')
			in_text = true;
		else if ((p[i] == '{' || p[i] == '[') && depth < JSON_DEPTH)
			in_object[++depth] = p[i] == '{';
		else if ((p[i] == '}' || p[i] == ']') && depth)
			depth--;
		else if (p[i] == ':' || (p[i] == ',' && in_object[depth]))
			buf_addc(out, ' ');
	}
}

static void
add_input(struct segment_answers *a, const struct question *q, struct buf *out)
{
	const char *line = a->text.data + q->line;
	struct json_value v;
	struct json j;

	buf_adds(out, "{\"input\": ");
	buf_clear(&a->scratch);
	json_open(&j, line, q->len);
	if (!q->record.why)
		record_echo(&a->scratch, &q->record);
	else if (json_value(&j, &v) == 0 && json_finish(&j) == 0)
		json_compact(&a->scratch, line, q->len);
	else
		json_quote(&a->scratch, line, q->len);
	add_spaced(out, a->scratch.data, a->scratch.len);
}

/* What makes a record: its beginning, pieces of its lists, its end. */
struct piece {
	struct segment_answers *a;
	struct buf text;
	const struct segment_query *query; /* NULL: the text is all */
	size_t from, to;                   /* of the query's users */
	bool scores;                       /* theirs, not their IDs */
	const char *behind;                /* what follows the list, NULL: more of it */
};

/* The pieces of all records, in order. */
struct pieces {
	struct segment_answers *a;
	void (*write)(const void *p, size_t len);
	size_t question, done; /* users of it that are on their way */
	bool scores;
	size_t errors;
};

static void
add_error(struct segment_answers *a, const struct question *q, struct buf *out)
{
	add_input(a, q, out);
	buf_addf(out, ", \"output\": {\"%s\": []}, \"error\": ",
	    a->o->docs_format ? "recommendedUsers" : "usersList");
	json_quote(out, q->wrong.text, strlen(q->wrong.text));
	buf_adds(out, "}\n");
}

/* A record without a list that is ours. */
static void
read_whole(struct pieces *r, struct piece *piece, const struct question *q)
{
	if (q->fate == PASS) {
		buf_add(&piece->text, q->record.line.data, q->record.line.len);
		buf_addc(&piece->text, '\n');
		r->errors += q->record.has_error;
	} else {
		add_error(r->a, q, &piece->text);
		r->errors++;
	}
	piece->query = NULL;
	r->question++;
}

/* pipeline_run: the next piece. */
static int
piece_read(void *context, void *job)
{
	struct pieces *r = context;
	struct piece *piece = job;
	struct segment_answers *a = r->a;
	const struct question *q = &a->questions[r->question];

	if (r->question == a->n)
		return 0;
	buf_clear(&piece->text);
	if (q->fate != ANSWER) {
		read_whole(r, piece, q);
		return 1;
	}
	piece->query = &a->queries[q->query];
	piece->scores = r->scores;
	piece->from = r->done;
	piece->to = MIN(r->done + PIECE_USERS, piece->query->n);
	piece->behind = NULL;
	if (!piece->from && !piece->scores) {
		add_input(a, q, &piece->text);
		buf_addf(&piece->text, ", \"output\": {\"%s\": [",
		    a->o->docs_format ? "recommendedUsers" : "usersList");
	}
	r->done = piece->to;
	if (r->done < piece->query->n)
		return 1;
	r->done = 0;
	r->scores = a->o->scores && !r->scores;
	r->question += !r->scores;
	piece->behind = r->scores ? "], \"scores\": [" : "]}, \"error\": null}\n";
	return 1;
}

/* IDs stand in memory in the order of users, so each is a miss unless asked for early.
 */
static void
add_ids(struct piece *piece)
{
	const struct strings *ids = &piece->a->m->catalog.users.strings;
	const struct candidate *best = piece->query->best;
	size_t to = piece->to;

	for (size_t i = piece->from; i < to; i++) {
		struct span id = strings_get(ids, best[i].at);

		if (i + 2 * AHEAD < to)
			__builtin_prefetch(&ids->offset[best[i + 2 * AHEAD].at]);
		if (i + AHEAD < to)
			__builtin_prefetch(
			    ids->bytes + ids->offset[best[i + AHEAD].at]);
		if (i)
			buf_addc(&piece->text, ',');
		json_quote(&piece->text, id.data, id.len);
	}
}

static void
add_scores(struct piece *piece)
{
	char number[NUMBER_SIZE];

	for (size_t i = piece->from; i < piece->to; i++) {
		double expected = exp((double)piece->query->best[i].value);

		if (i)
			buf_addc(&piece->text, ',');
		buf_add(&piece->text, number, number_score(number, -expm1(-expected)));
	}
}

/* pipeline_run: its text. */
static void
piece_work(void *context, void *job, size_t thread)
{
	struct piece *piece = job;

	(void)context;
	(void)thread;
	if (!piece->query)
		return;
	if (piece->scores)
		add_scores(piece);
	else
		add_ids(piece);
	if (piece->behind)
		buf_adds(&piece->text, piece->behind);
}

static void
piece_write(void *context, void *job)
{
	struct pieces *r = context;
	struct piece *piece = job;

	r->write(piece->text.data, piece->text.len);
}

/* Millions of users are never one text in memory. How many records carry an error. */
static size_t
write_all(struct segment_answers *a, void (*write)(const void *p, size_t len))
{
	struct pieces r = { .a = a, .write = write };
	size_t threads = MAX(a->o->threads, (size_t)1);
	struct pipeline p = { .context = &r,
		.n_jobs = 2 * threads,
		.read = piece_read,
		.work = piece_work,
		.write = piece_write };
	struct piece *pieces = xcalloc(p.n_jobs, sizeof *pieces);

	p.jobs = xcalloc(p.n_jobs, sizeof *p.jobs);
	for (size_t i = 0; i < p.n_jobs; i++) {
		pieces[i].a = a;
		p.jobs[i] = &pieces[i];
	}
	pipeline_run(&p, threads);
	for (size_t i = 0; i < p.n_jobs; i++)
		buf_release(&pieces[i].text);
	free(p.jobs);
	free(pieces);
	return r.errors;
}

size_t
segment_answers_run(struct segment_answers *a, void (*write)(const void *p, size_t len))
{
	size_t errors;

	a->n_queries = 0;
	for (size_t i = 0; i < a->n; i++)
		a->questions[i].fate = take(a, &a->questions[i]);
	/* Users are those of the training, with what they had done by then. */
	segment_scan(a->o->trained ? a->o->trained : a->m, a->queries, a->n_queries,
	    a->o->k, a->o->threads);
	errors = write_all(a, write);
	for (size_t i = 0; i < a->n; i++) {
		free(a->questions[i].items);
		free(a->questions[i].allowed);
	}
	for (size_t i = 0; i < a->n_queries; i++)
		free(a->queries[i].best);
	buf_clear(&a->text);
	a->n = 0;
	return errors;
}
