/*
 * terms - how often each word, or each run of characters, stands in a text; they are
 * numbered in order of arrival.
 */
#ifndef TERMS_H
#define TERMS_H

#include <stdint.h>

#include "util.h"

struct term {
	uint32_t number, times;
};

struct terms;

struct terms *terms_new(void);
void terms_free(struct terms *t);
size_t terms_count(const struct terms *t); /* different ones so far */
struct span terms_text(
    const struct terms *t, uint32_t number); /* until the next text */

/* The different terms of a text by first place. Valid until the next call. */
size_t terms_of(struct terms *t, struct span text, const struct term **terms);
/*
 * The same for runs of n characters within words that have a blank in front and behind:
 * of 3, "tea" has " te", "tea" and "ea ". A shorter word is one run. n > 0.
 */
size_t terms_grams_of(
    struct terms *t, struct span text, size_t n, const struct term **terms);

#endif
