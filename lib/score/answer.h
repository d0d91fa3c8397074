/*
 * answer - input records in, output records out, a batch at a time.
 *
 * A record is answered, passed on as it is (it has an output or an error already), or
 * turned into an error record. The output of a record depends on it and the model
 * alone, not on the batch it is in.
 */
#ifndef ANSWER_H
#define ANSWER_H

#include "filter_eval.h"
#include "model.h"
#include "recipe.h"
#include "util.h"

/* Lines that are answered together. */
struct answers;

struct answers *answers_new(const struct model *m, size_t k);
void answers_free(struct answers *a);
void answers_clear(struct answers *a);
/* Add a line without its LF. false: no more fit, though this one did. */
bool answers_add(struct answers *a, const char *line, size_t len);
size_t answers_count(const struct answers *a);

struct answer_options {
	const struct recipe *recipe; /* says what records ask for, and what they get */
	size_t k;                    /* entries a record, but for rankings */
	const float *bonus;          /* explore.h, or NULL */
	const struct coarse *coarse; /* score_prepare, or NULL */
	const float *influence;      /* influence.h, or NULL */
	bool similarity;             /* related items carry it as scores */
	const struct themes *themes; /* and a theme (themes.h), or NULL */
	const struct model *trained; /* what the model is a view of (live.h), or NULL */
	const struct fold_base *fold; /* with trained, if its users have factors */
	struct filter_options filters;
	bool reasons; /* also write why an item is there, of items not ranked or related
		       */
};

/* The working memory of one thread. The options are borrowed. */
struct answerer;

struct answerer *answerer_new(const struct model *m, const struct answer_options *o);
void answerer_free(struct answerer *r);

/* Append the output records, a line each. How many carry an error. */
size_t answerer_run(struct answerer *r, struct answers *a, struct buf *out);

#endif
