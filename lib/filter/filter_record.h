/*
 * filter_record - filters in records: the member that is added, the lists that are cut.
 *
 * What is not changed keeps the line's own bytes.
 */
#ifndef FILTER_RECORD_H
#define FILTER_RECORD_H

#include "filter_eval.h"
#include "record.h"

/*
 * Append the record's line with the expression (as a JSON string) as its member
 * "filter", and LF. One that is there already becomes an array of both. -1 and *why
 * (static), with nothing appended, if that member is no expression.
 */
int filter_record_add(
    struct buf *out, const struct record *r, struct span quoted, const char **why);

/* Room for filter_record_cut, kept from record to record. Start from zeros. */
struct filter_cut {
	unsigned char *keep; /* [n] */
	size_t n, cap, kept;
	struct buf scratch;
	const char *why; /* after -1: static text */
};

/*
 * Append an output record's line and LF with only those entries of recommendedItems
 * (FILTER_USERS: usersList) that the set allows. Arrays beside the list follow: those
 * with as many entries, and scores and the like even if they have fewer. -1 and
 * cut->why, with nothing appended.
 */
int filter_record_cut(struct buf *out, const struct record *r,
    enum filter_target target, const struct catalog *c, const struct filter_set *set,
    struct filter_cut *cut);
void filter_cut_release(struct filter_cut *cut);

#endif
