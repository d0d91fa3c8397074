/*
 * answer_lines - all lines of the input answered, in order, on many threads.
 */
#ifndef ANSWER_LINES_H
#define ANSWER_LINES_H

#include "answer.h"
#include "lines.h"
#include "progress.h"
#include "segment_answer.h"

/* To stdout. How many records carry an error; -1: the lines say why. */
long answer_lines(const struct model *m, const struct answer_options *o,
    struct lines *in, size_t threads, struct progress *progress);

/*
 * The same for segments; stops behind `most` lines of a file. *n says how many the
 * longest file had.
 */
long segment_lines(const struct model *m, const struct segment_options *o,
    struct lines *in, size_t most, size_t *n, struct progress *progress);

#endif
