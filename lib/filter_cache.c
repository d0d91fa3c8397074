/*
 * filter_cache - plans by their text: a hash table, and a list by last use.
 *
 * Chains hang from buckets as indexes, so that entries can move when the array grows.
 */
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "filter_eval.h"
#include "filter_lex.h"

enum {
	DEFAULT_BYTES = 64 << 20,
	FEWEST = 16,     /* plans are kept even if they are larger than allowed */
	OVERHEAD = 2048, /* bytes of a plan besides its sets, about */
	MOST = 1 << 16,
};

struct entry {
	char *text;
	size_t len;
	uint64_t hash;
	struct filter_plan *plan;
	uint64_t serial;
	uint32_t chain;        /* the next in the bucket */
	uint32_t older, newer; /* by last use */
};

struct filter_cache {
	const struct catalog *catalog;
	struct filter_options options;
	struct entry *entries; /* [limit] */
	uint32_t n, limit;
	uint32_t oldest, newest;
	uint32_t *bucket; /* [mask + 1] */
	size_t mask;
	uint64_t serial;
	struct buf scratch;
	uint64_t *both; /* the sets of an array, joined */
	size_t both_n;
};

/* Each plan may keep a set for each of two expressions, and has four to work in. */
static size_t
plan_bytes(const struct catalog *c)
{
	size_t n = MAX(c->items.strings.n, c->users.strings.n) + 1;

	return 6 * sizeof(uint64_t) * bitset_words(n) + OVERHEAD;
}

struct filter_cache *
filter_cache_new(
    const struct catalog *c, const struct filter_options *o, size_t max_bytes)
{
	struct filter_cache *cache = xcalloc(1, sizeof *cache);
	size_t limit = (max_bytes ? max_bytes : DEFAULT_BYTES) / plan_bytes(c);
	size_t buckets = ids_slots(MIN(MAX(limit, (size_t)FEWEST), (size_t)MOST));

	cache->catalog = c;
	cache->options = *o;
	cache->limit = (uint32_t)MIN(MAX(limit, (size_t)FEWEST), (size_t)MOST);
	cache->entries = xcalloc(cache->limit, sizeof *cache->entries);
	cache->bucket = xcalloc(buckets, sizeof *cache->bucket);
	memset(cache->bucket, 0xff, buckets * sizeof *cache->bucket);
	cache->mask = buckets - 1;
	cache->oldest = cache->newest = NONE;
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
	free(cache->entries);
	free(cache->bucket);
	free(cache->both);
	buf_release(&cache->scratch);
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
	uint32_t i = cache->bucket[hash & cache->mask];

	for (; i != NONE; i = cache->entries[i].chain) {
		const struct entry *x = &cache->entries[i];

		if (x->hash == hash &&
		    span_equal((struct span){ x->text, x->len }, text))
			return i;
	}
	return NONE;
}

/* A free entry: a new one, or that which was not used for longest. */
static uint32_t
make_room(struct filter_cache *cache)
{
	uint32_t i = cache->oldest, *link;
	struct entry *x;

	if (cache->n < cache->limit)
		return cache->n++;
	x = &cache->entries[i];
	for (link = &cache->bucket[x->hash & cache->mask]; *link != i;)
		link = &cache->entries[*link].chain;
	*link = x->chain;
	unlink_entry(cache, i);
	free(x->text);
	filter_plan_free(x->plan);
	return i;
}

static uint32_t
add(struct filter_cache *cache, struct span text, uint64_t hash, struct filter_error *e)
{
	struct filter *f = filter_parse_bound(text, e);
	struct filter_plan *plan =
	    f ? filter_plan_new(f, cache->catalog, &cache->options, e) : NULL;
	uint32_t *bucket = &cache->bucket[hash & cache->mask], i;

	if (!plan)
		return NONE;
	i = make_room(cache);
	cache->entries[i] = (struct entry){ .text = xmemdup(text.data, text.len),
		.len = text.len,
		.hash = hash,
		.plan = plan,
		.serial = ++cache->serial,
		.chain = *bucket };
	*bucket = i;
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
	struct filter_plan *p;
	struct entry *x;
	struct span text;

	*set = (struct filter_set){ 0 };
	if (filter->type != JSON_STRING)
		return filter_fail(
		    e, 0, "the member filter must be a string or an array of strings");
	text = json_text(filter, &cache->scratch);
	if (is_empty(text))
		return 0;
	if (!(x = lookup(cache, text, e)))
		return -1;
	p = x->plan;
	if (filter_plan_filter(p)->target != target)
		return filter_fail(e, 0,
		    target == FILTER_ITEMS ? "a UserID filter cannot filter items"
					   : "an ItemID filter cannot filter users");
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
