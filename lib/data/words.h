/*
 * words - the words of a text, in lower case, for the metadata of items.
 *
 * A word is a run of letters and digits; every character beyond ASCII counts as a
 * letter, but for the blanks and punctuation of Unicode's general block and of CJK.
 * ASCII letters and those of Latin-1, Greek and Cyrillic become small.
 */
#ifndef WORDS_H
#define WORDS_H

#include "util.h"

struct words {
	const char *at, *end;
	struct buf word; /* the last one found */
	struct span raw; /* as it stands in the text */
};

void words_open(struct words *w, struct span text); /* valid UTF-8; w zeroed at first */
bool words_next(struct words *w);
void words_release(struct words *w);

#endif
