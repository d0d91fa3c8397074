/*
 * utf8 - which bytes are characters.
 *
 * Valid is what Unicode 15 allows (table 3-7): no longer form than needed, no
 * surrogates, nothing beyond U+10FFFF.
 */
#ifndef UTF8_H
#define UTF8_H

#include <stddef.h>

#include "util.h"

/* The length of the valid UTF-8 at the start of the text; len if all is. */
size_t utf8_valid(const char *text, size_t len);
/* The first byte from p on that is ASCII or invalid, or end. */
const char *utf8_skip(const char *p, const char *end);
void utf8_add(struct buf *b, unsigned long c); /* one code point */

#endif
