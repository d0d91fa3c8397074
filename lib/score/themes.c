/* themes - what a list of items has in common, in a few words. */
#include "themes.h"

#include <math.h>
#include <stdlib.h>

struct themes {
	struct traits traits;
	double *length; /* [n_rows] of an item's vector before it is made 1 */
	double *mean;   /* [n] of all items' vectors, by trait */
};

struct chosen {
	uint32_t trait;
	double apart;  /* G */
	double weight; /* in t */
};

struct theme {
	const struct themes *all;
	uint32_t *times; /* [n] of each trait in the list; 0 between calls */
	uint32_t *found; /* [n] traits of the list */
	size_t n_found;
	struct chosen chosen[THEME_TRAITS];
	size_t n_chosen;
};

/* log(N / K) */
static double
idf(const struct themes *t, uint32_t trait)
{
	return log(
	    (double)t->traits.table->n_rows / (double)t->traits.items_with[trait]);
}

/* x_i at one of the item's traits. */
static double
value_of(const struct themes *t, size_t item, uint32_t trait)
{
	return t->length[item] > 0 ? idf(t, trait) / t->length[item] : 0;
}

struct themes *
themes_new(const struct table *items, const char *column, char **why)
{
	const struct column *name = table_column(items, span_of(column));
	struct themes *t;

	if (!name || name->type != COLUMN_STRING) {
		*why = xasprintf("%s is not a column of the items with strings, which "
				 "could be their names",
		    column);
		return NULL;
	}
	t = xcalloc(1, sizeof *t);
	traits_of(&t->traits, items, name);
	t->length = xcalloc(items->n_rows, sizeof *t->length);
	t->mean = xcalloc(t->traits.n, sizeof *t->mean);
	for (size_t i = 0; i < items->n_rows; i++) {
		const uint64_t *row = t->traits.row + i;
		double sum = 0;

		for (uint64_t k = row[0]; k < row[1]; k++)
			sum += pow(idf(t, t->traits.trait[k]), 2);
		t->length[i] = sqrt(sum);
		for (uint64_t k = row[0]; k < row[1]; k++)
			t->mean[t->traits.trait[k]] +=
			    value_of(t, i, t->traits.trait[k]) / (double)items->n_rows;
	}
	return t;
}

void
themes_free(struct themes *t)
{
	if (!t)
		return;
	traits_release(&t->traits);
	free(t->length);
	free(t->mean);
	free(t);
}

struct span
themes_name(const struct themes *t, uint32_t item)
{
	const struct column *c = t->traits.name;

	if (c->offset[item] == c->offset[item + 1])
		return (struct span){ "", 0 };
	return strings_get(&c->values, c->code[c->offset[item]]);
}

struct theme *
theme_new(const struct themes *t)
{
	struct theme *theme = xcalloc(1, sizeof *theme);

	theme->all = t;
	theme->times = xcalloc(t->traits.n, sizeof *theme->times);
	theme->found = xcalloc(t->traits.n, sizeof *theme->found);
	return theme;
}

void
theme_free(struct theme *t)
{
	if (!t)
		return;
	free(t->times);
	free(t->found);
	free(t);
}

static void
count(struct theme *t, const uint32_t *items, size_t n)
{
	const struct traits *traits = &t->all->traits;

	t->n_found = 0;
	for (size_t i = 0; i < n; i++)
		for (uint64_t k = traits->row[items[i]]; k < traits->row[items[i] + 1];
		     k++)
			if (!t->times[traits->trait[k]]++)
				t->found[t->n_found++] = traits->trait[k];
}

/* One cell of the table. */
static double
cell(double seen, double expected)
{
	return seen > 0 ? seen * log(seen / expected) : 0;
}

static double
ratio(double k, double n, double with, double all)
{
	double rest = all - n, without = all - with;

	return 2 * (cell(k, n * with / all) + cell(n - k, n * without / all) +
		       cell(with - k, rest * with / all) +
		       cell(rest - (with - k), rest * without / all));
}

static bool
is_before(const struct theme *t, const struct chosen *a, const struct chosen *b)
{
	const struct idmap *texts = t->all->traits.texts;

	if (a->apart != b->apart)
		return a->apart > b->apart;
	return span_compare(idmap_get(texts, a->trait), idmap_get(texts, b->trait)) < 0;
}

static bool
is_taken(const struct theme *t, uint32_t trait)
{
	const struct idmap *texts = t->all->traits.texts;

	for (size_t i = 0; i < t->n_chosen; i++)
		if (span_equal_nocase(
			idmap_get(texts, t->chosen[i].trait), idmap_get(texts, trait)))
			return true;
	return false;
}

/* The trait that sets n items apart the most, of those that are left. */
static bool
choose(struct theme *t, size_t n)
{
	const struct traits *traits = &t->all->traits;
	double all = (double)traits->table->n_rows, size = (double)n;
	struct chosen *best = &t->chosen[t->n_chosen];
	bool any = false;

	for (size_t i = 0; i < t->n_found; i++) {
		uint32_t trait = t->found[i];
		double k = t->times[trait], with = traits->items_with[trait];
		struct chosen c = { trait, 0, log(k / size / (with / all)) };

		if (k < 2 || 3 * k < size || !(c.weight > 0))
			continue;
		c.apart = ratio(k, size, with, all);
		if (c.apart >= THEME_LEAST && (!any || is_before(t, &c, best)) &&
		    !is_taken(t, trait)) {
			*best = c;
			any = true;
		}
	}
	t->n_chosen += any;
	return any;
}

/* Weights of length 1. */
static void
scale(struct theme *t)
{
	double sum = 0;

	for (size_t c = 0; c < t->n_chosen; c++)
		sum += pow(t->chosen[c].weight, 2);
	for (size_t c = 0; c < t->n_chosen; c++)
		t->chosen[c].weight /= sqrt(sum);
}

static bool
has(const struct traits *traits, uint32_t item, uint32_t trait)
{
	for (uint64_t k = traits->row[item]; k < traits->row[item + 1]; k++)
		if (traits->trait[k] == trait)
			return true;
	return false;
}

static void
add_trait(const struct theme *t, const uint32_t *items, uint32_t trait, bool first,
    struct buf *title)
{
	const struct traits *traits = &t->all->traits;
	struct span form;

	while (!has(traits, *items, trait))
		items++;
	form = traits_form(traits, *items, trait);
	if (!first)
		buf_adds(title, ", ");
	buf_add(title, form.data, form.len);
}

static double
relevance_of(const struct theme *t, uint32_t item)
{
	double sum = 0;

	for (size_t c = 0; c < t->n_chosen; c++) {
		const struct chosen *x = &t->chosen[c];
		bool there = has(&t->all->traits, item, x->trait);

		sum += x->weight * ((there ? value_of(t->all, item, x->trait) : 0) -
				       t->all->mean[x->trait]);
	}
	return sum;
}

void
theme_of(struct theme *t, const uint32_t *items, size_t n, struct buf *title,
    double *relevance)
{
	buf_clear(title);
	count(t, items, n);
	t->n_chosen = 0;
	while (t->n_chosen < THEME_TRAITS && choose(t, n))
		;
	scale(t);
	for (size_t c = 0; c < t->n_chosen; c++)
		add_trait(t, items, t->chosen[c].trait, !c, title);
	for (size_t i = 0; i < n; i++)
		relevance[i] = relevance_of(t, items[i]);
	for (size_t i = 0; i < t->n_found; i++)
		t->times[t->found[i]] = 0;
}
