/* bins - calibration errors against trials that are counted one by one. */
#include "bins.h"

#include <math.h>
#include <stdlib.h>

#include "check.h"
#include "random.h"
#include "util.h"

enum { MANY = 2000 }; /* trials, a multiple of the bins */

struct trial {
	double score, hit;
};

static int
highest_first(const void *a, const void *b)
{
	const struct trial *x = a, *y = b;

	return (x->score < y->score) - (x->score > y->score);
}

/* Trials of different scores: bins hold whole ones. */
static double
by_trials_slowly(struct trial *x, size_t n)
{
	double error = 0;

	qsort(x, n, sizeof *x, highest_first);
	for (size_t b = 0; b < BINS; b++) {
		double score = 0, hits = 0, size = (double)n / BINS;

		for (size_t i = b * n / BINS; i < (b + 1) * n / BINS; i++) {
			score += x[i].score;
			hits += x[i].hit;
		}
		error += size / (double)n * fabs(score / size - hits / size);
	}
	return error;
}

static void
equal_numbers_equal_a_count_one_by_one(void)
{
	struct trial x[MANY];
	struct bins b = { 0 };
	double slow, fast;

	for (size_t i = 0; i < MANY; i++) {
		x[i].score = (double)(i + 1) / (2 * MANY) +
			     (double)random_below(1000) / (1e4 * MANY);
		x[i].hit = one_in(5);
	}
	for (size_t i = 0; i < MANY; i++)
		bins_add(&b, x[i].score, 1, x[i].hit);
	fast = bins_by_trials(&b);
	slow = by_trials_slowly(x, MANY);
	CHECK(slow > 0.01 && fabs(fast - slow) < 1e-12);
	bins_release(&b);
}

/* 1000 trials of each score, cut in thin slices and put into bins by their mass. */
static void
equal_sums_equal_slices(void)
{
	enum { SCORES = 30, SLICES = 3000 };
	double predicted[BINS] = { 0 }, hits[BINS] = { 0 }, total = 0, mass = 0;
	double slow = 0, fast;
	struct trial x[SCORES];
	struct bins b = { 0 };

	for (size_t i = 0; i < SCORES; i++) {
		x[i] = (struct trial){ (double)(SCORES - i) / 100,
			(double)random_below(400) };
		bins_add(&b, x[i].score, 1000, x[i].hit);
		total += 1000 * x[i].score;
	}
	for (size_t i = 0; i < SCORES; i++)
		for (size_t s = 0; s < SLICES; s++) {
			double slice = 1000 * x[i].score / SLICES;
			size_t bin = (size_t)((mass + slice / 2) / total * BINS);

			predicted[bin] += slice;
			hits[bin] += x[i].hit / SLICES;
			mass += slice;
		}
	for (size_t i = 0; i < BINS; i++)
		slow += fabs(predicted[i] - hits[i]);
	fast = bins_by_score(&b, 5000);
	CHECK(slow > 100 && fabs(fast - slow / 5000) < 1e-3);
	bins_release(&b);
}

static void
order_of_arrival_does_not_matter(void)
{
	struct bins a = { 0 }, b = { 0 };

	for (int i = 0; i < 20000; i++) {
		bins_add(&a, (i * 7 % 100) / 100.0, 1 + i % 3, i * 7 % 11 == 0);
		bins_add(&b, ((19999 - i) * 7 % 100) / 100.0, 1 + (19999 - i) % 3,
		    (19999 - i) * 7 % 11 == 0);
	}
	CHECK(bins_by_trials(&a) > 0 && bins_by_trials(&a) == bins_by_trials(&b));
	CHECK(bins_by_score(&a, 9) == bins_by_score(&b, 9));
	bins_release(&a);
	bins_release(&b);
}

static void
scores_that_are_right_have_no_error(void)
{
	struct bins b = { 0 };

	for (int i = 1; i <= 50; i++)
		bins_add(&b, i / 100.0, 100, i);
	CHECK(bins_by_trials(&b) < 1e-12 && bins_by_score(&b, 100) < 1e-12);
	bins_release(&b);
}

static void
nothing_has_no_error(void)
{
	struct bins b = { 0 };

	CHECK(bins_by_trials(&b) == 0 && bins_by_score(&b, 0) == 0);
	bins_add(&b, 0, 10, 0);
	CHECK(bins_by_trials(&b) == 0 && bins_by_score(&b, 10) == 0);
	bins_release(&b);
}

int
main(void)
{
	equal_numbers_equal_a_count_one_by_one();
	equal_sums_equal_slices();
	order_of_arrival_does_not_matter();
	scores_that_are_right_have_no_error();
	nothing_has_no_error();
	return check_end();
}
