/* filter_stage - one expression over a stream of records. */
#include "filter_stage.h"

#include <stdlib.h>

#include "filter_binder.h"
#include "filter_explain.h"
#include "filter_lex.h"
#include "filter_record.h"
#include "record.h"

struct filter_stage {
	struct filter *f;
	struct filter_binder *binder;
	struct filter_cache *cache; /* NULL: no catalog */
	const struct catalog *catalog;
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

static void
add_filter(struct filter_stage *s, const struct record *r)
{
	const struct filter_bound *bound =
	    filter_binder_get(s->binder, &r->filter_values);
	const char *why;

	if (bound->why)
		fail_record(s, r, bound->why);
	else if (!bound->text.len)
		pass(s, r);
	else if (filter_record_add(s->out, r, bound->quoted, &why) < 0)
		fail_record(s, r, why);
}

static uint32_t
find_id(struct filter_stage *s, const struct ids *ids, const struct json_value *id)
{
	return id->type == JSON_STRING ? ids_find(ids, json_text(id, &s->scratch))
				       : NONE;
}

/* The plan of the expression as the record binds it; NULL, and no error: all pass. */
static int
plan_for(struct filter_stage *s, const struct record *r, struct filter_plan **plan,
    struct filter_error *e)
{
	const struct filter_bound *bound =
	    filter_binder_get(s->binder, &r->filter_values);

	*plan = NULL;
	if (bound->why)
		return filter_fail(e, 0, "%s", bound->why);
	if (!bound->text.len)
		return 0;
	*plan = filter_cache_plan(s->cache, bound->text, e);
	return *plan ? 0 : -1;
}

static void
cut_output(struct filter_stage *s, const struct record *r)
{
	const struct catalog *c = s->catalog;
	struct filter_set set = { 0 };
	struct filter_plan *plan;
	struct filter_error e;
	uint32_t user;

	if (!s->cache) {
		fail_record(s, r, "pz-filter needs -m or -d to filter output");
		return;
	}
	if (plan_for(s, r, &plan, &e) < 0) {
		fail_record(s, r, e.text);
		return;
	}
	user = find_id(s, &c->users, &r->user_id);
	if (plan && filter_plan_needs_user(plan) && !catalog_user_right(c, user)) {
		fail_record(s, r, catalog_user_damaged);
		return;
	}
	if (plan)
		set = filter_plan_run(plan, user, find_id(s, &c->items, &r->item_id));
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

int
filter_stage_describe(struct filter_stage *s, struct buf *out, struct filter_error *e)
{
	struct record none = { 0 };
	struct filter_plan *plan = NULL;

	if (s->cache && !s->f->n_placeholders && plan_for(s, &none, &plan, e) < 0)
		return -1;
	filter_describe(out, s->f, plan);
	return 0;
}

/* The list's entries one by one. */
static int
explain_list(struct filter_stage *s, struct filter_explanation *x,
    const struct ids *ids, const struct json_value *list, struct buf *out)
{
	struct json_value v;
	struct span id;
	struct json j;

	json_open(&j, list->raw.data, list->raw.len);
	if (json_enter(&j, '[') < 0)
		return -1;
	while (json_element(&j) > 0 && json_value(&j, &v) == 0) {
		if (v.type != JSON_STRING)
			return -1;
		id = json_text(&v, &s->scratch);
		filter_explain_row(x, ids_find(ids, id), id, out);
	}
	return 0;
}

static int
explain_rows(struct filter_stage *s, struct filter_explanation *x,
    const struct record *r, struct buf *out)
{
	bool items = s->f->target == FILTER_ITEMS;
	const struct ids *ids = items ? &s->catalog->items : &s->catalog->users;
	const struct json_value *list = !items          ? &r->users
					: r->items.type ? &r->items
							: &r->item_list;

	if (list->type)
		return explain_list(s, x, ids, list, out);
	for (uint32_t i = 0; i < ids->strings.n; i++)
		filter_explain_row(x, i, strings_get(&ids->strings, i), out);
	return 0;
}

int
filter_stage_explain(struct filter_stage *s, const char *line, size_t len,
    struct buf *out, struct filter_error *e)
{
	struct filter_explanation x;
	struct filter_plan *plan;
	struct record r;
	uint32_t user;
	int status;

	if (record_parse(&r, line, len) < 0)
		return filter_fail(e, 0, "the record: byte %zu: %s", r.at + 1, r.why);
	if (plan_for(s, &r, &plan, e) < 0)
		return -1;
	if (!plan)
		return filter_fail(e, 0,
		    "nothing is left of the expression, because it has EXCLUDE alone "
		    "and "
		    "values are missing: all pass");
	user = find_id(s, &s->catalog->users, &r.user_id);
	if (!catalog_user_right(s->catalog, user))
		return filter_fail(e, 0, "%s", catalog_user_damaged);
	filter_explain_open(&x, plan, user, find_id(s, &s->catalog->items, &r.item_id));
	status = explain_rows(s, &x, &r, out);
	filter_explain_close(&x);
	return status < 0 ? filter_fail(e, 0, "the record's list must hold strings")
			  : 0;
}

struct filter_stage *
filter_stage_new(
    struct filter *f, const struct catalog *c, const struct filter_options *o)
{
	struct filter_stage *s = xcalloc(1, sizeof *s);

	s->f = f;
	s->catalog = c;
	s->binder = filter_binder_new(f, c, o->now);
	if (c)
		s->cache = filter_cache_new(c, o, 0);
	return s;
}

void
filter_stage_free(struct filter_stage *s)
{
	if (!s)
		return;
	filter_binder_free(s->binder);
	filter_free(s->f);
	filter_cache_free(s->cache);
	filter_cut_release(&s->cut);
	buf_release(&s->scratch);
	free(s);
}
