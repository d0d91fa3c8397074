/*
 * pick - the first k entries of each output record, or the best k of any JSON lines.
 *
 * What pz-topk does to a line without rules. What cannot be cut, or has no key, becomes
 * an error record; error records pass.
 */
#ifndef PICK_H
#define PICK_H

#include "choice.h"

struct pick;

/* With by or group_by, lines are chosen. NULL and *why as choice_open. */
struct pick *pick_new(const struct choice_rule *rule, char **why);
void pick_free(struct pick *p);

/* Append what the line becomes, if anything yet. false: it carries an error. */
bool pick_line(struct pick *p, struct span line, struct buf *out);
/* At the end: append one more of the lines that by chose. false: there is none. */
bool pick_next(struct pick *p, struct buf *out);

#endif
