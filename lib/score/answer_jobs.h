/*
 * answer_jobs - what a record asks for, by the job of its recipe; of answer.c alone.
 *
 * A job turns a record into a query for the scorer, or writes its output at once.
 */
#ifndef ANSWER_JOBS_H
#define ANSWER_JOBS_H

#include "answer.h"
#include "item_writer.h"
#include "json.h"
#include "rank.h"
#include "record.h"
#include "related.h"
#include "related_write.h"
#include "score.h"

enum fate { PASS, FAIL, QUERY, DONE };

struct answers {
	const struct model *m;
	size_t k, n;
	struct buf text;              /* the lines, NUL behind each */
	size_t line[SCORE_USERS + 1]; /* where each starts in text */
	struct record records[SCORE_USERS];
	enum fate fate[SCORE_USERS]; /* QUERY: the next of queries; DONE: see done */
	struct filter_error wrong[SCORE_USERS]; /* of those that fail */
	size_t n_queries;
	struct score_query queries[SCORE_USERS]; /* of those to be answered, in order */
	struct scored_item *items;               /* [SCORE_USERS][k] */
	size_t words;                            /* of a set of items */
	uint64_t *allowed;                       /* [SCORE_USERS][words] */
	struct context_value (*contexts)[MODEL_CONTEXTS]; /* [SCORE_USERS] of queries */
	float *vectors;  /* [SCORE_USERS][dim] of items, and of users folded in */
	struct buf done; /* outputs that are ready: of rankings and related items */
	size_t done_from[SCORE_USERS], done_to[SCORE_USERS];
};

struct answerer {
	const struct model *m;
	const struct answer_options *o;
	struct scorer *scorer;
	struct item_writer *writer;
	struct ranker *ranker;   /* of rankings */
	struct related *related; /* of related items */
	struct related_writer *related_writer;
	struct candidate *candidates; /* [k] */
	struct fold *fold;            /* for users who changed since training */
	float *nobody;                /* [dim] who met nothing: items as all see them */
	uint32_t *list;               /* [list_cap] the items to be ranked */
	struct ranked *ranked;
	struct span *ids; /* as they stand in the record */
	size_t list_cap;
	struct filter_cache *filters;
	struct buf scratch;
};

/* FAIL, for this reason. */
enum fate answer_fail(struct filter_error *wrong, const char *why);
/* What the record's filter allows. The set is borrowed until the next filter runs. */
int answer_filter(struct answerer *r, struct answers *a, size_t i, uint32_t user,
    uint32_t item, struct filter_set *set);
/* The number of an ID, or NONE. */
uint32_t answer_id(
    struct answerer *r, const struct ids *ids, const struct json_value *v);
/* The number of the record's user, or NONE; -1: what is known of them is damaged. */
int answer_user_id(struct answerer *r, struct answers *a, size_t i, uint32_t *user);
/* The next query, for nobody yet; set is copied. */
struct score_query *answer_query(
    struct answers *a, const float *vector, const struct filter_set *set);
/* The user's vector, made for the next query if the model's is not of today. */
const float *answer_user_vector(struct answerer *r, struct answers *a, uint32_t user);
/*
 * The contexts of the record that the model knows into those of the next query, how
 * many; -1: it is none. With some, who is not known is somebody who met nothing.
 */
int answer_context(
    struct answerer *r, struct answers *a, size_t i, const float **vector);

/* What becomes of record i: items for a user; an order of a list; items like an item.
 */
enum fate answer_user(struct answerer *r, struct answers *a, size_t i);
enum fate answer_list(struct answerer *r, struct answers *a, size_t i);
enum fate answer_item(struct answerer *r, struct answers *a, size_t i);
/* Items by their vectors, or popular ones if there is none. */
void answer_add_related(struct answerer *r, const struct answers *a, size_t i,
    const struct score_query *q, struct buf *out);

#endif
