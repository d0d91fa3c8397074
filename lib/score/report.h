/*
 * report - metrics with their uncertainty, as JSON or as a table.
 *
 * Intervals are the middle 95 % of bootstrap resamples over inputs (resample.h). Two
 * evaluations of the same truth are compared input by input: the same inputs are drawn
 * for both, and p is the share of random exchanges, input by input, that make at least
 * as great a difference in either direction, the one that was seen counted among them.
 */
#ifndef REPORT_H
#define REPORT_H

#include "eval.h"

#define REPORT_PART 0.95

struct report_options {
	size_t times; /* resamples, 0: no intervals and no p */
	uint64_t seed;
	size_t threads;
};

/* NAN: there is none. */
struct report_line {
	const char *name; /* the evaluation's */
	double value, low, high;
	double other, difference, difference_low, difference_high, p;
};

struct report {
	struct report_options options;
	const struct eval *e, *other; /* other: NULL unless compared */
	struct report_line *lines;
	size_t n;
};

void report_make(struct report *r, const struct eval *e, const struct eval *other,
    const struct report_options *o);
void report_release(struct report *r);
void report_json(const struct report *r, struct buf *out); /* one line with its LF */
void report_table(const struct report *r, struct buf *out);

/* One input's metrics, a JSON line. */
void report_input(const struct eval *e, size_t input, struct buf *out);

#endif
