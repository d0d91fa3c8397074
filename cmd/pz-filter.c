/* pz-filter - bind a filter expression to records, or apply it to their output */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>

#include "catalog_load.h"
#include "dataset.h"
#include "filter.h"
#include "filter_eval.h"
#include "filter_record.h"
#include "lines.h"
#include "model.h"
#include "opt.h"
#include "output.h"
#include "record.h"

static const char *model_path, *dataset_path;
static size_t history;
static bool check_only;

static const struct opt opts[] = {
	{ OPT_STRING, 'm', "model", &model_path, "MODEL",
	    "check columns against this model; filter output by it" },
	{ OPT_STRING, 'd', "dataset", &dataset_path, "DATASET",
	    "the same with this dataset; with both, its columns and interactions" },
	{ OPT_SIZE, 0, "filter-history", &history, "N",
	    "see the newest N interactions per user and event type (0: all)" },
	{ OPT_FLAG, 0, "check", &check_only, NULL,
	    "say what the expression means and read no records" },
	{ 0 },
};

static const struct command command = {
	.name = "pz-filter",
	.purpose = "bind a filter expression to records, or apply it to their output",
	.usage = "[-m MODEL] [-d DATASET] [--filter-history N] EXPRESSION [FILE...]\n"
		 "--check [-m MODEL] [-d DATASET] EXPRESSION",
	.opts = opts,
};

struct run {
	struct filter *f;
	struct filter_cache *cache; /* NULL: neither model nor dataset */
	const struct catalog *catalog;
	struct buf text;   /* the expression with the record's values */
	struct buf quoted; /* that as a JSON string */
	struct buf out, scratch;
	struct filter_cut cut;
	bool failed; /* some record carries an error */
};

struct source {
	struct model *m;
	struct dataset *d;
	struct catalog *loaded;
};

static const struct catalog *
open_source(struct source *s)
{
	const struct catalog *base = NULL;
	char *why;

	if (model_path) {
		if (!(s->m = model_open(model_path, &why)))
			errx(1, "%s", why);
		base = &s->m->catalog;
	}
	if (!dataset_path)
		return base;
	if (!(s->d = dataset_open(dataset_path, false, &why)) ||
	    !(s->loaded = catalog_load(s->d, base, &why)))
		errx(1, "%s", why);
	return s->loaded;
}

static void
close_source(struct source *s)
{
	if (s->loaded)
		catalog_release(s->loaded);
	free(s->loaded);
	if (s->d)
		dataset_close(s->d);
	if (s->m)
		model_close(s->m);
}

static _Noreturn void
wrong_expression(const char *text, const struct filter_error *e)
{
	struct buf place = { 0 };

	filter_point(&place, span_of(text), e);
	fprintf(stderr, "%s: %s\n%s", command.name, e->text, place.data);
	exit(2);
}

static void
fail_record(struct run *run, const struct record *r, const char *why)
{
	record_error(&run->out, r, "%s", why);
	run->failed = true;
}

static void
pass(struct run *run, const struct record *r)
{
	buf_add(&run->out, r->line.data, r->line.len);
	buf_addc(&run->out, '\n');
}

static void
set_text(struct run *run, const struct json_value *values)
{
	struct filter_error e;

	filter_bind(run->f, values, &run->text, &e);
	json_quote(&run->quoted, run->text.data, run->text.len);
}

/* The expression with this record's values into text and quoted. -1 and the error. */
static int
bind(struct run *run, const struct record *r, struct filter_error *e)
{
	struct span text;

	if (!run->f->n_placeholders)
		return 0;
	buf_clear(&run->text);
	buf_clear(&run->quoted);
	if (filter_bind(run->f, &r->filter_values, &run->text, e) < 0)
		return -1;
	text = (struct span){ run->text.data, run->text.len };
	if (text.len && run->cache && !filter_cache_plan(run->cache, text, e))
		return -1;
	json_quote(&run->quoted, text.data, text.len);
	return 0;
}

static void
add_filter(struct run *run, const struct record *r)
{
	struct filter_error e;
	struct span quoted;
	const char *why;

	if (bind(run, r, &e) < 0) {
		fail_record(run, r, e.text);
		return;
	}
	quoted = (struct span){ run->quoted.data, run->quoted.len };
	if (!run->text.len)
		pass(run, r);
	else if (filter_record_add(&run->out, r, quoted, &why) < 0)
		fail_record(run, r, why);
}

static uint32_t
find_id(struct run *run, const struct ids *ids, const struct json_value *id)
{
	return id->type == JSON_STRING ? ids_find(ids, json_text(id, &run->scratch))
				       : NONE;
}

static void
cut_output(struct run *run, const struct record *r)
{
	const struct catalog *c = run->catalog;
	struct filter_set set = { 0 };
	struct filter_plan *plan;
	struct filter_error e;

	if (!run->cache) {
		fail_record(run, r, "pz-filter needs -m or -d to filter output");
		return;
	}
	if (bind(run, r, &e) < 0) {
		fail_record(run, r, e.text);
		return;
	}
	if (run->text.len) {
		plan = filter_cache_plan(
		    run->cache, (struct span){ run->text.data, run->text.len }, &e);
		set = filter_plan_run(plan, find_id(run, &c->users, &r->user_id),
		    find_id(run, &c->items, &r->item_id));
	}
	if (filter_record_cut(&run->out, r, run->f->target, c, &set, &run->cut) < 0)
		fail_record(run, r, run->cut.why);
}

static void
filter_line(struct run *run, const char *line, size_t len)
{
	struct record r;

	if (record_parse(&r, line, len) < 0) {
		record_error(&run->out, &r, "byte %zu: %s", r.at + 1, r.why);
		run->failed = true;
	} else if (r.has_error) {
		pass(run, &r);
		run->failed = true;
	} else if (r.has_output)
		cut_output(run, &r);
	else
		add_filter(run, &r);
}

static void
filter_lines(struct run *run, char *const *paths, size_t n)
{
	enum { ENOUGH = 64 * 1024 };
	struct lines in;
	int more;

	lines_open(&in, paths, n);
	while ((more = lines_next(&in)) > 0) {
		if (in.len)
			filter_line(run, in.text, in.len);
		if (run->out.len < ENOUGH)
			continue;
		out_write(run->out.data, run->out.len);
		buf_clear(&run->out);
	}
	out_write(run->out.data, run->out.len);
	if (more < 0)
		errx(1, "%s:%zu: %s", in.path, in.number, in.why);
	lines_close(&in);
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
print_count(struct buf *out, struct run *run)
{
	bool items = run->f->target == FILTER_ITEMS;
	struct filter_plan *p;
	struct filter_error e;
	struct filter_set set;

	if (!run->cache)
		return;
	buf_addf(out, ",\"%s\":%zu,\"pass\":", items ? "items" : "users",
	    (items ? run->catalog->items : run->catalog->users).strings.n);
	if (run->f->n_placeholders) {
		buf_adds(out, "null");
		return;
	}
	p = filter_cache_plan(
	    run->cache, (struct span){ run->text.data, run->text.len }, &e);
	set = filter_plan_run(p, NONE, NONE);
	buf_addf(out, "%zu,\"needs\":[%s%s%s]", bitset_count(set.words, set.n),
	    filter_plan_needs_user(p) ? "\"userId\"" : "",
	    filter_plan_needs_user(p) && filter_plan_needs_item(p) ? "," : "",
	    filter_plan_needs_item(p) ? "\"itemId\"" : "");
}

static void
print_check(struct run *run)
{
	struct buf text = { 0 }, out = { 0 };

	filter_print(run->f, &text);
	buf_adds(&out, "{\"expression\":");
	json_quote(&out, text.data, text.len);
	print_names(&out, run->f);
	print_count(&out, run);
	buf_adds(&out, "}\n");
	out_write(out.data, out.len);
	buf_release(&out);
	buf_release(&text);
}

static void
run_close(struct run *run)
{
	filter_free(run->f);
	filter_cache_free(run->cache);
	filter_cut_release(&run->cut);
	buf_release(&run->text);
	buf_release(&run->quoted);
	buf_release(&run->out);
	buf_release(&run->scratch);
}

int
main(int argc, char *argv[])
{
	int arg = opt_parse(argc, argv, &command);
	struct source source = { 0 };
	struct run run = { 0 };
	struct filter_error e;

	if (arg == argc)
		opt_usage(&command, "an expression is needed");
	if (!(run.f = filter_parse(span_of(argv[arg]), &e)))
		wrong_expression(argv[arg], &e);
	run.catalog = open_source(&source);
	if (run.catalog && filter_check(run.f, run.catalog, &e) < 0)
		wrong_expression(argv[arg], &e);
	if (run.catalog)
		run.cache = filter_cache_new(
		    run.catalog, &(struct filter_options){ history }, 0);
	if (!run.f->n_placeholders)
		set_text(&run, &(struct json_value){ 0 });
	if (check_only)
		print_check(&run);
	else
		filter_lines(&run, argv + arg + 1, (size_t)(argc - arg - 1));
	run_close(&run);
	close_source(&source);
	out_close();
	return run.failed ? 3 : 0;
}
