/*
 * filter_binder - what an expression becomes with the values of a record, remembered.
 *
 * A table with one place for each hash: who comes later, stays. When it holds too much
 * it forgets all.
 */
#include "filter_binder.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum {
	PLACES = 1 << 16, /* ten thousand texts seldom meet */
	MOST_BYTES = 64 << 20,
};

/* In one piece, as what is looked up is then used. */
struct entry {
	size_t bytes;
	struct filter_bound bound; /* points into bytes behind */
	size_t n_values;
	char values[]; /* as the record has them; then text, quoted, why */
};

struct place {
	uint64_t hash;
	struct entry *entry;
};

struct filter_binder {
	const struct filter *f;
	const struct catalog *catalog;
	int64_t now;
	size_t bytes;
	struct place *places;    /* [PLACES] */
	struct buf text, quoted; /* of what is being bound */
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

/* Copy bytes to *end, which moves on. */
static struct span
put(char **end, const char *bytes, size_t len)
{
	char *from = *end;

	if (len)
		memcpy(from, bytes, len);
	*end = from + len;
	return (struct span){ from, len };
}

static struct entry *
new_entry(const struct filter_binder *b, struct span values, const char *why)
{
	size_t why_len = why ? strlen(why) + 1 : 0;
	size_t bytes =
	    sizeof(struct entry) + values.len + b->text.len + b->quoted.len + why_len;
	struct entry *x = xmalloc(bytes);
	char *end = x->values;

	x->bytes = bytes;
	x->n_values = put(&end, values.data, values.len).len;
	x->bound.text = put(&end, b->text.data, b->text.len);
	x->bound.quoted = put(&end, b->quoted.data, b->quoted.len);
	x->bound.why = why ? put(&end, why, why_len).data : NULL;
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
	return new_entry(b, values->raw, why);
}

const struct filter_bound *
filter_binder_get(struct filter_binder *b, const struct json_value *values)
{
	/* Without placeholders all values are one. */
	static const struct json_value none = { 0 };
	const struct json_value *v = b->f->n_placeholders ? values : &none;
	uint64_t hash = v->raw.len ? XXH3_64bits(v->raw.data, v->raw.len) : 0;
	struct place *p = &b->places[hash % PLACES];
	struct entry *x = p->entry;

	if (x && p->hash == hash &&
	    span_equal((struct span){ x->values, x->n_values }, v->raw))
		return &x->bound;
	if (b->bytes > MOST_BYTES)
		forget(b);
	x = bind(b, v);
	b->bytes += x->bytes - (p->entry ? p->entry->bytes : 0);
	free(p->entry);
	*p = (struct place){ hash, x };
	return &x->bound;
}
