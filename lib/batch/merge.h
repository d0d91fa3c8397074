/*
 * merge - the parts of a job become its outputs.
 *
 *	objects/N.begun  someone began to write output N
 *	objects/N.done   it is there
 */
#ifndef MERGE_H
#define MERGE_H

#include "job_plan.h"

/* An empty _CHECK in the output's folder: the write probe. -1 and an error. */
int merge_probe(struct job *j, struct s3_error *e);

/*
 * Write every output whose parts are all done and that is not there yet; a part whose
 * output is damaged is one that is not done. *left counts outputs that lack a part.
 * -1 and an error.
 */
int merge_all(struct job *j, const struct plan *p, size_t *left, struct s3_error *e);

/* Whether a part is done, after as long as it may still become that. */
struct merge_wait {
	bool (*for_part)(void *context, size_t part);
	void *context;
};

/*
 * One output whose parts are done, or are waited for; wait may be NULL. 1 it is there,
 * 0 a part is damaged, and forgotten, or does not come, -1 and an error.
 */
int merge_object(struct job *j, const struct plan *p, size_t object,
    const struct merge_wait *wait, struct s3_error *e);

bool merge_is_done(const struct job *j, size_t object);
/* Whether all of its parts are done. */
bool merge_has_parts(const struct job *j, const struct plan_object *o);

/* What parts left, when all outputs are there. -1 and an error. */
int merge_clean(struct job *j, const struct plan *p, struct s3_error *e);

#endif
