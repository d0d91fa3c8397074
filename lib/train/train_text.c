/*
 * train_text - items as the weighted terms of their texts.
 *
 * For term t, tf times in the text of item i and in df of the N texts,
 *
 *	x_it = (1 + log tf) log(N / df)
 *
 * (sublinear tf-idf: Manning, Raghavan, Schuetze 2008, sections 6.2 and 6.4.1), once
 * for words and once for runs of GRAM characters, which find words of the same stem
 * and spelling (Damashek 1995, "Gauging similarity with n-grams"). With g =
 * ngram_weight
 *
 *	v_i = ( sqrt(1 - g) words_i / |words_i| ,  sqrt(g) runs_i / |runs_i| )
 *
 * so that v_i . v_j is the mean of two cosines. Terms of one text alone count in its
 * length, but are not kept: nothing else has them. The texts are those of the textual
 * columns.
 */
#include <math.h>
#include <stdlib.h>

#include "terms.h"
#include "training.h"

enum { GRAM = 3 };

/* Terms of one kind by rows, numbered by arrival. */
struct kind {
	struct matrix m; /* rows' columns in order of the text; weights */
	size_t cap;
};

/* The text of a row in a column. A null is empty. */
static struct span
text_of(const struct column *c, size_t row)
{
	if (c->offset[row] == c->offset[row + 1])
		return (struct span){ "", 0 };
	return strings_get(&c->values, c->code[c->offset[row]]);
}

/* All the row's text, in columns that training looks at. */
static void
join_texts(struct buf *text, const struct table *t, size_t row)
{
	buf_clear(text);
	for (size_t i = 0; i < t->n_columns; i++) {
		const struct column *c = &t->columns[i];
		struct span part;

		if (!c->textual || c->excluded)
			continue;
		part = text_of(c, row);
		buf_add(text, part.data, part.len);
		buf_addc(text, '\n');
	}
}

static void
count_terms(struct kind *k, const struct table *t, size_t gram)
{
	struct terms *terms = terms_new();
	struct buf text = { 0 };
	const struct term *found;
	struct matrix *m = &k->m;
	size_t at = 0;

	m->n_rows = t->n_rows;
	m->row = xcalloc(t->n_rows + 1, sizeof *m->row);
	for (size_t r = 0; r < t->n_rows; r++) {
		struct span all;
		size_t n;

		join_texts(&text, t, r);
		all = (struct span){ text.data, text.len };
		n = gram ? terms_grams_of(terms, all, gram, &found)
			 : terms_of(terms, all, &found);
		if (at + n > k->cap) {
			k->cap = 2 * (at + n);
			m->col = xrealloc(m->col, k->cap, sizeof *m->col);
			m->weight = xrealloc(m->weight, k->cap, sizeof *m->weight);
		}
		for (size_t i = 0; i < n; i++, at++) {
			m->col[at] = found[i].number;
			m->weight[at] = (float)(1 + log((double)found[i].times));
		}
		m->row[r + 1] = at;
	}
	m->n_cols = terms_count(terms);
	terms_free(terms);
	buf_release(&text);
}

/* Rows with each term. */
static uint32_t *
count_rows(const struct matrix *m)
{
	uint32_t *rows_with = xcalloc(m->n_cols, sizeof *rows_with);

	for (uint64_t i = 0; i < m->row[m->n_rows]; i++)
		rows_with[m->col[i]]++;
	return rows_with;
}

static size_t
count_texts(const struct matrix *m)
{
	size_t n = 0;

	for (size_t r = 0; r < m->n_rows; r++)
		n += m->row[r + 1] > m->row[r];
	return n;
}

/*
 * Rows of a length, then without terms of one row and of all: weights are idf's.
 * Returns how many terms are kept; they get new numbers in their old order.
 */
static size_t
weigh(struct matrix *m, double length)
{
	uint32_t *rows_with = count_rows(m), *number;
	double texts = (double)count_texts(m), *idf;
	uint64_t kept = 0, from = 0;
	size_t n = 0;

	idf = xcalloc(m->n_cols, sizeof *idf);
	number = xcalloc(m->n_cols, sizeof *number);
	for (size_t t = 0; t < m->n_cols; t++) {
		idf[t] = log(texts / (double)rows_with[t]);
		number[t] = rows_with[t] > 1 && idf[t] > 0 ? (uint32_t)n++ : NONE;
	}
	for (size_t r = 0; r < m->n_rows; r++) {
		uint64_t to = m->row[r + 1];
		double sum = 0;

		for (uint64_t i = from; i < to; i++)
			sum += pow((double)m->weight[i] * idf[m->col[i]], 2);
		for (uint64_t i = from; i < to; i++) {
			uint32_t t = m->col[i];
			double x = (double)m->weight[i] * idf[t] * length / sqrt(sum);

			if (number[t] == NONE || !((float)x > 0))
				continue;
			m->col[kept] = number[t];
			m->weight[kept++] = (float)fmin(x, 1);
		}
		from = to;
		m->row[r + 1] = kept;
	}
	m->n_cols = n;
	free(rows_with);
	free(idf);
	free(number);
	return n;
}

struct entry {
	uint32_t col;
	float weight;
};

static int
by_col(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return (x->col > y->col) - (x->col < y->col);
}

static size_t
take_row(const struct matrix *m, size_t r, uint32_t first, struct entry *to)
{
	size_t n = row_count(m, r);

	for (size_t i = 0; i < n; i++)
		to[i] = (struct entry){ first + m->col[m->row[r] + i],
			m->weight[m->row[r] + i] };
	return n;
}

/* The rows of one beside those of the other, terms rising. */
static void
put_beside(struct matrix *to, const struct matrix *a, const struct matrix *b)
{
	uint64_t n = a->row[a->n_rows] + b->row[b->n_rows], at = 0;
	struct entry *row = xcalloc(a->n_cols + b->n_cols, sizeof *row);

	*to = (struct matrix){ a->n_rows, a->n_cols + b->n_cols,
		xcalloc(a->n_rows + 1, sizeof *to->row), xcalloc(n, sizeof *to->col),
		xcalloc(n, sizeof *to->weight) };
	for (size_t r = 0; r < a->n_rows; r++) {
		size_t k = take_row(a, r, 0, row);

		k += take_row(b, r, (uint32_t)a->n_cols, row + k);
		qsort(row, k, sizeof *row, by_col);
		for (size_t i = 0; i < k; i++, at++) {
			to->col[at] = row[i].col;
			to->weight[at] = row[i].weight;
		}
		to->row[r + 1] = at;
	}
	free(row);
}

static bool
has_text(const struct table *t)
{
	for (size_t i = 0; i < t->n_columns; i++)
		if (t->columns[i].textual && !t->columns[i].excluded)
			return true;
	return false;
}

static void
keep(struct model *m, struct matrix *items)
{
	struct matrix terms;
	struct catalog *c = &m->catalog;

	matrix_transpose(&terms, items);
	m->texts = (struct texts){
		items->n_rows,
		items->n_cols,
		catalog_own(c, items->row),
		catalog_own(c, items->col),
		catalog_own(c, items->weight),
		catalog_own(c, terms.row),
		catalog_own(c, terms.col),
		catalog_own(c, terms.weight),
	};
}

int
train_text(struct model *m, const struct training *t, struct buf *meta, char **why)
{
	const struct table *table = &m->catalog.item_table;
	double grams = training_hyper(t, "ngram_weight");
	struct kind words = { 0 }, runs = { 0 };
	struct matrix items;

	if (!has_text(table)) {
		*why = xstrdup("the items have no textual column to learn from: their "
			       "schema says which is, with \"textual\": true");
		return -1;
	}
	count_terms(&words, table, 0);
	count_terms(&runs, table, GRAM);
	buf_addf(meta, ",\"texts\":%zu", count_texts(&words.m));
	buf_addf(meta, ",\"words\":%zu", weigh(&words.m, sqrt(1 - grams)));
	buf_addf(meta, ",\"ngrams\":%zu", weigh(&runs.m, sqrt(grams)));
	put_beside(&items, &words.m, &runs.m);
	keep(m, &items);
	matrix_release(&words.m);
	matrix_release(&runs.m);
	return 0;
}
