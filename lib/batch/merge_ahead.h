/*
 * merge_ahead - parts go to their outputs, in order, while others are still made.
 *
 * A thread does what merge_all would do in the end, with the same marks: killed at any
 * place, it leaves what a merge leaves that was killed. For outputs and parts in files;
 * objects in S3 wait for the end, where S3 itself may put them together.
 */
#ifndef MERGE_AHEAD_H
#define MERGE_AHEAD_H

#include "merge.h"

struct merge_ahead;

struct merge_ahead *merge_ahead_start(struct job *j, const struct plan *p);
/*
 * No more parts come. What is done is put together still, but not if `stop`. Whether a
 * part was found damaged, and forgotten. Outputs that could not be written are left to
 * merge_all, which says why.
 */
bool merge_ahead_end(struct merge_ahead *a, bool stop);

#endif
