/*
 * splitmix - random bits that are the same everywhere and need no state.
 *
 * The output function of splitmix64 (Steele, Lea, Flood 2014, "Fast splittable
 * pseudorandom number generators", figure 14, with the constants of its published
 * code): a bijection of 64 bits that a counter goes through.
 */
#ifndef SPLITMIX_H
#define SPLITMIX_H

#include <stdint.h>

static inline uint64_t
splitmix(uint64_t counter)
{
	uint64_t x = counter + 0x9e3779b97f4a7c15;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return x ^ x >> 31;
}

/* The bits at a place of the sequence that a seed starts. */
static inline uint64_t
splitmix_at(uint64_t seed, uint64_t place)
{
	return splitmix(splitmix(seed) + place);
}

#endif
