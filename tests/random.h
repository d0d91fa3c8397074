/* random - the same pseudorandom numbers everywhere (splitmix64), for tests. */
#ifndef RANDOM_H
#define RANDOM_H

#include <stdint.h>

static uint64_t random_state = 1;

static inline uint64_t
random_bits(void)
{
	uint64_t x = random_state += 0x9e3779b97f4a7c15;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return x ^ x >> 31;
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
