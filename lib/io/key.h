/*
 * key - what a jq program makes of a JSON text, as bytes to sort and group by.
 *
 * The key is the list of all results, as in jq's sort_by(f) and group_by(f), in
 * the form of sortkey.h. Plain paths (.price, .a.b, .["x y"], .) are followed
 * without libjq, thirty times faster and with the same results.
 */
#ifndef KEY_H
#define KEY_H

#include <stdbool.h>

#include "util.h"

struct key;

/* NULL and *why (one line, to be freed) if the program does not compile. */
struct key *key_open(const char *program, char **why);
struct key *key_open_jq(const char *program, char **why); /* libjq in any case */
void key_close(struct key *k);                            /* NULL is fine */

/* Append the key of one JSON text. -1: key_why, borrowed until the next call. */
int key_add(struct key *k, struct span text, struct buf *out);
const char *key_why(const struct key *k);

#endif
