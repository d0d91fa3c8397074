/* matrix - which users interacted with which items, as compressed sparse rows. */
#include "matrix.h"

#include <stdlib.h>

static int
by_number(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

struct met {
	uint32_t item;
	float weight;
};

/* By item, the greatest weight first. */
static int
by_item(const void *a, const void *b)
{
	const struct met *x = a, *y = b;

	if (x->item != y->item)
		return x->item < y->item ? -1 : 1;
	return (x->weight < y->weight) - (x->weight > y->weight);
}

/* A user's interactions but the newest `skip`, each item once. How many. */
static size_t
met_by(const struct wanted_types *t, uint64_t from, uint64_t to, size_t skip,
    struct met *met)
{
	size_t n = 0, kept = 0;

	for (uint64_t i = from; i < to; i++) {
		double weight = wanted_weight(t, i);

		if (weight > 0 && !(skip && skip--))
			met[n++] = (struct met){ t->h->item[i], (float)weight };
	}
	qsort(met, n, sizeof *met, by_item);
	for (size_t i = 0; i < n; i++)
		if (!kept || met[kept - 1].item != met[i].item)
			met[kept++] = met[i];
	return kept;
}

static size_t
longest_history(const struct history *h, size_t n_users)
{
	uint64_t most = 0;

	for (size_t u = 0; u < n_users; u++)
		most = MAX(most, h->offset[u + 1] - h->offset[u]);
	return most;
}

void
matrix_of_history(struct matrix *m, const struct catalog *c, const struct wanted *w,
    const uint32_t *skip)
{
	const struct history *h = &c->history;
	size_t n = 0, n_users = c->users.strings.n;
	struct met *met = xcalloc(longest_history(h, n_users), sizeof *met);
	struct wanted_types t;

	*m = (struct matrix){ n_users, c->items.strings.n,
		xcalloc(n_users + 1, sizeof *m->row),
		xcalloc(h->offset[n_users], sizeof *m->col),
		w->n ? xcalloc(h->offset[n_users], sizeof *m->weight) : NULL };
	wanted_types_init(&t, h, w);
	for (size_t u = 0; u < n_users; u++) {
		size_t k =
		    met_by(&t, h->offset[u], h->offset[u + 1], skip ? skip[u] : 0, met);

		for (size_t i = 0; i < k; i++, n++) {
			m->col[n] = met[i].item;
			if (m->weight)
				m->weight[n] = met[i].weight;
		}
		m->row[u + 1] = n;
	}
	wanted_types_release(&t);
	free(met);
}

void
matrix_transpose(struct matrix *to, const struct matrix *from)
{
	uint64_t n = from->row[from->n_rows], *next;

	*to = (struct matrix){ from->n_cols, from->n_rows,
		xcalloc(from->n_cols + 1, sizeof *to->row), xcalloc(n, sizeof *to->col),
		from->weight ? xcalloc(n, sizeof *to->weight) : NULL };
	for (uint64_t i = 0; i < n; i++)
		to->row[from->col[i] + 1]++;
	for (size_t r = 0; r < to->n_rows; r++)
		to->row[r + 1] += to->row[r];
	next = xcalloc(to->n_rows, sizeof *next);
	for (size_t r = 0; r < to->n_rows; r++)
		next[r] = to->row[r];
	for (size_t r = 0; r < from->n_rows; r++)
		for (uint64_t i = from->row[r]; i < from->row[r + 1]; i++) {
			uint64_t at = next[from->col[i]]++;

			to->col[at] = (uint32_t)r;
			if (to->weight)
				to->weight[at] = from->weight[i];
		}
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
	free(m->weight);
	*m = (struct matrix){ 0 };
}

static int
by_count(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

bool *
matrix_between(const struct matrix *m, double least, double most)
{
	uint64_t *counts = xcalloc(m->n_rows, sizeof *counts), low, high;
	bool *kept = xcalloc(m->n_rows, sizeof *kept);
	size_t n = 0;

	for (size_t r = 0; r < m->n_rows; r++)
		if (m->row[r] < m->row[r + 1])
			counts[n++] = m->row[r + 1] - m->row[r];
	qsort(counts, n, sizeof *counts, by_count);
	low = n ? counts[(size_t)(least * (double)(n - 1))] : 0;
	high = n ? counts[(size_t)(most * (double)(n - 1) + 0.5)] : 0;
	for (size_t r = 0; r < m->n_rows; r++) {
		uint64_t count = m->row[r + 1] - m->row[r];

		kept[r] = count >= low && count <= high;
	}
	free(counts);
	return kept;
}

void
matrix_keep(
    struct matrix *to, const struct matrix *from, const bool *rows, const bool *cols)
{
	uint64_t n = 0, most = from->row[from->n_rows];

	*to = (struct matrix){ from->n_rows, from->n_cols,
		xcalloc(from->n_rows + 1, sizeof *to->row),
		xcalloc(most, sizeof *to->col),
		from->weight ? xcalloc(most, sizeof *to->weight) : NULL };
	for (size_t r = 0; r < from->n_rows; r++) {
		for (uint64_t i = from->row[r]; rows[r] && i < from->row[r + 1]; i++) {
			if (cols && !cols[from->col[i]])
				continue;
			to->col[n] = from->col[i];
			if (to->weight)
				to->weight[n] = from->weight[i];
			n++;
		}
		to->row[r + 1] = n;
	}
}
