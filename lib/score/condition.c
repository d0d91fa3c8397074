/*
 * condition - the items for which something holds.
 *
 * A bare condition is made an EXCLUDE, and what that does not allow are the items
 * meant: an EXCLUDE that does not apply to the record excludes nothing.
 */
#include "condition.h"

#include <stdlib.h>
#include <string.h>

static const char prefix[] = "EXCLUDE ItemID WHERE ";

struct condition {
	int64_t now; /* what NOW() is */
	struct filter *f;
	struct filter_cache *cache;
	const struct catalog *catalog;
	bool bare;
	struct buf text; /* with the record's values */
	struct buf scratch;
	struct filter_set set;
	struct filter_error e;
};

static bool
begins_with_word(struct span text, const char *word)
{
	size_t len = strlen(word);

	return text.len > len && strchr(" \t\r\n", text.data[len]) &&
	       span_equal_nocase((struct span){ text.data, len }, span_of(word));
}

static struct span
without_space(struct span text)
{
	while (text.len && strchr(" \t\r\n", *text.data)) {
		text.data++;
		text.len--;
	}
	return text;
}

/* The text as a filter, its error's place in the text as it was given. */
static struct filter *
parse(struct condition *x, struct span text, struct filter_error *e)
{
	struct buf whole = { 0 };
	struct filter *f;

	if (!x->bare)
		return filter_parse(text, e);
	buf_adds(&whole, prefix);
	buf_add(&whole, text.data, text.len);
	f = filter_parse((struct span){ whole.data, whole.len }, e);
	if (f && f->n_exprs > 1) {
		*e = (struct filter_error){ .at = sizeof prefix - 1 };
		strcpy(e->text, "one condition has no |; expected INCLUDE or EXCLUDE "
				"before several expressions");
		filter_free(f);
		f = NULL;
	}
	if (!f)
		e->at -= MIN(e->at, sizeof prefix - 1);
	buf_release(&whole);
	return f;
}

static int
check(struct condition *x, struct filter_error *e)
{
	if (filter_check(x->f, x->catalog, e) < 0) {
		if (x->bare)
			e->at -= MIN(e->at, sizeof prefix - 1);
		return -1;
	}
	if (x->f->target == FILTER_ITEMS)
		return 0;
	*e = (struct filter_error){ .text = "expected a filter on ItemID" };
	return -1;
}

struct condition *
condition_new(struct span text, const struct catalog *c, const struct filter_options *o,
    char **why)
{
	struct condition *x = xcalloc(1, sizeof *x);
	struct buf place = { 0 };
	struct filter_error e;

	text = without_space(text);
	x->catalog = c;
	x->bare =
	    !begins_with_word(text, "INCLUDE") && !begins_with_word(text, "EXCLUDE");
	if ((x->f = parse(x, text, &e)) && check(x, &e) == 0) {
		x->cache = filter_cache_new(c, o, 0);
		x->now = o->now;
		return x;
	}
	filter_point(&place, text, &e);
	if (place.len)
		place.data[--place.len] = '\0'; /* the last LF */
	*why = xasprintf("%s\n%s", e.text, place.len ? place.data : "");
	buf_release(&place);
	condition_free(x);
	return NULL;
}

void
condition_free(struct condition *x)
{
	if (!x)
		return;
	filter_free(x->f);
	filter_cache_free(x->cache);
	buf_release(&x->text);
	buf_release(&x->scratch);
	free(x);
}

static uint32_t
find_id(struct condition *x, const struct ids *ids, const struct json_value *id)
{
	return id->type == JSON_STRING ? ids_find(ids, json_text(id, &x->scratch))
				       : NONE;
}

int
condition_bind(struct condition *x, const struct record *r, const char **why)
{
	uint32_t user = find_id(x, &x->catalog->users, &r->user_id);
	struct filter_plan *plan;

	*why = x->e.text;
	x->set = (struct filter_set){ 0 };
	buf_clear(&x->text);
	if (filter_bind(x->f, &r->filter_values, x->now, &x->text, &x->e) < 0)
		return -1;
	if (!x->text.len)
		return 0;
	plan = filter_cache_plan(
	    x->cache, (struct span){ x->text.data, x->text.len }, &x->e);
	if (!plan)
		return -1;
	if (filter_plan_needs_user(plan) && !catalog_user_right(x->catalog, user)) {
		*why = catalog_user_damaged;
		return -1;
	}
	x->set =
	    filter_plan_run(plan, user, find_id(x, &x->catalog->items, &r->item_id));
	return 0;
}

bool
condition_holds(const struct condition *x, uint32_t item)
{
	return filter_allows(&x->set, item) != x->bare;
}
