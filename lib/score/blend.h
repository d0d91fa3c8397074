/*
 * blend - output records in, one output record out: fused, with rules applied.
 *
 * What pz-topk does to the records of one input. The first source's record is the one
 * that is written, with other entries in its lists; an entry that it does not have
 * brings its scores and reasons from the first source that does, or null. Error records
 * pass.
 */
#ifndef BLEND_H
#define BLEND_H

#include "abreast.h"
#include "fuse.h"
#include "rules.h"

struct blend;

/* Takes rules and the fusion's weights over. Its sources are the lines of a call. */
struct blend *blend_new(struct rules *rules, struct fusion f);
void blend_free(struct blend *b); /* NULL is fine */

/* Append what becomes of the lines, with LF. false: it carries an error. */
bool blend_lines(struct blend *b, const struct abreast_line *lines, struct buf *out);

#endif
