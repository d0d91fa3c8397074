/*
 * factor_file - factors of users or items that were trained elsewhere.
 *
 * Two forms. A line of JSON a row, as Spark's ALS writes userFactors and itemFactors:
 *
 *	{"id": 17, "features": [0.25, -1.5]}
 *
 * where id, or userId or itemId, is a string, or a whole number that stands for its
 * digits. And NumPy's arrays, for files whose names end in .npy, .npy.gz or .npy.zst:
 * float32 or float64, little-endian, in C order, [rows][dim].
 *
 * A file of IDs, one a line, says whose the rows of an array are, and what numbers in
 * JSON lines stand for, from 0; without it an array has a row for every ID that is
 * known, in their order.
 */
#ifndef FACTOR_FILE_H
#define FACTOR_FILE_H

#include "catalog.h"

enum { FACTOR_MOST = 8192 }; /* numbers a row */

struct factor_source {
	const char *path; /* a file, or a folder of them; NULL: there are none */
	const char *ids;  /* NULL: as said above */
	const char *what; /* "user" or "item" */
};

struct factor_rows {
	const struct ids *known;
	size_t dim;
	float *rows; /* [known->strings.n][dim], zeros where nothing is given */
	bool *given; /* [known->strings.n] */
	size_t n;    /* rows that are given */
	size_t left; /* rows whose ID is not known */
};

/* -1 and *why (to be freed), which says file and line; to be released either way. */
int factor_rows_read(struct factor_rows *f, const struct factor_source *from,
    const struct ids *known, char **why);
void factor_rows_release(struct factor_rows *f);

/*
 * For those who read a form: a row of dim numbers of an ID. Once at least, dim being
 * the same. NULL, or what is wrong (static): it is there already, or not finite.
 */
const char *factor_rows_add(
    struct factor_rows *f, struct span id, const float *x, size_t dim);

/* IDs of a file, [n]. */
struct factor_ids {
	struct buf bytes;
	size_t n, cap;
	size_t *offset; /* [n + 1] into bytes */
};

extern const char factor_too_many[];

int factor_npy_read(struct factor_rows *f, const struct factor_source *from,
    const char *path, const struct factor_ids *ids, char **why);

#endif
