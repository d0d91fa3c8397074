/* matrix - which users interacted with which items, as compressed sparse rows. */
#include "matrix.h"

#include <stdlib.h>

static int
by_number(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static size_t
sort_unique(uint32_t *x, size_t n)
{
	size_t kept = 0;

	qsort(x, n, sizeof *x, by_number);
	for (size_t i = 0; i < n; i++)
		if (!kept || x[kept - 1] != x[i])
			x[kept++] = x[i];
	return kept;
}

void
matrix_of_history(struct matrix *m, const struct catalog *c, const struct wanted *w,
    const uint32_t *skip)
{
	const struct history *h = &c->history;
	struct wanted_types t;
	size_t n = 0, n_users = c->users.strings.n;

	*m = (struct matrix){ n_users, c->items.strings.n,
		xcalloc(n_users + 1, sizeof *m->row),
		xcalloc(h->offset[n_users], sizeof *m->col) };
	wanted_init(&t, h, w);
	for (size_t u = 0; u < n_users; u++) {
		size_t left_out = skip ? skip[u] : 0, from = n;

		for (uint64_t i = h->offset[u]; i < h->offset[u + 1]; i++) {
			if (!wanted_counts(&t, i))
				continue;
			if (left_out)
				left_out--;
			else
				m->col[n++] = h->item[i];
		}
		n = from + sort_unique(m->col + from, n - from);
		m->row[u + 1] = n;
	}
	wanted_release(&t);
}

void
matrix_transpose(struct matrix *to, const struct matrix *from)
{
	uint64_t n = from->row[from->n_rows], *next;

	*to = (struct matrix){ from->n_cols, from->n_rows,
		xcalloc(from->n_cols + 1, sizeof *to->row),
		xcalloc(n, sizeof *to->col) };
	for (uint64_t i = 0; i < n; i++)
		to->row[from->col[i] + 1]++;
	for (size_t r = 0; r < to->n_rows; r++)
		to->row[r + 1] += to->row[r];
	next = xcalloc(to->n_rows, sizeof *next);
	for (size_t r = 0; r < to->n_rows; r++)
		next[r] = to->row[r];
	for (size_t r = 0; r < from->n_rows; r++)
		for (uint64_t i = from->row[r]; i < from->row[r + 1]; i++)
			to->col[next[from->col[i]]++] = (uint32_t)r;
	free(next);
}

bool
matrix_has(const struct matrix *m, size_t row, uint32_t col)
{
	return bsearch(&col, m->col + m->row[row], m->row[row + 1] - m->row[row],
		   sizeof col, by_number) != NULL;
}

void
matrix_release(struct matrix *m)
{
	free(m->row);
	free(m->col);
	*m = (struct matrix){ 0 };
}
