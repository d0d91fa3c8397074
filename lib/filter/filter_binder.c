/*
 * filter_binder - what an expression becomes with the values of a record, remembered.
 *
 * A table with one place for each hash: who comes later, stays. When it holds too much
 * it forgets all.
 */
#include "filter_binder.h"

#include <stdlib.h>
#include <xxhash.h>

enum {
	PLACES = 1 << 16, /* ten thousand texts seldom meet */
	MOST_BYTES = 64 << 20,
};

struct place {
	bool used;
	uint64_t hash;
	struct buf values; /* as the record has them */
	struct buf text, quoted;
	char *why;
	struct filter_bound bound; /* of the bufs above */
};

struct filter_binder {
	const struct filter *f;
	const struct catalog *catalog;
	int64_t now;
	size_t bytes;
	struct place *places; /* [PLACES] */
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
clear_place(struct place *p)
{
	buf_release(&p->values);
	buf_release(&p->text);
	buf_release(&p->quoted);
	free(p->why);
	*p = (struct place){ 0 };
}

static void
forget(struct filter_binder *b)
{
	for (size_t i = 0; i < PLACES; i++)
		clear_place(&b->places[i]);
	b->bytes = 0;
}

void
filter_binder_free(struct filter_binder *b)
{
	if (!b)
		return;
	forget(b);
	free(b->places);
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
bytes_of(const struct place *p)
{
	return p->values.cap + p->text.cap + p->quoted.cap;
}

static void
fill(struct filter_binder *b, struct place *p, const struct json_value *values)
{
	struct filter_error e;

	b->bytes -= bytes_of(p);
	buf_clear(&p->values);
	buf_clear(&p->text);
	buf_clear(&p->quoted);
	free(p->why);
	p->why = NULL;
	p->used = true;
	buf_add(&p->values, values->raw.data, values->raw.len);
	if (filter_bind(b->f, values, b->now, &p->text, &e) < 0 ||
	    check(b, (struct span){ p->text.data, p->text.len }, &e) < 0)
		p->why = xstrdup(e.text);
	else
		json_quote(&p->quoted, p->text.data, p->text.len);
	p->bound = (struct filter_bound){ { p->text.data, p->text.len },
		{ p->quoted.data, p->quoted.len }, p->why };
	b->bytes += bytes_of(p);
}

const struct filter_bound *
filter_binder_get(struct filter_binder *b, const struct json_value *values)
{
	/* Without placeholders all values are one. */
	static const struct json_value none = { 0 };
	const struct json_value *v = b->f->n_placeholders ? values : &none;
	uint64_t hash = v->raw.len ? XXH3_64bits(v->raw.data, v->raw.len) : 0;
	struct place *p = &b->places[hash % PLACES];

	if (p->used && p->hash == hash &&
	    span_equal((struct span){ p->values.data, p->values.len }, v->raw))
		return &p->bound;
	if (b->bytes > MOST_BYTES)
		forget(b);
	p->hash = hash;
	fill(b, p, v);
	return &p->bound;
}
