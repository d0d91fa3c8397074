/* filter_stage - one expression over a stream of records. */
#include "filter_stage.h"

#include <stdlib.h>

#include "filter_record.h"
#include "record.h"

struct filter_stage {
	struct filter *f;
	struct filter_cache *cache; /* NULL: no catalog */
	const struct catalog *catalog;
	int64_t now;
	struct buf text;   /* the expression with the record's values */
	struct buf quoted; /* that as a JSON string */
	struct buf scratch;
	struct filter_cut cut;
	struct buf *out; /* of the line at hand */
	bool failed;     /* its record carries an error */
};

static void
fail_record(struct filter_stage *s, const struct record *r, const char *why)
{
	record_error(s->out, r, "%s", why);
	s->failed = true;
}

static void
pass(struct filter_stage *s, const struct record *r)
{
	buf_add(s->out, r->line.data, r->line.len);
	buf_addc(s->out, '\n');
}

/* An expression without placeholders is the same for every record. */
static void
set_text(struct filter_stage *s)
{
	struct json_value none = { 0 };
	struct filter_error e;

	filter_bind(s->f, &none, s->now, &s->text, &e);
	json_quote(&s->quoted, s->text.data, s->text.len);
}

/* The expression with this record's values into text and quoted. -1 and the error. */
static int
bind(struct filter_stage *s, const struct record *r, struct filter_error *e)
{
	struct span text;

	if (!s->f->n_placeholders)
		return 0;
	buf_clear(&s->text);
	buf_clear(&s->quoted);
	if (filter_bind(s->f, &r->filter_values, s->now, &s->text, e) < 0)
		return -1;
	text = (struct span){ s->text.data, s->text.len };
	if (text.len && s->cache && !filter_cache_plan(s->cache, text, e))
		return -1;
	json_quote(&s->quoted, text.data, text.len);
	return 0;
}

static void
add_filter(struct filter_stage *s, const struct record *r)
{
	struct filter_error e;
	struct span quoted;
	const char *why;

	if (bind(s, r, &e) < 0) {
		fail_record(s, r, e.text);
		return;
	}
	quoted = (struct span){ s->quoted.data, s->quoted.len };
	if (!s->text.len)
		pass(s, r);
	else if (filter_record_add(s->out, r, quoted, &why) < 0)
		fail_record(s, r, why);
}

static uint32_t
find_id(struct filter_stage *s, const struct ids *ids, const struct json_value *id)
{
	return id->type == JSON_STRING ? ids_find(ids, json_text(id, &s->scratch))
				       : NONE;
}

static void
cut_output(struct filter_stage *s, const struct record *r)
{
	const struct catalog *c = s->catalog;
	struct filter_set set = { 0 };
	struct filter_plan *plan;
	struct filter_error e;

	if (!s->cache) {
		fail_record(s, r, "pz-filter needs -m or -d to filter output");
		return;
	}
	if (bind(s, r, &e) < 0) {
		fail_record(s, r, e.text);
		return;
	}
	if (s->text.len) {
		plan = filter_cache_plan(
		    s->cache, (struct span){ s->text.data, s->text.len }, &e);
		set = filter_plan_run(plan, find_id(s, &c->users, &r->user_id),
		    find_id(s, &c->items, &r->item_id));
	}
	if (filter_record_cut(s->out, r, s->f->target, c, &set, &s->cut) < 0)
		fail_record(s, r, s->cut.why);
}

bool
filter_stage_line(struct filter_stage *s, const char *line, size_t len, struct buf *out)
{
	struct record r;

	s->out = out;
	s->failed = false;
	if (record_parse(&r, line, len) < 0) {
		record_error(s->out, &r, "byte %zu: %s", r.at + 1, r.why);
		s->failed = true;
	} else if (r.has_error) {
		pass(s, &r);
		s->failed = true;
	} else if (r.has_output)
		cut_output(s, &r);
	else
		add_filter(s, &r);
	return !s->failed;
}

static void
print_names(struct buf *out, const struct filter *f)
{
	struct buf name = { 0 };

	buf_adds(out, ",\"fields\":[");
	for (size_t i = 0; i < f->n_fields; i++) {
		buf_clear(&name);
		filter_print_field(&f->fields[i], &name);
		buf_adds(out, i ? "," : "");
		json_quote(out, name.data, name.len);
	}
	buf_adds(out, "],\"placeholders\":[");
	for (size_t i = 0; i < f->n_placeholders; i++) {
		buf_adds(out, i ? "," : "");
		json_quote(out, f->placeholders[i].data, f->placeholders[i].len);
	}
	buf_addc(out, ']');
	buf_release(&name);
}

/* How many pass for a record with neither userId nor itemId, unless values lack. */
static void
print_count(struct buf *out, struct filter_stage *s)
{
	bool items = s->f->target == FILTER_ITEMS;
	struct filter_plan *p;
	struct filter_error e;
	struct filter_set set;

	if (!s->cache)
		return;
	buf_addf(out, ",\"%s\":%zu,\"pass\":", items ? "items" : "users",
	    (items ? s->catalog->items : s->catalog->users).strings.n);
	if (s->f->n_placeholders) {
		buf_adds(out, "null");
		return;
	}
	p = filter_cache_plan(s->cache, (struct span){ s->text.data, s->text.len }, &e);
	set = filter_plan_run(p, NONE, NONE);
	buf_addf(out, "%zu,\"needs\":[%s%s%s]", bitset_count(set.words, set.n),
	    filter_plan_needs_user(p) ? "\"userId\"" : "",
	    filter_plan_needs_user(p) && filter_plan_needs_item(p) ? "," : "",
	    filter_plan_needs_item(p) ? "\"itemId\"" : "");
}

void
filter_stage_describe(struct filter_stage *s, struct buf *out)
{
	struct buf text = { 0 };

	filter_print(s->f, &text);
	buf_adds(out, "{\"expression\":");
	json_quote(out, text.data, text.len);
	print_names(out, s->f);
	print_count(out, s);
	buf_adds(out, "}\n");
	buf_release(&text);
}

struct filter_stage *
filter_stage_new(
    struct filter *f, const struct catalog *c, const struct filter_options *o)
{
	struct filter_stage *s = xcalloc(1, sizeof *s);

	s->f = f;
	s->catalog = c;
	s->now = o->now;
	if (c)
		s->cache = filter_cache_new(c, o, 0);
	if (!f->n_placeholders)
		set_text(s);
	return s;
}

void
filter_stage_free(struct filter_stage *s)
{
	if (!s)
		return;
	filter_free(s->f);
	filter_cache_free(s->cache);
	filter_cut_release(&s->cut);
	buf_release(&s->text);
	buf_release(&s->quoted);
	buf_release(&s->scratch);
	free(s);
}
