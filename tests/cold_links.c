/* cold_links - what an item without interactions gets is what plain sums say. */
#include "cold_links.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "metadata.h"
#include "prune.h"
#include "random.h"

enum { ITEMS = 450, VALUES = 9, MOST = 15 };

/* A categorical column; every tenth item has no value. */
static void
random_table(struct table *t, struct column *c)
{
	uint64_t *offset = xcalloc(ITEMS + 1, sizeof *offset);
	uint32_t *code = xcalloc(2 * ITEMS, sizeof *code);

	for (size_t i = 0; i < ITEMS; i++) {
		offset[i + 1] = offset[i];
		for (uint32_t v = 0; i % 10 && v < VALUES; v++)
			if (offset[i + 1] < offset[i] + 2 && one_in(4))
				code[offset[i + 1]++] = v;
	}
	*c = (struct column){
		.name = (char[]){ "GENRE" },
		.type = COLUMN_STRING,
		.categorical = true,
		.offset = offset,
		.code = code,
		.values = { .n = VALUES },
	};
	*t = (struct table){ .n_rows = ITEMS, .n_columns = 1, .columns = c };
}

/* Links of either sign among n items, and the same as a dense matrix. */
static void
random_links(struct links *l, double *dense, const uint32_t *scored, size_t n)
{
	struct prune *kept = prune_new(n, n, 1);
	float *rows = xcalloc(n * n, sizeof *rows);

	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < n; j++)
			if (i != j && one_in(3)) {
				rows[i * n + j] = (float)random_below(1000) / 500 - 1;
				dense[scored[i] * ITEMS + scored[j]] =
				    (double)rows[i * n + j];
			}
	prune_rows(kept, 0, n, rows, n);
	prune_links(kept, l);
	free(rows);
}

/* The likeness of items a and b. */
static double
likeness(const struct metadata *m, size_t a, size_t b)
{
	double with[32] = { 0 }, dot = 0, x = 0, y = 0;

	for (uint64_t k = 0; k < m->row[m->n_rows]; k++)
		with[m->col[k]]++;
	for (uint64_t i = m->row[a]; i < m->row[a + 1]; i++) {
		double idf = log(ITEMS / with[m->col[i]]) * (double)m->value[i];

		x += idf * idf;
		for (uint64_t j = m->row[b]; j < m->row[b + 1]; j++)
			if (m->col[i] == m->col[j])
				dot += idf * log(ITEMS / with[m->col[j]]) *
				       (double)m->value[j];
	}
	for (uint64_t j = m->row[b]; j < m->row[b + 1]; j++) {
		double idf = log(ITEMS / with[m->col[j]]) * (double)m->value[j];

		y += idf * idf;
	}
	return dot > 0 ? dot / sqrt(x * y) : 0;
}

struct like {
	double s;
	size_t item;
};

static int
most_alike(const void *a, const void *b)
{
	const struct like *x = a, *y = b;

	/* What rounding may tell apart is the same. */
	if (fabs(x->s - y->s) > 1e-5)
		return x->s < y->s ? 1 : -1;
	return x->item < y->item ? -1 : 1;
}

/* Row and column of item j by the formula, all of them; whether it is like any. */
static bool
expect(double *row, double *col, const double *dense, const struct metadata *m,
    const uint32_t *scored, size_t n, size_t j)
{
	struct like like[ITEMS];
	double total = 0;

	memset(row, 0, ITEMS * sizeof *row);
	memset(col, 0, ITEMS * sizeof *col);
	for (size_t k = 0; k < n; k++)
		like[k] = (struct like){ likeness(m, j, scored[k]), scored[k] };
	qsort(like, n, sizeof *like, most_alike);
	for (size_t k = 0; k < COLD_LIKE && k < n; k++)
		total += like[k].s;
	for (size_t k = 0; k < COLD_LIKE && k < n && like[k].s > 0; k++)
		for (size_t i = 0; i < ITEMS; i++) {
			double s = like[k].s / total;

			row[i] += s * dense[like[k].item * ITEMS + i];
			col[i] += s * dense[i * ITEMS + like[k].item];
		}
	return total > 0;
}

/* How many in x[ITEMS] are greater in size, beyond rounding. */
static size_t
greater(const double *x, double than)
{
	size_t n = 0;

	for (size_t i = 0; i < ITEMS; i++)
		n += fabs(x[i]) > fabs(than) + 1e-5;
	return n;
}

/* Kept if among the greatest, and right. */
static bool
right(double is, const double *all, size_t at)
{
	if (is == 0)
		return fabs(all[at]) < 1e-6 || greater(all, all[at]) + 1 >= MOST;
	return fabs(is - all[at]) < 1e-5 && greater(all, is) < MOST;
}

static void
cold_items_get_means(size_t threads)
{
	static double dense[ITEMS * ITEMS], is[ITEMS * ITEMS];
	double row[ITEMS], col[ITEMS];
	uint32_t *scored = xcalloc(ITEMS, sizeof *scored), *old;
	size_t n = 0, n_old, n_cold = 0;
	struct column column;
	struct table t;
	struct metadata m;
	struct links l;
	bool kept = true, means = true, rising = true, found[ITEMS] = { false };

	memset(dense, 0, sizeof dense);
	memset(is, 0, sizeof is);
	random_table(&t, &column);
	for (uint32_t i = 0; i < ITEMS; i++) {
		if (i % 3)
			scored[n++] = i;
	}
	random_links(&l, dense, scored, n);
	metadata_of(&m, &t);
	old = memcpy(xcalloc(n, sizeof *old), scored, n * sizeof *old);
	n_old = n;
	cold_links(&l, &scored, &n, &t, MOST, threads);
	for (size_t i = 0; i < n; i++) {
		found[scored[i]] = true;
		rising = rising && (!i || scored[i - 1] < scored[i]);
		for (uint64_t k = l.row[i]; k < l.row[i + 1]; k++) {
			is[scored[i] * ITEMS + scored[l.at[k]]] = (double)l.weight[k];
			rising = rising && (k == l.row[i] || l.at[k - 1] < l.at[k]);
		}
	}
	for (size_t j = 0; j < ITEMS; j++) {
		if (j % 3) {
			for (size_t i = 0; i < ITEMS; i++)
				kept = kept && (i % 3 == 0 || is[i * ITEMS + j] ==
								  dense[i * ITEMS + j]);
			continue;
		}
		means = means && found[j] == expect(row, col, dense, &m, old, n_old, j);
		n_cold += found[j];
		for (size_t i = 0; found[j] && i < ITEMS; i++)
			means = means && right(is[j * ITEMS + i], row, i) &&
				right(is[i * ITEMS + j], col, i);
	}
	CHECK(kept);
	CHECK(means);
	CHECK(rising);
	CHECK(n_cold > 20 && n == n_old + n_cold);
	links_release(&l);
	metadata_release(&m);
	free(scored);
	free(old);
	free((void *)column.offset);
	free((void *)column.code);
}

int
main(void)
{
	cold_items_get_means(1);
	cold_items_get_means(3);
	return check_end();
}
