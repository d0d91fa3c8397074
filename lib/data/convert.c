/* convert - batches of CSV or JSON lines to rows of a dataset. */
#include "convert.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "csv.h"
#include "jqrun.h"
#include "json.h"
#include "row.h"
#include "utf8.h"

struct convert {
	const struct schema *schema;
	struct row row; /* used if there is a schema */
	struct csv csv;
	struct jqrun *map; /* NULL: none */
	struct buf object; /* a CSV row as JSON */
	struct buf result; /* of the map */
	struct buf scratch;
	char why[ROW_WHY + 80];
};

struct convert *
convert_new(const struct schema *schema, const char *map, char **why)
{
	struct convert *c = xcalloc(1, sizeof *c);

	c->schema = schema;
	if (schema)
		row_init(&c->row, schema);
	if (!map || (c->map = jqrun_open(map, why)))
		return c;
	convert_free(c);
	return NULL;
}

void
convert_free(struct convert *c)
{
	if (!c)
		return;
	if (c->schema)
		row_release(&c->row);
	csv_release(&c->csv);
	jqrun_close(c->map);
	buf_release(&c->object);
	buf_release(&c->result);
	buf_release(&c->scratch);
	free(c);
}

bool
convert_late(const struct convert *c)
{
	return c->row.late;
}

static char *
check_required(const struct header *h, const struct schema *s)
{
	for (size_t i = 0; i < s->n_fields; i++) {
		bool there = s->fields[i].nullable;

		for (size_t j = 0; !there && j < h->n; j++)
			there = h->fields[j] == (int)i;
		if (!there)
			return xasprintf("no column %s, which the schema requires",
			    s->fields[i].name);
	}
	return NULL;
}

char *
header_match(struct header *h, const struct schema *s)
{
	free(h->fields);
	h->fields = xcalloc(h->n, sizeof *h->fields);
	for (size_t i = 0; i < h->n; i++) {
		struct span name = h->names[i];

		if (!name.len)
			return xasprintf("column %zu of the header has no name", i + 1);
		h->fields[i] = schema_field_alike(s, name);
		if (h->fields[i] < 0)
			return xasprintf("column '%.*s' is not in the schema of %s",
			    (int)MIN(name.len, (size_t)80), name.data,
			    dataset_names[s->dataset]);
		for (size_t j = 0; j < i; j++)
			if (h->fields[j] == h->fields[i])
				return xasprintf("columns %zu and %zu are both %s",
				    j + 1, i + 1, s->fields[h->fields[i]].name);
	}
	return check_required(h, s);
}

static int
fail(struct convert *c, const char *reason)
{
	snprintf(c->why, sizeof c->why, "%s", reason);
	return -1;
}

/* What row found wrong, with its column's name. */
static int
row_failed(struct convert *c)
{
	if (c->row.field < 0)
		return fail(c, c->row.why);
	snprintf(c->why, sizeof c->why, "%.60s: %s",
	    c->schema->fields[c->row.field].name, c->row.why);
	return -1;
}

static int
split_row(struct convert *c, const struct header *h, struct span line)
{
	if (csv_split(&c->csv, line.data, line.len) < 0) {
		snprintf(
		    c->why, sizeof c->why, "byte %zu: %s", c->csv.at + 1, c->csv.why);
		return -1;
	}
	if (c->csv.n != h->n) {
		snprintf(c->why, sizeof c->why, "%zu fields; the header has %zu",
		    c->csv.n, h->n);
		return -1;
	}
	return 0;
}

static int
csv_row(struct convert *c, const struct header *h, struct span line, struct buf *rows)
{
	if (split_row(c, h, line) < 0)
		return -1;
	row_begin(&c->row);
	for (size_t i = 0; i < h->n; i++)
		row_text(&c->row, (size_t)h->fields[i], c->csv.fields[i]);
	return row_end(&c->row, rows) < 0 ? row_failed(c) : 1;
}

static int
json_row(struct convert *c, struct span line, struct buf *rows)
{
	return row_object(&c->row, line, rows) < 0 ? row_failed(c) : 1;
}

/* The JSON text that the map sees. */
static int
map_input(struct convert *c, const struct header *h, struct span *text)
{
	size_t valid = utf8_valid(text->data, text->len);
	struct buf *b = &c->object;

	if (!h)
		return 0;
	if (valid < text->len) {
		snprintf(c->why, sizeof c->why, "byte %zu: invalid UTF-8", valid + 1);
		return -1;
	}
	if (split_row(c, h, *text) < 0)
		return -1;
	buf_clear(b);
	for (size_t i = 0; i < h->n; i++) {
		buf_addc(b, i ? ',' : '{');
		json_quote(b, h->names[i].data, h->names[i].len);
		buf_addc(b, ':');
		if (c->csv.fields[i].len)
			json_quote(b, c->csv.fields[i].data, c->csv.fields[i].len);
		else
			buf_adds(b, "null");
	}
	buf_addc(b, '}');
	*text = (struct span){ b->data, b->len };
	return 0;
}

static int
map_start(struct convert *c, const struct header *h, struct span line)
{
	if (map_input(c, h, &line) < 0)
		return -1;
	return jqrun_start(c->map, line.data, line.len) < 0 ? fail(c, jqrun_why(c->map))
							    : 0;
}

/* The next row object of the map, in result. 1, 0, -1. */
static int
map_next(struct convert *c)
{
	int more;

	buf_clear(&c->result);
	if ((more = jqrun_next(c->map, &c->result)) < 0)
		return fail(c, jqrun_why(c->map));
	if (!more || *c->result.data == '{')
		return more;
	snprintf(c->why, sizeof c->why, "the map gave %.40s; expected an object",
	    c->result.data);
	return -1;
}

/* All row objects of one input, or none: it is imported again once it is mended. */
static int
mapped_rows(
    struct convert *c, const struct header *h, struct span line, struct buf *rows)
{
	size_t from = rows->len;
	int more, n = 0;

	if (map_start(c, h, line) < 0)
		return -1;
	while ((more = map_next(c)) > 0) {
		struct span object = { c->result.data, c->result.len };

		if (json_row(c, object, rows) < 0) {
			more = -1;
			break;
		}
		n++;
	}
	if (more < 0 && rows->data) {
		rows->len = from;
		rows->data[from] = '\0';
	}
	return more < 0 ? -1 : n;
}

static void
add_bad(struct batch *b, size_t line, const char *why)
{
	if (b->n_bad == b->cap_bad) {
		b->cap_bad = b->cap_bad ? 2 * b->cap_bad : 16;
		b->bad = xrealloc(b->bad, b->cap_bad, sizeof *b->bad);
	}
	b->bad[b->n_bad++] = (struct bad_line){ line, b->reasons.len };
	buf_add(&b->reasons, why, strlen(why) + 1);
}

void
convert_batch(struct convert *c, struct batch *b)
{
	for (size_t i = 0; i < b->n_lines; i++) {
		struct span line = { b->text.data + b->lines[i].from, b->lines[i].len };
		int n = c->map      ? mapped_rows(c, b->header, line, &b->rows)
			: b->header ? csv_row(c, b->header, line, &b->rows)
				    : json_row(c, line, &b->rows);

		if (n < 0)
			add_bad(b, i, c->why);
		else
			b->n_rows += (size_t)n;
	}
}

/* Show the members of a row object; a broken one is no row. */
static void
infer_object(struct convert *c, struct span text, bool text_like, struct infer *in)
{
	struct json_value name, v;
	struct json j;

	json_open(&j, text.data, text.len);
	if (json_value(&j, &v) < 0 || v.type != JSON_OBJECT || json_finish(&j) < 0)
		return;
	json_open(&j, text.data, text.len);
	json_enter(&j, '{');
	while (json_member(&j, &name) > 0 && !json_value(&j, &v))
		infer_value(
		    in, infer_column(in, json_text(&name, &c->scratch)), &v, text_like);
	infer_row(in);
}

static void
infer_csv(struct convert *c, const struct header *h, struct span line, struct infer *in)
{
	if (split_row(c, h, line) < 0)
		return;
	for (size_t i = 0; i < h->n; i++)
		infer_text(in, infer_column(in, h->names[i]), c->csv.fields[i]);
	infer_row(in);
}

static void
infer_mapped(
    struct convert *c, const struct header *h, struct span line, struct infer *in)
{
	if (map_start(c, h, line) < 0)
		return;
	while (map_next(c) > 0) {
		struct span object = { c->result.data, c->result.len };

		infer_object(c, object, h != NULL, in);
	}
}

void
convert_infer(struct convert *c, const struct batch *b, struct infer *in)
{
	for (size_t i = 0; i < b->n_lines; i++) {
		struct span line = { b->text.data + b->lines[i].from, b->lines[i].len };

		if (c->map)
			infer_mapped(c, b->header, line, in);
		else if (b->header)
			infer_csv(c, b->header, line, in);
		else
			infer_object(c, line, false, in);
	}
}

/*
 * The names are those of the header or of the first objects: an inference of any
 * dataset collects them.
 */
int
convert_guess(struct convert *c, const struct batch *b)
{
	struct infer *in;
	struct batch few = *b;
	int dataset;

	if (b->header && !c->map)
		return infer_dataset(b->header->names, b->header->n);
	in = infer_new(INTERACTIONS);
	few.n_lines = MIN(few.n_lines, (size_t)100);
	convert_infer(c, &few, in);
	dataset = infer_guess(in);
	infer_free(in);
	return dataset;
}
