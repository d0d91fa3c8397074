/*
 * convert - batches of CSV or JSON lines to rows of a dataset.
 *
 * With a map, each input goes through a jq program that gives any number of row
 * objects: a JSON line as it is, a CSV row as an object of strings (null where the
 * field is empty) by the header's names. One converter serves one thread.
 */
#ifndef CONVERT_H
#define CONVERT_H

#include "infer.h"
#include "intake.h"
#include "schema.h"

struct convert;

/* schema and map may be NULL. NULL and *why (to be freed): the map is wrong. */
struct convert *convert_new(const struct schema *schema, const char *map, char **why);
void convert_free(struct convert *c);

/* Fill rows and bad of the batch. Without a map its header must be matched. */
void convert_batch(struct convert *c, struct batch *b);
bool convert_late(const struct convert *c); /* a time was seen that cannot be seconds */

/* Show every row to the inference. Bad lines are passed over. */
void convert_infer(struct convert *c, const struct batch *b, struct infer *in);
/* The dataset that the columns of the batch belong to; -1: they do not say. */
int convert_guess(struct convert *c, const struct batch *b);

/* Find the header's columns in the schema. NULL, or what is wrong (to be freed). */
char *header_match(struct header *h, const struct schema *s);

#endif
