/*
 * matrix - which users interacted with which items, as compressed sparse rows.
 */
#ifndef MATRIX_H
#define MATRIX_H

#include "catalog.h"

struct matrix {
	size_t n_rows, n_cols;
	uint64_t *row; /* [n_rows + 1]: col[row[r] .. row[r + 1]) */
	uint32_t *col; /* rising within a row, without repeats */
};

/* Which interactions count: the service's eventType and eventValueThreshold. */
struct wanted {
	const char *event_type; /* NULL: all; case ignored */
	bool has_threshold;
	double threshold; /* EVENT_VALUE >= threshold */
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

/* Whether interaction number i of the history counts. */
struct wanted_types {
	const struct history *h;
	bool *type; /* [types + 1], the last for interactions without a type */
	bool has_threshold;
	double threshold;
};

void wanted_init(
    struct wanted_types *t, const struct history *h, const struct wanted *w);
bool wanted_counts(const struct wanted_types *t, uint64_t i);
void wanted_release(struct wanted_types *t);

#endif
