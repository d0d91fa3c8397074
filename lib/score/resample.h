/*
 * resample - how far a figure would move with other users.
 *
 * Rows are users, columns what their metrics are sums of. What is drawn depends on the
 * seed and the number of the resample alone, not on the threads.
 */
#ifndef RESAMPLE_H
#define RESAMPLE_H

#include <stddef.h>
#include <stdint.h>

struct resample {
	const double *rows; /* [n][columns] */
	size_t n, columns;
	size_t times; /* how many resamples */
	uint64_t seed;
	size_t threads;
};

/*
 * sums [times][columns] of n rows drawn with replacement: the bootstrap (Efron 1979,
 * "Bootstrap methods: another look at the jackknife").
 */
void resample_bootstrap(const struct resample *r, double *sums);

/*
 * sums [times][columns] of the rows that a fair coin chose: what random exchange of
 * two systems, row by row, adds to one and takes from the other (Fisher 1935;
 * Smucker, Allan, Carterette 2007, section 3.2).
 */
void resample_coins(const struct resample *r, double *sums);

/*
 * Between which two of values [n] (which get sorted) the middle `part` of them lies:
 * linear between the nearest two, at (n - 1) (1 -+ part) / 2.
 */
void resample_interval(
    double *values, size_t n, double part, double *low, double *high);

#endif
