/*
 * part_store - where the outputs of parts lie until they are put together: in the job's
 * directory, or in S3 if the job has a scratch place there.
 */
#ifndef PART_STORE_H
#define PART_STORE_H

#include "job.h"
#include "location.h"
#include "part.h"
#include "target.h"

/* How objects of the job are written: encrypted with the request's key. */
void part_store_options(struct target_options *o, struct job *j);

void part_store_place(struct location *l, const struct job *j, size_t part);

/*
 * All of an output to a target, checked against what the part said when it was done. 1;
 * 0: it is damaged or gone; -1 and t->error.
 */
int part_store_copy(
    struct job *j, size_t part, const struct part_done *done, struct target *t);

/* Whether an output is there, as many bytes as the part said. 1, 0, -1 and an error. */
int part_store_has(
    struct job *j, size_t part, const struct part_done *done, struct s3_error *e);

/* What is not there is no error. -1 and an error. */
int part_store_remove(struct job *j, size_t part, struct s3_error *e);
/* What those who were killed left half written: of the job, whose lock is ours. */
void part_store_sweep_job(const struct job *j);
/* Of its parts, when none is under way. */
int part_store_sweep(struct job *j, struct s3_error *e);

#endif
