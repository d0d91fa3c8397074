/*
 * job_plan - the inputs of a job, their outputs, and the parts they are cut into.
 *
 * Parts are numbered from 0 through all inputs. What was planned never changes, so that
 * whoever works on the job, whenever, means the same bytes by a number.
 */
#ifndef JOB_PLAN_H
#define JOB_PLAN_H

#include "job.h"
#include "slice.h"
#include "sources.h"

struct plan_object {
	struct file file;
	char *output;    /* where it goes */
	bool packed;     /* compressed: one part */
	size_t first, n; /* its parts; 0 of an empty input */
	uint64_t *cuts;  /* [n + 1] */
};

struct plan {
	size_t n;
	struct plan_object *objects;
	size_t n_parts;
};

/* The inputs of a request, as the service finds them. -1 and an error. */
int plan_list(struct sources *found, const struct job_request *r, struct s3_error *e);

/*
 * Cut what was found, whose files are taken over, into pieces of about part_bytes; 0:
 * as is good for n_parts, and if that is 0 too, as usual. -1 and an error.
 */
int plan_make(struct plan *p, struct sources *found, const struct job_request *r,
    uint64_t part_bytes, size_t n_parts, struct s3_error *e);

int plan_save(const struct plan *p, const struct job *j, char **why);
int plan_read(struct plan *p, const struct job *j, char **why);
const struct plan_object *plan_of(const struct plan *p, size_t part);
/* "part 3 (of in.json, bytes 0 to 99)", for people. */
void plan_name_part(struct buf *b, const struct plan *p, size_t part);
void plan_release(struct plan *p);

#endif
