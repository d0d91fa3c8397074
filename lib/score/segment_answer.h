/*
 * segment_answer - records that ask for users in, output records out.
 *
 * A record has an itemId, or an itemAttributes, whose text selects items (the service's
 * few operators or, behind EXTENDED, the whole filter language over items).
 */
#ifndef SEGMENT_ANSWER_H
#define SEGMENT_ANSWER_H

#include "filter_eval.h"
#include "model.h"
#include "recipe.h"

enum { SEGMENT_MOST = 5000000 }; /* users a record that the service gives */

struct segment_options {
	const struct recipe *recipe;
	size_t k;         /* users a record */
	bool docs_format; /* recommendedUsers, as the service's pages have it */
	bool scores;      /* also the probability of each user */
	struct filter_options filters;
	size_t threads;
	const struct model *trained; /* what the model is a view of (live.h), or NULL */
};

struct segment_answers;

struct segment_answers *segment_answers_new(
    const struct model *m, const struct segment_options *o);
void segment_answers_free(struct segment_answers *a);

/* A line without its LF. false: it is time to run. */
bool segment_answers_add(struct segment_answers *a, const char *line, size_t len);

/*
 * Answer what was added, in order; the lines go to write as they are made. How many
 * records carry an error.
 */
size_t segment_answers_run(
    struct segment_answers *a, void (*write)(const void *p, size_t len));

#endif
