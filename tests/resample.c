/* resample - against what chance does when every case is counted. */
#include "resample.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "random.h"
#include "util.h"

enum { ROWS = 9, TIMES = 4000 };

static void
threads_do_not_matter(void)
{
	double rows[50][3], *a = xcalloc(300, sizeof *a), *b = xcalloc(300, sizeof *b);
	struct resample r = { &rows[0][0], 50, 3, 100, 7, 1 };

	for (size_t i = 0; i < 150; i++)
		(&rows[0][0])[i] = (double)random_below(1000) / 7;
	resample_bootstrap(&r, a);
	r.threads = 3;
	resample_bootstrap(&r, b);
	CHECK(!memcmp(a, b, 300 * sizeof *a));
	resample_coins(&r, a);
	r.threads = 1;
	resample_coins(&r, b);
	CHECK(!memcmp(a, b, 300 * sizeof *a));
	r.seed = 8;
	resample_coins(&r, b);
	CHECK(memcmp(a, b, 300 * sizeof *a) != 0);
	free(a);
	free(b);
}

/* Of n draws with replacement a sum has n times the mean and variance of a row. */
static void
bootstrap_has_the_moments_of_drawing_with_replacement(void)
{
	double rows[ROWS][2], *sums = xcalloc(2 * TIMES, sizeof *sums);
	double mean = 0, square = 0, drawn = 0, spread = 0, variance;
	struct resample r = { &rows[0][0], ROWS, 2, TIMES, 1, 2 };
	bool all = true;

	for (size_t i = 0; i < ROWS; i++) {
		rows[i][0] = 1;
		rows[i][1] = (double)(i * i % 7);
		mean += rows[i][1] / ROWS;
		square += rows[i][1] * rows[i][1] / ROWS;
	}
	resample_bootstrap(&r, sums);
	for (size_t t = 0; t < TIMES; t++) {
		all = all && sums[2 * t] == ROWS;
		drawn += sums[2 * t + 1] / TIMES;
		spread += pow(sums[2 * t + 1] - ROWS * mean, 2) / TIMES;
	}
	variance = ROWS * (square - mean * mean);
	CHECK(all);
	CHECK(fabs(drawn - ROWS * mean) < 5 * sqrt(variance / TIMES));
	CHECK(fabs(spread / variance - 1) < 0.1);
	free(sums);
}

/* Each of the 2^n ways to choose rows comes equally often. */
static void
coins_choose_every_set_of_rows(void)
{
	double rows[ROWS], *sums = xcalloc(TIMES * 16, sizeof *sums);
	struct resample r = { rows, ROWS, 1, TIMES * 16, 3, 2 };
	size_t count[1 << ROWS] = { 0 };
	double expected = (double)r.times / (1 << ROWS), chi = 0;

	for (size_t i = 0; i < ROWS; i++)
		rows[i] = 1 << i;
	resample_coins(&r, sums);
	for (size_t t = 0; t < r.times; t++)
		count[(size_t)sums[t]]++;
	for (size_t i = 0; i < LENGTH(count); i++)
		chi += pow((double)count[i] - expected, 2) / expected;
	/* 511 degrees of freedom: 511 +- 5 * 32 */
	CHECK(chi > 351 && chi < 671);
	free(sums);
}

static void
intervals_are_the_middle_of_the_values(void)
{
	double values[101], low, high;

	for (size_t i = 0; i < 101; i++)
		values[i] = (double)((i * 37) % 101);
	resample_interval(values, 101, 0.95, &low, &high);
	CHECK(fabs(low - 2.5) < 1e-9 && fabs(high - 97.5) < 1e-9);
	resample_interval(values, 1, 0.95, &low, &high);
	CHECK(low == 0 && high == 0);
	resample_interval(values, 0, 0.95, &low, &high);
	CHECK(isnan(low) && isnan(high));
}

int
main(void)
{
	threads_do_not_matter();
	bootstrap_has_the_moments_of_drawing_with_replacement();
	coins_choose_every_set_of_rows();
	intervals_are_the_middle_of_the_values();
	return check_end();
}
