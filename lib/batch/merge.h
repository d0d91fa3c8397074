/*
 * merge - the parts of a job become its outputs.
 *
 *	objects/N.begun  someone began to write output N
 *	objects/N.done   it is there
 */
#ifndef MERGE_H
#define MERGE_H

#include "job_plan.h"
#include "job_request.h"
#include "target.h"

/* How outputs are written: encrypted with the request's key. */
void merge_options(struct target_options *o, struct job *j);

/* An empty _CHECK in the output's folder: the write probe. -1 and an error. */
int merge_probe(struct job *j, struct s3_error *e);

/*
 * Write every output whose parts are all done and that is not there yet; a part whose
 * output is damaged is one that is not done. *left counts outputs that lack a part.
 * -1 and an error.
 */
int merge_all(struct job *j, const struct plan *p, size_t *left, struct s3_error *e);

bool merge_is_done(const struct job *j, size_t object);

/* Temporary files that killed parts left. */
void merge_sweep(const struct job *j);

/* Files of parts that nobody needs any more, when all outputs are there. */
void merge_clean(const struct job *j, const struct plan *p);

#endif
