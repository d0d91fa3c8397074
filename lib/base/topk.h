/*
 * topk - keep the k best lines of a stream, by a key of bytes.
 *
 * Keys compare as memcmp does (sortkey.h makes JSON values such keys). Of equal
 * keys the line that came earlier is better. Memory grows with what is kept,
 * never with the stream.
 */
#ifndef TOPK_H
#define TOPK_H

#include <stdbool.h>
#include <stddef.h>

#include "util.h"

struct topk; /* a heap: the worst kept line on top */

/* k > 0, of any size. With least, smaller keys are better. */
struct topk *topk_new(size_t k, bool least);
void topk_free(struct topk *t); /* NULL is fine */

/* Offer a line, which is copied if it is kept. O(log k). */
void topk_push(struct topk *t, struct span key, struct span line);

/* Put the kept lines in order, best first. Nothing may be pushed later. */
void topk_sort(struct topk *t);
size_t topk_count(const struct topk *t);
struct span topk_line(const struct topk *t, size_t i); /* borrowed from t */

#endif
