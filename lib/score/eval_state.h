/*
 * eval_state - what eval.c and eval_metrics.c share.
 */
#ifndef EVAL_STATE_H
#define EVAL_STATE_H

#include "eval.h"

/* Columns of a row; behind them stand, for each k, those of ranking.h and surprise. */
enum {
	ONE,            /* 1 */
	EVENTS,         /* held-out interactions that have a likelihood */
	LISTED,         /* 1 if the list has an entry */
	NLL,            /* sum of - ln p */
	POPULAR,        /* the same of popularity */
	TOP_HITS,       /* segments: of the first `top` entries, how many are right */
	TOP_RECALL,     /* that, / how many are right at all */
	TOP_PRECISION,  /* that, / top */
	TOP_ACTIVE,     /* recall of the most active users */
	TOP_INTERESTED, /* recall of those with the most of what is asked for */
	FIRST_K
};

struct eval_id {
	uint32_t relevant, shown; /* the stamp of the last list in which it is */
	uint32_t times;           /* in the truth, if relevant */
	uint32_t place;           /* in the catalogue, or NONE */
	double score;             /* if shown, NaN: none */
};

struct eval_entry {
	uint32_t id;
	bool repeated; /* not its first place in the list */
	double score;  /* NaN: none */
};

struct eval_state {
	size_t *k; /* [n_k] distinct: the service's, then those asked for */
	size_t n_k;
	size_t top; /* segments: 1 % of the users, 0: not known */
	struct eval_id *ids;
	uint32_t *exposed; /* [ids][n_k] lists that show it among the first k */
	size_t n_ids, cap_ids;
	uint32_t stamp;
	bool *answered; /* [inputs] */
	/* The list at hand. */
	struct eval_entry *entries;
	size_t *ranks; /* of its hits */
	size_t n_entries, cap_entries;
	struct buf key, scratch;
	struct bins bins;
	double scored_events; /* held-out interactions of inputs with scores */
};

static inline size_t
eval_column(size_t k, enum ranking_metric m)
{
	return FIRST_K + k * (RANKING_METRICS + 1) + (size_t)m;
}

static inline size_t
eval_surprise_column(size_t k)
{
	return eval_column(k, RANKING_METRICS);
}

/* eval_metrics.c: which k and columns there are, and what depends on no list. */
void eval_lay_out(struct eval *e);
void eval_prepare(struct eval *e);

/* Whether a held-out interaction has a likelihood: somebody has met the item. */
static inline bool
eval_known(const struct eval *e, uint32_t id)
{
	const struct background *b = e->o->background;
	uint32_t place = e->state->ids[id].place;

	return place != NONE && b->popularity.count[place];
}

#endif
