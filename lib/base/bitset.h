/*
 * bitset - sets of small numbers as 64-bit words.
 *
 * A set over n numbers has bitset_words(n) words; bits at and above n are zero,
 * and every function here keeps it so.
 */
#ifndef BITSET_H
#define BITSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "util.h"

static inline size_t
bitset_words(size_t n)
{
	return n / 64 + (n % 64 != 0);
}

static inline uint64_t *
bitset_new(size_t n) /* empty; free() */
{
	return xcalloc(bitset_words(n), sizeof(uint64_t));
}

static inline bool
bitset_has(const uint64_t *set, size_t i)
{
	return set[i / 64] >> i % 64 & 1;
}

static inline void
bitset_add(uint64_t *set, size_t i)
{
	set[i / 64] |= UINT64_C(1) << i % 64;
}

static inline void
bitset_remove(uint64_t *set, size_t i)
{
	set[i / 64] &= ~(UINT64_C(1) << i % 64);
}

static inline void
bitset_clear(uint64_t *set, size_t n)
{
	memset(set, 0, bitset_words(n) * sizeof *set);
}

/* Takes out what a complement put at and above n. */
static inline void
bitset_trim(uint64_t *set, size_t n)
{
	if (n % 64)
		set[n / 64] &= (UINT64_C(1) << n % 64) - 1;
}

static inline void
bitset_fill(uint64_t *set, size_t n)
{
	memset(set, 0xff, bitset_words(n) * sizeof *set);
	bitset_trim(set, n);
}

static inline void
bitset_copy(uint64_t *set, const uint64_t *from, size_t n)
{
	memcpy(set, from, bitset_words(n) * sizeof *set);
}

static inline void
bitset_flip(uint64_t *set, size_t n)
{
	for (size_t i = 0; i < bitset_words(n); i++)
		set[i] = ~set[i];
	bitset_trim(set, n);
}

static inline void
bitset_and(uint64_t *set, const uint64_t *with, size_t n)
{
	for (size_t i = 0; i < bitset_words(n); i++)
		set[i] &= with[i];
}

static inline void
bitset_or(uint64_t *set, const uint64_t *with, size_t n)
{
	for (size_t i = 0; i < bitset_words(n); i++)
		set[i] |= with[i];
}

static inline void
bitset_and_not(uint64_t *set, const uint64_t *without, size_t n)
{
	for (size_t i = 0; i < bitset_words(n); i++)
		set[i] &= ~without[i];
}

/* How many of the numbers below n are in the set. */
static inline size_t
bitset_count(const uint64_t *set, size_t n)
{
	size_t count = 0;

	for (size_t i = 0; i < n / 64; i++)
		count += (size_t)__builtin_popcountll(set[i]);
	if (n % 64)
		count += (size_t)__builtin_popcountll(
		    set[n / 64] & ((UINT64_C(1) << n % 64) - 1));
	return count;
}

#endif
