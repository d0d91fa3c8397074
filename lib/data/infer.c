/*
 * infer - a schema out of the rows themselves.
 *
 * Distinct values are counted by adaptive sampling (Wegman; Flajolet 1990): a table
 * keeps the hashes that end in `level` zero bits; when it is full, level rises and
 * half of it goes. The number of hashes times 2^level estimates the count, exactly
 * so while level is 0, and within 2 or 3 % with a table of this size.
 */
#include "infer.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "row.h"

enum {
	TABLE = 4096,        /* slots; at most half are taken */
	CATEGORY_MAX = 1000, /* bytes: longer values are never categorical */
	TEXT_WORDS = 5,      /* free text: on average this many words */
	TEXT_BYTES = 40,     /* and this long */
};

struct column {
	char *name;
	uint64_t seen;                   /* values that are not null */
	uint64_t boolean, whole, number; /* how many could be one */
	uint64_t listed;                 /* with | in it */
	uint64_t bytes, words, parts, longest;
	uint64_t *table; /* NULL: a reserved name says it all */
	size_t taken;
	unsigned level;
};

struct infer {
	enum dataset_type dataset;
	uint64_t rows;
	size_t n;
	struct column *columns;
	size_t guess; /* where the next column is expected */
	struct buf scratch;
};

struct infer *
infer_new(enum dataset_type dataset)
{
	struct infer *in = xcalloc(1, sizeof *in);

	in->dataset = dataset;
	return in;
}

void
infer_free(struct infer *in)
{
	if (!in)
		return;
	for (size_t i = 0; i < in->n; i++) {
		free(in->columns[i].name);
		free(in->columns[i].table);
	}
	free(in->columns);
	buf_release(&in->scratch);
	free(in);
}

static size_t
find_column(const struct infer *in, struct span name)
{
	for (size_t i = 0; i < in->n; i++) {
		size_t at = (in->guess + i) % in->n;

		if (span_is(name, in->columns[at].name))
			return at;
	}
	for (size_t i = 0; i < in->n; i++)
		if (schema_alike(name, span_of(in->columns[i].name)))
			return i;
	return in->n;
}

static const struct reserved *
reserved_like(enum dataset_type dataset, const char *name)
{
	for (const struct reserved *r = schema_reserved(dataset); r->name; r++)
		if (schema_alike(span_of(name), span_of(r->name)))
			return r;
	return NULL;
}

size_t
infer_column(struct infer *in, struct span name)
{
	size_t i = find_column(in, name);

	if (i == in->n) {
		struct column *c;

		in->columns = xrealloc(in->columns, in->n + 1, sizeof *in->columns);
		c = &in->columns[in->n++];
		*c = (struct column){ .name = xmemdup(name.data, name.len) };
		if (!reserved_like(in->dataset, c->name))
			c->table = xcalloc(TABLE, sizeof *c->table);
	}
	in->guess = i + 1;
	return i;
}

static void
insert(struct column *c, uint64_t hash)
{
	size_t slot = (size_t)(hash >> 32) % TABLE;

	while (c->table[slot] && c->table[slot] != hash)
		slot = (slot + 1) % TABLE;
	c->taken += !c->table[slot];
	c->table[slot] = hash;
}

static void
thin_out(struct column *c)
{
	uint64_t *old = c->table, mask;

	mask = ((uint64_t)1 << ++c->level) - 1;
	c->table = xcalloc(TABLE, sizeof *c->table);
	c->taken = 0;
	for (size_t i = 0; i < TABLE; i++)
		if (old[i] && !(old[i] & mask))
			insert(c, old[i]);
	free(old);
}

static void
count_distinct(struct column *c, struct span s)
{
	uint64_t hash = XXH3_64bits(s.data, s.len);

	if (hash & (((uint64_t)1 << c->level) - 1) || !hash)
		return;
	insert(c, hash);
	while (c->taken > TABLE / 2)
		thin_out(c);
}

/* Values of a list count one by one: "Action|Crime" repeats Action. */
static void
count_parts(struct column *c, struct span s)
{
	const char *p = s.data, *end = s.data + s.len, *bar;

	if (memchr(p, '|', s.len))
		c->listed++;
	do {
		bar = memchr(p, '|', (size_t)(end - p));
		count_distinct(c, (struct span){ p, (size_t)((bar ? bar : end) - p) });
		c->parts++;
		p = bar ? bar + 1 : end;
	} while (bar);
}

static void
count_words(struct column *c, struct span s)
{
	bool space = true;

	for (size_t i = 0; i < s.len; i++) {
		c->words += space && s.data[i] != ' ';
		space = s.data[i] == ' ';
	}
	c->bytes += s.len;
	c->longest = MAX(c->longest, s.len);
}

static void
see(struct column *c, struct span s, bool boolean, bool whole, bool number)
{
	c->seen++;
	if (!c->table)
		return;
	c->boolean += boolean;
	c->whole += whole;
	c->number += number;
	/* Once it must be a string, or may have to be: what kind of one? */
	count_words(c, s);
	count_parts(c, s);
}

/* A code such as 007 is no number: the zeros would be lost. */
static bool
is_code(struct span s)
{
	size_t i = s.len && *s.data == '-';

	return s.len > i + 1 && s.data[i] == '0' &&
	       isdigit((unsigned char)s.data[i + 1]);
}

void
infer_text(struct infer *in, size_t column, struct span s)
{
	struct column *c = &in->columns[column];
	bool code;

	if (!s.len)
		return;
	if (!c->table) {
		c->seen++;
		return;
	}
	code = is_code(s);
	see(c, s, text_is_boolean(s), !code && s.len < 19 && text_is_whole(s),
	    !code && text_is_number(s));
}

void
infer_value(struct infer *in, size_t column, const struct json_value *v, bool text_like)
{
	struct column *c = &in->columns[column];

	if (v->type == JSON_STRING && text_like)
		infer_text(in, column, json_text(v, &in->scratch));
	else if (v->type == JSON_STRING && v->raw.len > 2)
		see(c, json_text(v, &in->scratch), false, false, false);
	else if (v->type == JSON_NUMBER)
		see(c, v->raw, false, v->raw.len < 19 && text_is_whole(v->raw), true);
	else if (v->type != JSON_STRING && v->type != JSON_NULL)
		see(c, v->raw, v->type == JSON_TRUE || v->type == JSON_FALSE, false,
		    false);
}

void
infer_row(struct infer *in)
{
	in->rows++;
	in->guess = 0;
}

/* A string whose values come again and again, or are lists, is categorical. */
static bool
repeats(const struct column *c)
{
	uint64_t distinct = (uint64_t)c->taken << c->level;

	return c->longest <= CATEGORY_MAX && (c->listed || distinct * 2 <= c->parts);
}

static bool
is_prose(const struct column *c)
{
	return c->words >= TEXT_WORDS * c->seen && c->bytes >= TEXT_BYTES * c->seen;
}

static enum field_type
type_of(const struct column *c)
{
	if (!c->seen)
		return FIELD_STRING;
	return c->boolean == c->seen  ? FIELD_BOOLEAN
	       : c->whole == c->seen  ? FIELD_LONG
	       : c->number == c->seen ? FIELD_DOUBLE
				      : FIELD_STRING;
}

/* Letters, digits and _ for what a schema does not allow. NULL: nothing sensible. */
static char *
field_name(const char *header)
{
	struct buf b = { 0 };

	if (isdigit((unsigned char)*header))
		buf_addc(&b, '_');
	for (const char *p = header; *p; p++) {
		if ((unsigned char)*p >= 0x80) {
			buf_release(&b);
			return NULL;
		}
		buf_addc(&b, isalnum((unsigned char)*p) ? *p : '_');
	}
	if (!b.len || strspn(b.data, "_") == b.len)
		buf_release(&b);
	return b.data;
}

static char *
add_field(const struct infer *in, const struct column *c, struct schema *s)
{
	const struct reserved *r = reserved_like(in->dataset, c->name);
	char *name = r ? xstrdup(r->name) : field_name(c->name);
	struct field *f;

	if (!name)
		return xasprintf("no field name can be made of column '%.60s'; give it "
				 "one with --map or in the header",
		    c->name);
	schema_add(s, name, r ? r->type : type_of(c));
	free(name);
	f = &s->fields[s->n_fields - 1];
	f->nullable = c->seen < in->rows && !(r && r->required);
	if (!r && f->type == FIELD_STRING)
		f->categorical = c->seen && repeats(c);
	return NULL;
}

/* Of the columns of prose the longest is the textual one; the service allows one. */
static void
choose_textual(const struct infer *in, struct schema *s)
{
	const struct column *best = NULL;
	struct field *chosen = NULL;

	for (size_t i = 0; in->dataset == ITEMS && i < in->n; i++) {
		const struct column *c = &in->columns[i];
		struct field *f = &s->fields[i];

		if (f->type != FIELD_STRING || f->categorical || !c->seen ||
		    reserved_like(in->dataset, c->name) || !is_prose(c))
			continue;
		if (!best || c->bytes / c->seen > best->bytes / best->seen) {
			best = c;
			chosen = f;
		}
	}
	if (chosen)
		chosen->textual = true;
}

struct schema *
infer_schema(const struct infer *in, char **why)
{
	struct schema *s = xcalloc(1, sizeof *s);

	s->dataset = in->dataset;
	*why = NULL;
	for (size_t i = 0; !*why && i < in->n; i++)
		*why = add_field(in, &in->columns[i], s);
	if (!*why) {
		choose_textual(in, s);
		*why = schema_check(s);
	}
	if (!*why)
		return s;
	schema_free(s);
	return NULL;
}

int
infer_dataset(const struct span *names, size_t n)
{
	bool user = false, item = false;

	for (size_t i = 0; i < n; i++) {
		user |= schema_alike(names[i], span_of("USER_ID"));
		item |= schema_alike(names[i], span_of("ITEM_ID"));
	}
	return user && item ? INTERACTIONS : item ? ITEMS : user ? USERS : -1;
}

int
infer_guess(const struct infer *in)
{
	struct span *names = xcalloc(in->n, sizeof *names);
	int dataset;

	for (size_t i = 0; i < in->n; i++)
		names[i] = span_of(in->columns[i].name);
	dataset = infer_dataset(names, in->n);
	free(names);
	return dataset;
}
