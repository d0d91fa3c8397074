/*
 * filter_cache - plans by their text: a hash table, and a list by last use.
 *
 * Entries refer to each other by index, so that they can move when the array grows.
 */
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "filter_eval.h"
#include "filter_jq.h"
#include "filter_lex.h"
#include "filter_plan.h"

enum {
	DEFAULT_BYTES = 64 << 20,
	FEWEST = 16, /* plans are kept even if they are larger than allowed */
	BUCKETS = 1 << 14,
};

struct entry {
	char *text;
	size_t len;
	uint64_t hash;
	struct filter_plan *plan;
	size_t bytes;
	uint64_t serial;
	uint32_t chain;        /* the next in the bucket, or among the free ones */
	uint32_t older, newer; /* by last use */
};

struct filter_cache {
	const struct catalog *catalog;
	struct filter_options options;
	struct filter_index *index;
	struct filter_scratch *scratch;
	struct filter_jq *jq;     /* its own; NULL: the options have one */
	struct entry *entries;    /* [cap] */
	uint32_t n, cap;          /* n were ever used at once */
	uint32_t n_plans, unused; /* the first free entry below n, NONE: none */
	size_t bytes, max_bytes;
	uint32_t oldest, newest;
	uint32_t bucket[BUCKETS];
	uint64_t serial;
	struct buf text;
	uint64_t *both; /* the sets of an array, joined */
	size_t both_n;
};

struct filter_cache *
filter_cache_new(
    const struct catalog *c, const struct filter_options *o, size_t max_bytes)
{
	struct filter_cache *cache = xcalloc(1, sizeof *cache);

	cache->catalog = c;
	cache->options = *o;
	if (!o->jq)
		cache->options.jq = cache->jq = filter_jq_new(c, o->now);
	cache->index = filter_index_new(c);
	cache->scratch = filter_scratch_new(c);
	cache->max_bytes = max_bytes ? max_bytes : DEFAULT_BYTES;
	memset(cache->bucket, 0xff, sizeof cache->bucket);
	cache->oldest = cache->newest = cache->unused = NONE;
	return cache;
}

void
filter_cache_free(struct filter_cache *cache)
{
	if (!cache)
		return;
	for (uint32_t i = 0; i < cache->n; i++) {
		free(cache->entries[i].text);
		filter_plan_free(cache->entries[i].plan);
	}
	filter_index_free(cache->index);
	filter_scratch_free(cache->scratch);
	filter_jq_free(cache->jq);
	free(cache->entries);
	free(cache->both);
	buf_release(&cache->text);
	free(cache);
}

static void
unlink_entry(struct filter_cache *cache, uint32_t i)
{
	struct entry *x = &cache->entries[i];

	if (x->older == NONE)
		cache->oldest = x->newer;
	else
		cache->entries[x->older].newer = x->newer;
	if (x->newer == NONE)
		cache->newest = x->older;
	else
		cache->entries[x->newer].older = x->older;
}

static void
link_newest(struct filter_cache *cache, uint32_t i)
{
	struct entry *x = &cache->entries[i];

	x->older = cache->newest;
	x->newer = NONE;
	if (cache->newest == NONE)
		cache->oldest = i;
	else
		cache->entries[cache->newest].newer = i;
	cache->newest = i;
}

static uint32_t
find(const struct filter_cache *cache, struct span text, uint64_t hash)
{
	uint32_t i = cache->bucket[hash % BUCKETS];

	for (; i != NONE; i = cache->entries[i].chain) {
		const struct entry *x = &cache->entries[i];

		if (x->hash == hash &&
		    span_equal((struct span){ x->text, x->len }, text))
			return i;
	}
	return NONE;
}

static void
drop(struct filter_cache *cache, uint32_t i)
{
	struct entry *x = &cache->entries[i];
	uint32_t *link = &cache->bucket[x->hash % BUCKETS];

	while (*link != i)
		link = &cache->entries[*link].chain;
	*link = x->chain;
	unlink_entry(cache, i);
	cache->bytes -= x->bytes;
	cache->n_plans--;
	free(x->text);
	filter_plan_free(x->plan);
	*x = (struct entry){ .chain = cache->unused };
	cache->unused = i;
}

static uint32_t
free_entry(struct filter_cache *cache)
{
	uint32_t i = cache->unused;

	if (i != NONE) {
		cache->unused = cache->entries[i].chain;
		return i;
	}
	if (cache->n == cache->cap) {
		cache->cap = cache->cap ? 2 * cache->cap : 64;
		cache->entries =
		    xrealloc(cache->entries, cache->cap, sizeof *cache->entries);
	}
	return cache->n++;
}

static uint32_t
add(struct filter_cache *cache, struct span text, uint64_t hash, struct filter_error *e)
{
	struct filter *f = filter_parse_bound(text, e);
	struct filter_plan *plan =
	    f ? filter_plan_new(f, cache->catalog, &cache->options, e) : NULL;
	uint32_t *bucket = &cache->bucket[hash % BUCKETS], i;
	size_t bytes;

	if (!plan)
		return NONE;
	plan->index = cache->index;
	plan->scratch = cache->scratch;
	bytes = filter_plan_bytes(plan) + 2 * text.len;
	while (cache->bytes + bytes > cache->max_bytes && cache->n_plans >= FEWEST)
		drop(cache, cache->oldest);
	i = free_entry(cache);
	cache->entries[i] = (struct entry){ .text = xmemdup(text.data, text.len),
		.len = text.len,
		.hash = hash,
		.plan = plan,
		.bytes = bytes,
		.serial = ++cache->serial,
		.chain = *bucket };
	*bucket = i;
	cache->bytes += bytes;
	cache->n_plans++;
	link_newest(cache, i);
	return i;
}

static struct entry *
lookup(struct filter_cache *cache, struct span text, struct filter_error *e)
{
	uint64_t hash = XXH3_64bits(text.data, text.len);
	uint32_t i = find(cache, text, hash);

	if (i == NONE) {
		i = add(cache, text, hash, e);
		return i == NONE ? NULL : &cache->entries[i];
	}
	if (i != cache->newest) {
		unlink_entry(cache, i);
		link_newest(cache, i);
	}
	return &cache->entries[i];
}

struct filter_plan *
filter_cache_plan(struct filter_cache *cache, struct span text, struct filter_error *e)
{
	struct entry *x = lookup(cache, text, e);

	return x ? x->plan : NULL;
}

static bool
is_empty(struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		if (!strchr(" \t\r\n", text.data[i]) || !text.data[i])
			return false;
	return true;
}

static int
run_one(struct filter_cache *cache, const struct json_value *filter,
    enum filter_target target, uint32_t user, uint32_t item, struct filter_set *set,
    struct filter_error *e)
{
	const char *why = cache->options.no_interactions;
	struct filter_plan *p;
	struct entry *x;
	struct span text;

	*set = (struct filter_set){ 0 };
	if (filter->type != JSON_STRING)
		return filter_fail(
		    e, 0, "the member filter must be a string or an array of strings");
	text = json_text(filter, &cache->text);
	if (is_empty(text))
		return 0;
	if (!(x = lookup(cache, text, e)))
		return -1;
	p = x->plan;
	if (filter_plan_filter(p)->target != target)
		return filter_fail(e, 0,
		    target == FILTER_ITEMS ? "a UserID filter cannot filter items"
					   : "an ItemID filter cannot filter users");
	if (why && !filter_plan_filter(p)->extended &&
	    filter_uses(filter_plan_filter(p), FROM_INTERACTIONS))
		return filter_fail(e, 0, "%s", why);
	*set = filter_plan_run(p, user, item);
	if (!filter_plan_needs_user(p) && !filter_plan_needs_item(p))
		set->same = x->serial;
	return 0;
}

/* Join set to what cache->both holds so far. */
static void
join(struct filter_cache *cache, const struct filter_set *set, bool first)
{
	size_t n = set->n + 1;

	if (cache->both_n < n) {
		cache->both =
		    xrealloc(cache->both, bitset_words(n), sizeof *cache->both);
		cache->both_n = n;
	}
	if (first)
		bitset_copy(cache->both, set->words, n);
	else
		bitset_and(cache->both, set->words, n);
}

int
filter_cache_run(struct filter_cache *cache, const struct json_value *filter,
    enum filter_target target, uint32_t user, uint32_t item, struct filter_set *set,
    struct filter_error *e)
{
	struct filter_set all = { 0 };
	struct json_value v;
	struct json j;

	*set = all;
	if (!filter->type || filter->type == JSON_NULL)
		return 0;
	if (filter->type != JSON_ARRAY)
		return run_one(cache, filter, target, user, item, set, e);
	json_open(&j, filter->raw.data, filter->raw.len);
	json_enter(&j, '[');
	while (json_element(&j) > 0 && json_value(&j, &v) == 0) {
		if (run_one(cache, &v, target, user, item, set, e) < 0)
			return -1;
		if (!set->words)
			continue;
		join(cache, set, !all.words);
		all = (struct filter_set){ cache->both, set->n, 0 };
	}
	*set = all;
	return 0;
}
