/*
 * put - individually imported rows, on their way into a dataset.
 *
 * All of them become part of the dataset with put_commit, in a segment of mode put,
 * or leave no trace. A row may carry the ID of its event: if that came before, here or
 * in a segment, the row is left out. Rows of the newest put segment move into the new
 * one if that is about as large or they are few, so that many small calls do not make
 * many small segments.
 */
#ifndef PUT_H
#define PUT_H

#include <stdint.h>

#include "dataset.h"

struct put;

struct put *put_open(const char *path, enum dataset_type type, char **why);
/* A line with its LF; event_id may be empty. -1 and *why. */
int put_add(struct put *p, struct span line, struct span event_id, char **why);
/*
 * The schema is that of the rows: the dataset's, or its first. *repeated is how many
 * rows were left out. Gone afterwards, done or failed. Waits as writer_commit does.
 */
int put_commit(
    struct put *p, const struct schema *schema, uint64_t *repeated, char **why);
void put_discard(struct put *p); /* NULL is fine */

#endif
