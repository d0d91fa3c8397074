/*
 * filter_jq - the items or users for which a jq program holds.
 *
 * The program sees the object that pz-show prints of an item or a user. Results are
 * kept, so that ten thousand filters with one program run it once; threads may share.
 */
#ifndef FILTER_JQ_H
#define FILTER_JQ_H

#include "catalog.h"
#include "filter.h"

struct filter_jq;

struct filter_jq *filter_jq_new(const struct catalog *c, int64_t now);
void filter_jq_free(struct filter_jq *x);

/*
 * Into rows, a set over all items or users and, as the last, one that is not known and
 * has nothing but nulls. *failed: for how many the program fails, which then do not
 * hold. -1 and the error, but for its place.
 */
int filter_jq_rows(struct filter_jq *x, enum filter_target of, struct span program,
    uint64_t *rows, size_t *failed, struct filter_error *e);

/* That every program of the filter compiles. -1 and the error. */
int filter_jq_check(const struct filter *f, struct filter_error *e);

#endif
