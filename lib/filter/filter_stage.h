/*
 * filter_stage - one expression over a stream of records: what pz-filter does to a
 * line.
 *
 * To an input record the expression is added with the record's values bound; from an
 * output record what it rejects is removed, which needs a catalog. Error records pass.
 */
#ifndef FILTER_STAGE_H
#define FILTER_STAGE_H

#include "filter_eval.h"

struct filter_stage;

/* Takes f over. c may be NULL; else f has passed filter_check with it. */
struct filter_stage *filter_stage_new(
    struct filter *f, const struct catalog *c, const struct filter_options *o);
void filter_stage_free(struct filter_stage *s);

/* Append what becomes of the line. false: it carries an error. */
bool filter_stage_line(
    struct filter_stage *s, const char *line, size_t len, struct buf *out);

/*
 * Append what the expression means, and with a catalog, unless it has placeholders,
 * how many items or users pass: see filter_describe. -1 and the error.
 */
int filter_stage_describe(
    struct filter_stage *s, struct buf *out, struct filter_error *e);

/*
 * Append why the record's list has its entries, or would not: a line for each of them,
 * or of the whole catalog if it has no list. Needs a catalog. -1 and the error.
 */
int filter_stage_explain(struct filter_stage *s, const char *line, size_t len,
    struct buf *out, struct filter_error *e);

#endif
