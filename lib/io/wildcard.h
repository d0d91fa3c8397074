/*
 * wildcard - names by a pattern: * any text, ? any character, [a-z] and [!a-z] one of.
 *
 * As S3 tools have it: '*' does not stop at '/'. There is no escape but [*].
 */
#ifndef WILDCARD_H
#define WILDCARD_H

#include <stdbool.h>
#include <stddef.h>

size_t wildcard_fixed(const char *pattern); /* bytes before the first wildcard */
bool wildcard_match(const char *pattern, const char *text);

#endif
