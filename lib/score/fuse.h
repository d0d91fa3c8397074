/*
 * fuse - one list of candidates out of the lists that answer one input.
 *
 * With weights w_s, the score of item i over the sources s that have it is
 *
 *	sum   sum of w_s score_s(i)
 *	max   greatest w_s score_s(i)
 *	rrf   sum of w_s / (60 + rank_s(i)), ranks from 1
 *
 * rrf is reciprocal rank fusion (Cormack, Clarke, Buettcher 2009, with their constant
 * 60; the weights are ours). It needs no scores. A list that has an item twice counts
 * with the first place. Ties go to the ID that is smaller bytewise. So that they are
 * found, terms are added in rising order, and what was made of decimals is rounded to
 * 10 of them: 0.5 + 0.1 is 0.2 + 0.4.
 */
#ifndef FUSE_H
#define FUSE_H

#include <stdint.h>

#include "entries.h"

enum fuse_method {
	FUSE_NONE, /* of one list: what it says */
	FUSE_RRF,
	FUSE_SUM,
	FUSE_MAX,
};

struct fusion {
	enum fuse_method how;
	size_t n;        /* sources; 1 without fusion */
	double *weights; /* [n], at least 0 */
};

struct candidate {
	struct span id; /* text */
	double score;   /* if scored */
	bool changed;   /* it is not the score that the record has */
	bool promoted;  /* a promotion, not its score, gave it its place (rules.h) */
	uint32_t row;   /* of places; without fusion also the place in the list */
	uint32_t item;  /* number in a catalog: not fuse's business */
};

/* Room for the candidates of record after record. Start from zeros. */
struct candidates {
	struct candidate *list; /* [n] */
	size_t n;
	bool scored, fused;
	/* Where in source s the candidate stands: places[row * n_sources + s], or
	 * FUSE_NOWHERE. */
	uint32_t *places;
	size_t n_sources;
	size_t list_cap, places_cap, slots_cap;
	uint32_t *slots;
	double *terms;
};

#define FUSE_NOWHERE UINT32_MAX

/*
 * How, by name unless that is NULL, and weights [f->n], to be freed: those of texts,
 * all 1 if n_texts is 0. -1 and *why (to be freed).
 */
int fusion_set(struct fusion *f, const char *name, const char *const *texts,
    size_t n_texts, char **why);

/*
 * The candidates of sources [f->n], best first, or of one without fusion in its order.
 * -1 and *why (static) if the method needs scores that a list lacks.
 */
int fuse(struct candidates *c, const struct fusion *f, const struct entries *sources,
    const char **why);

/* A score that was calculated, to 10 decimals; beyond 2^53 of them as it is. */
double score_rounded(double score);

/* Greatest score first; ties by ID if fused, else by place in the list. */
void candidates_sort(struct candidates *c);
void candidates_release(struct candidates *c);

#endif
