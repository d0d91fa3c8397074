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

enum {
	MOST_RECORDS = 512, /* together: each may have a filter of its own */
	MOST_BYTES = 4 << 20,
	RESULT_BYTES = 512 << 20, /* of candidates while they run, and of results */
	WRITE_BYTES = 64 * 1024,
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
	struct buf text, scratch, out;
	struct question questions[MOST_RECORDS];
	size_t n, most;
	struct segment_query queries[MOST_RECORDS];
	size_t n_queries;
};

struct segment_answers *
segment_answers_new(const struct model *m, const struct segment_options *o)
{
	struct segment_answers *a = xcalloc(1, sizeof *a);

	a->m = m;
	a->o = o;
	a->most = RESULT_BYTES / segment_bytes(m, o->k, o->threads);
	a->most = MAX(MIN(a->most, (size_t)MOST_RECORDS), (size_t)1);
	a->filters = filter_cache_new(&m->catalog, &o->filters, 0);
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
	buf_release(&a->out);
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
add_input(struct segment_answers *a, const struct question *q)
{
	const char *line = a->text.data + q->line;
	struct json_value v;
	struct json j;

	buf_adds(&a->out, "{\"input\": ");
	buf_clear(&a->scratch);
	json_open(&j, line, q->len);
	if (!q->record.why)
		record_echo(&a->scratch, &q->record);
	else if (json_value(&j, &v) == 0 && json_finish(&j) == 0)
		json_compact(&a->scratch, line, q->len);
	else
		json_quote(&a->scratch, line, q->len);
	add_spaced(&a->out, a->scratch.data, a->scratch.len);
}

static void
flush(struct segment_answers *a, size_t least, void (*write)(const void *, size_t))
{
	if (a->out.len < least)
		return;
	write(a->out.data, a->out.len);
	buf_clear(&a->out);
}

/* Millions of users are never one text in memory. */
static void
write_users(struct segment_answers *a, const struct segment_query *query,
    void (*write)(const void *, size_t))
{
	const struct strings *ids = &a->m->catalog.users.strings;
	char number[NUMBER_SIZE];

	buf_adds(&a->out,
	    a->o->docs_format ? "\"recommendedUsers\": [" : "\"usersList\": [");
	for (size_t i = 0; i < query->n; i++) {
		struct span id = strings_get(ids, query->best[i].at);

		if (i)
			buf_addc(&a->out, ',');
		json_quote(&a->out, id.data, id.len);
		flush(a, WRITE_BYTES, write);
	}
	buf_addc(&a->out, ']');
	if (!a->o->scores)
		return;
	buf_adds(&a->out, ", \"scores\": [");
	for (size_t i = 0; i < query->n; i++) {
		double expected = exp((double)query->best[i].value);

		if (i)
			buf_addc(&a->out, ',');
		buf_add(&a->out, number, number_score(number, -expm1(-expected)));
		flush(a, WRITE_BYTES, write);
	}
	buf_addc(&a->out, ']');
}

static void
write_error(struct segment_answers *a, const struct question *q)
{
	add_input(a, q);
	buf_addf(&a->out, ", \"output\": {\"%s\": []}, \"error\": ",
	    a->o->docs_format ? "recommendedUsers" : "usersList");
	json_quote(&a->out, q->wrong.text, strlen(q->wrong.text));
	buf_adds(&a->out, "}\n");
}

static size_t
write_one(struct segment_answers *a, const struct question *q,
    void (*write)(const void *, size_t))
{
	if (q->fate == PASS) {
		buf_add(&a->out, q->record.line.data, q->record.line.len);
		buf_addc(&a->out, '\n');
		return q->record.has_error;
	}
	if (q->fate == FAIL) {
		write_error(a, q);
		return 1;
	}
	add_input(a, q);
	buf_adds(&a->out, ", \"output\": {");
	write_users(a, &a->queries[q->query], write);
	buf_adds(&a->out, "}, \"error\": null}\n");
	return 0;
}

size_t
segment_answers_run(struct segment_answers *a, void (*write)(const void *p, size_t len))
{
	size_t errors = 0;

	a->n_queries = 0;
	for (size_t i = 0; i < a->n; i++)
		a->questions[i].fate = take(a, &a->questions[i]);
	segment_scan(a->m, a->queries, a->n_queries, a->o->k, a->o->threads);
	for (size_t i = 0; i < a->n; i++) {
		struct question *q = &a->questions[i];

		errors += write_one(a, q, write);
		flush(a, WRITE_BYTES, write);
		if (q->fate == ANSWER)
			free(a->queries[q->query].best);
		free(q->items);
		free(q->allowed);
	}
	flush(a, 1, write);
	buf_clear(&a->text);
	a->n = 0;
	return errors;
}
