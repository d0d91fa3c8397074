/*
 * score_row - one of the queries that share a pass over the items.
 */
#ifndef SCORE_ROW_H
#define SCORE_ROW_H

#include "coarse.h"
#include "met.h"
#include "score.h"
#include "shortlist.h"

/* What all queries of a scorer share. */
struct score_base {
	const struct model *m;
	const struct coarse *coarse; /* NULL: there is none */
	const float *bonus;          /* [n_scored] or NULL */
	size_t k;
	bool bold;         /* shortlist.h */
	double most_added; /* by bonus and contexts to any z, at most */
};

struct score_row {
	struct coarse_user coarse;
	struct shortlist list;
	struct met met;
	size_t next_met;
	size_t n_exact; /* of the list's items: how many are worked out */
	uint64_t next[MODEL_CONTEXTS]; /* of each context's entries */
	/* Of an item that has links beside its vector: those that are left. */
	const uint32_t *link_at;
	const float *link_weight;
	uint64_t n_links;
};

/* Working memory of score_row_finish. */
struct score_room {
	size_t cap;
	uint32_t *at;
	float *weight, *coarse_weight;
	struct candidate *best, *more;
};

double score_most_added(const struct model *m, const float *bonus);

/*
 * Begin a query. group: where its vector goes, at row `at`; NULL: values will be exact.
 * false: only exact values will do for it.
 */
bool score_row_start(struct score_row *r, const struct score_base *b,
    const struct score_query *q, struct seen *seen, int16_t *group, size_t at);
void score_row_release(struct score_row *r);

/* Have at hand what score_row_take will need of a stretch from item `first` on. */
void score_row_expect(const struct score_row *r, const struct score_base *b,
    const struct score_query *q, size_t first);
/* Products x of a stretch of items (shortlist.h), which are completed to z. */
void score_row_take(struct score_row *r, const struct score_base *b,
    const struct score_query *q, float *x, size_t first, size_t count, float most);

/* Nothing more comes. How many exact products are needed. */
size_t score_row_close(struct score_row *r);
/* Have their items at hand. */
void score_row_fetch(const struct score_row *r, const struct score_base *b);
/* Work out those with items before a place, from where the last such call ended. */
void score_row_exact(struct score_row *r, const struct score_base *b,
    const struct score_query *q, size_t end);
/* After all of them: fill the query's items. false: it was too bold. */
bool score_row_finish(struct score_row *r, const struct score_base *b,
    struct score_query *q, struct score_room *room);
void score_room_release(struct score_room *room);

#endif
