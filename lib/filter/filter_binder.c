/*
 * filter_binder - what an expression becomes with the values of a record, remembered.
 *
 * A table of sets of WAYS places, as in a processor's cache: a value's hash says which
 * set, and who comes when all are taken throws one out. Ten thousand texts fit; when
 * the table holds too much it forgets all.
 */
#include "filter_binder.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum {
	WAYS = 4,
	SETS = 1 << 14,
	PLACES = SETS * WAYS,
	MOST_BYTES = 64 << 20,
};

/* In one piece, what is looked at first in front: a record costs few cache lines. */
struct entry {
	uint32_t n_values, n_quoted, n_text, n_why;
	char values[]; /* as the record has them; then quoted, text, why */
};

struct place {
	uint64_t hash;
	struct entry *entry; /* NULL: free */
};

struct filter_binder {
	const struct filter *f;
	const struct catalog *catalog;
	int64_t now;
	size_t bytes;
	unsigned turn;           /* which way is thrown out next */
	struct place *places;    /* [PLACES] */
	struct buf text, quoted; /* of what is being bound */
	struct filter_bound bound;
};

struct filter_binder *
filter_binder_new(const struct filter *f, const struct catalog *c, int64_t now)
{
	struct filter_binder *b = xcalloc(1, sizeof *b);

	*b = (struct filter_binder){ .f = f, .catalog = c, .now = now };
	b->places = xcalloc(PLACES, sizeof *b->places);
	return b;
}

static void
forget(struct filter_binder *b)
{
	for (size_t i = 0; i < PLACES; i++) {
		free(b->places[i].entry);
		b->places[i].entry = NULL;
	}
	b->bytes = 0;
}

void
filter_binder_free(struct filter_binder *b)
{
	if (!b)
		return;
	forget(b);
	free(b->places);
	buf_release(&b->text);
	buf_release(&b->quoted);
	free(b);
}

/* Values can be of a type that a column is not. */
static int
check(const struct filter_binder *b, struct span text, struct filter_error *e)
{
	struct filter *f;
	int status;

	if (!text.len || !b->catalog || !b->f->n_placeholders)
		return 0;
	f = filter_parse_bound(text, e);
	status = f ? filter_check(f, b->catalog, e) : -1;
	filter_free(f);
	return status;
}

static size_t
bytes_of(const struct entry *x)
{
	return sizeof *x + x->n_values + x->n_quoted + x->n_text + x->n_why;
}

/* Copy bytes to *end, which moves on. Returns how many. */
static uint32_t
put(char **end, const void *bytes, size_t len)
{
	if (len)
		*end = mempcpy(*end, bytes, len);
	return (uint32_t)len;
}

static struct entry *
new_entry(const struct filter_binder *b, struct span values, const char *why)
{
	size_t n_why = why ? strlen(why) + 1 : 0;
	struct entry *x =
	    xmalloc(sizeof *x + values.len + b->quoted.len + b->text.len + n_why);
	char *end = x->values;

	x->n_values = put(&end, values.data, values.len);
	x->n_quoted = put(&end, b->quoted.data, b->quoted.len);
	x->n_text = put(&end, b->text.data, b->text.len);
	x->n_why = put(&end, why, n_why);
	return x;
}

static struct entry *
bind(struct filter_binder *b, const struct json_value *values)
{
	const char *why = NULL;
	struct filter_error e;

	buf_clear(&b->text);
	buf_clear(&b->quoted);
	if (filter_bind(b->f, values, b->now, &b->text, &e) < 0 ||
	    check(b, (struct span){ b->text.data, b->text.len }, &e) < 0)
		why = e.text;
	else
		json_quote(&b->quoted, b->text.data, b->text.len);
	/* Lengths of entries have 32 bits. */
	if (values->raw.len + b->text.len + b->quoted.len > UINT32_MAX) {
		why = "filterValues are too long";
		buf_clear(&b->text);
		buf_clear(&b->quoted);
		return new_entry(b, (struct span){ 0 }, why);
	}
	return new_entry(b, values->raw, why);
}

static struct entry *
find(const struct place *set, uint64_t hash, struct span values)
{
	for (size_t i = 0; i < WAYS; i++) {
		struct entry *x = set[i].entry;

		if (x && set[i].hash == hash &&
		    span_equal((struct span){ x->values, x->n_values }, values))
			return x;
	}
	return NULL;
}

static void
keep(struct filter_binder *b, struct place *set, uint64_t hash, struct entry *x)
{
	size_t i = 0;

	b->bytes += bytes_of(x);
	while (i < WAYS && set[i].entry)
		i++;
	if (i == WAYS) {
		i = b->turn++ % WAYS;
		b->bytes -= bytes_of(set[i].entry);
		free(set[i].entry);
	}
	set[i] = (struct place){ hash, x };
}

const struct filter_bound *
filter_binder_get(struct filter_binder *b, const struct json_value *values)
{
	/* Without placeholders all values are one. */
	static const struct json_value none = { 0 };
	const struct json_value *v = b->f->n_placeholders ? values : &none;
	uint64_t hash = v->raw.len ? XXH3_64bits(v->raw.data, v->raw.len) : 0;
	struct place *set = &b->places[hash % SETS * WAYS];
	struct entry *x = find(set, hash, v->raw);
	const char *at;

	if (!x) {
		if (b->bytes > MOST_BYTES)
			forget(b);
		x = bind(b, v);
		keep(b, set, hash, x);
	}
	at = x->values + x->n_values;
	b->bound.quoted = (struct span){ at, x->n_quoted };
	at += x->n_quoted;
	b->bound.text = (struct span){ at, x->n_text };
	b->bound.why = x->n_why ? at + x->n_text : NULL;
	return &b->bound;
}
