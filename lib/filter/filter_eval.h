/*
 * filter_eval - run a filter over a catalog: which items, or users, does it allow?
 *
 * What depends on no record is computed once and kept. Per record only the user's
 * history and comparisons with the current item are worked out. A plan or a cache
 * belongs to one thread; the catalog may be shared.
 */
#ifndef FILTER_EVAL_H
#define FILTER_EVAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bitset.h"
#include "catalog.h"
#include "filter.h"

struct filter_options {
	/* Newest interactions that count, per user and event type; 0: all. */
	size_t history_limit;
	/* Users whose newest interaction is older than now by more have none; 0: never.
	 */
	int64_t idle_seconds;
	int64_t now; /* of NOW() and idle_seconds: seconds since 1970 */
	/* Where results of jq(...) are shared; NULL: each cache has its own. */
	struct filter_jq *jq;
	/* Why filters that are not EXTENDED may not test Interactions; NULL: they may.
	 */
	const char *no_interactions;
};

enum {
	/* What the service's filters see: the newest of each type, for three months. */
	FILTER_SERVICE_HISTORY = 100,
	FILTER_SERVICE_IDLE = 90 * 86400,
};

/*
 * Bit i says that item (or user) i is allowed. One more bit, number n, says the
 * same of one that the catalog does not know: all its columns are null.
 */
struct filter_set {
	const uint64_t *words; /* bitset_words(n + 1) of them; NULL: all pass */
	size_t n;
	/* Not 0: any other set with this number, of the same cache, is the same. */
	uint64_t same;
};

static inline bool
filter_allows(const struct filter_set *set, uint32_t number)
{
	return !set->words || bitset_has(set->words, number == NONE ? set->n : number);
}

struct filter_plan;
struct filter_jq;

/* Takes f over in any case. NULL and the error if filter_check finds one. */
struct filter_plan *filter_plan_new(struct filter *f, const struct catalog *c,
    const struct filter_options *o, struct filter_error *e);
void filter_plan_free(struct filter_plan *p);
const struct filter *filter_plan_filter(const struct filter_plan *p);
/* What the result depends on. Both false: on nothing, the same for every record. */
bool filter_plan_needs_user(const struct filter_plan *p);
bool filter_plan_needs_item(const struct filter_plan *p);

/*
 * user, item: the record's, or NONE. The set is borrowed until the next run of this
 * plan or of another of its cache.
 */
struct filter_set filter_plan_run(struct filter_plan *p, uint32_t user, uint32_t item);

/*
 * All items, or users, that f allows of its own, without a record: what an
 * itemAttributes selects, or a UserID expression. Takes f over in any case. set has
 * a bit for each and one for unknown ones. -1 and the error.
 */
int filter_select(struct filter *f, const struct catalog *c,
    const struct filter_options *o, uint64_t *set, struct filter_error *e);

/*
 * Plans by text, for records that bring their own expressions. Holds at most
 * max_bytes (0: a default) and drops what was not used for longest.
 */
struct filter_cache;

struct filter_cache *filter_cache_new(
    const struct catalog *c, const struct filter_options *o, size_t max_bytes);
void filter_cache_free(struct filter_cache *cache);
/* NULL and the error. Borrowed until the next call. */
struct filter_plan *filter_cache_plan(
    struct filter_cache *cache, struct span text, struct filter_error *e);
/*
 * A record's member "filter": one expression, or an array of which every one must
 * allow. Type 0, null and empty text let all pass. The set is borrowed until the
 * next call. -1 and the error.
 */
int filter_cache_run(struct filter_cache *cache, const struct json_value *filter,
    enum filter_target target, uint32_t user, uint32_t item, struct filter_set *set,
    struct filter_error *e);

#endif
