/*
 * matrix - which users interacted with which items, as compressed sparse rows.
 */
#ifndef MATRIX_H
#define MATRIX_H

#include "wanted.h"

struct matrix {
	size_t n_rows, n_cols;
	uint64_t *row; /* [n_rows + 1]: col[row[r] .. row[r + 1]) */
	uint32_t *col; /* rising within a row, without repeats */
	float *weight; /* how much each counts, the most of its interactions; NULL: 1 */
};

/*
 * Users x items. The newest skip[u] counting interactions of user u are left out;
 * skip may be NULL.
 */
void matrix_of_history(struct matrix *m, const struct catalog *c,
    const struct wanted *w, const uint32_t *skip);
void matrix_transpose(struct matrix *to, const struct matrix *from);
void matrix_release(struct matrix *m);
bool matrix_has(const struct matrix *m, size_t row, uint32_t col);

/*
 * The rows [n_rows] whose counts lie between two percentiles (0..1) of the counts above
 * 0; to be freed.
 */
bool *matrix_between(const struct matrix *m, double least, double most);
/* A matrix without some of its rows and columns (NULL: all), numbered as before. */
void matrix_keep(
    struct matrix *to, const struct matrix *from, const bool *rows, const bool *cols);

#endif
