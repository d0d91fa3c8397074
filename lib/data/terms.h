/*
 * terms - how often each word stands in a text, words numbered in order of arrival.
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

#endif
