/*
 * number - print doubles as the service does.
 *
 * Scores are rounded to 7 decimals and printed in the form of Java's
 * Double.toString (Java SE API, class Double): decimal from 0.001 up to 10^7,
 * else computerised scientific notation, always with a digit behind the point.
 */
#ifndef NUMBER_H
#define NUMBER_H

#include <stddef.h>

enum { NUMBER_SIZE = 32 }; /* room for any number and a NUL */

/*
 * Round to 7 decimals (value * 10^7, halves to even) and print; null unless finite.
 * Values beyond 9e8, which hold no more than 7 decimals, are printed in full.
 * The length.
 */
size_t number_score(char out[NUMBER_SIZE], double value);

/* The shortest decimal that reads back as value, as JSON; null unless finite. */
size_t number_json(char out[NUMBER_SIZE], double value);

#endif
