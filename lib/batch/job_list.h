/*
 * job_list - the jobs in a folder, the newest first.
 */
#ifndef JOB_LIST_H
#define JOB_LIST_H

#include "job.h"

struct job_list {
	struct job **jobs;
	size_t n;
};

/* No such folder: no jobs. What cannot be read is left out, with a line in bad. */
int job_list_read(struct job_list *l, const char *folder, struct buf *bad, char **why);
void job_list_release(struct job_list *l);

struct job_list_query {
	const char *solution; /* only of this; NULL: all */
	const char *token;    /* from this one on; NULL: from the first */
	size_t most;
};

/* As the service's two List calls answer, in one object; or a table. -1 and *why. */
int job_list_print(struct buf *b, const struct job_list *l,
    const struct job_list_query *q, char **why);
int job_list_table(struct buf *b, const struct job_list *l,
    const struct job_list_query *q, char **why);

#endif
