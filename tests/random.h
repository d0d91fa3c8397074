/*
 * random - the same pseudorandom numbers everywhere (splitmix64), for tests.
 *
 * A fuzz target gives its input first: a byte of it decides as long as there is one.
 */
#ifndef RANDOM_H
#define RANDOM_H

#include <stddef.h>
#include <stdint.h>

#include "splitmix.h"

static uint64_t random_state = 1;
static const uint8_t *random_input;
static size_t random_input_left;

static inline uint64_t
random_bits(void)
{
	if (random_input_left) {
		random_input_left--;
		return *random_input++;
	}
	uint64_t bits = splitmix(random_state);

	random_state += 0x9e3779b97f4a7c15;
	return bits;
}

static inline uint64_t
random_below(uint64_t n)
{
	return random_bits() % n;
}

static inline int
one_in(uint64_t n)
{
	return !random_below(n);
}

#endif
