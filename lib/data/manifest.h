/*
 * manifest - dataset.json, the list of a dataset's schemas and segments.
 */
#ifndef MANIFEST_H
#define MANIFEST_H

#include "dataset.h"
#include "util.h"

/* Fill d's schemas and segments. NULL, or what is wrong (to be freed). */
char *manifest_parse(struct dataset *d, const char *json, size_t len);
/* The same from d->path; no file, no entries. -1 and *why. */
int manifest_read(struct dataset *d, char **why);
void manifest_print(const struct dataset *d, struct buf *out);
void manifest_release(struct dataset *d);

/* "items/000002.put.jsonl.zst" (to be freed), and back; -1 if file is no such name. */
char *segment_name(const struct segment *s);
int segment_parse_name(struct segment *s, const char *file);

#endif
