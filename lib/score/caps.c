/* caps - at most so many chosen items with the same value in a column. */
#include "caps.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "opt.h"

struct cap {
	const struct column *column;
	uint32_t most;
	double *numbers; /* distinct ones, rising; NULL: a column of strings */
	size_t n_numbers;
	uint32_t *count; /* taken, by code or by place in numbers */
};

struct caps {
	const struct catalog *catalog;
	struct cap *caps;
	size_t n;
	uint32_t *taken; /* [n_taken] items */
	size_t n_taken, taken_cap;
};

struct caps *
caps_new(const struct catalog *c)
{
	struct caps *caps = xcalloc(1, sizeof *caps);

	caps->catalog = c;
	return caps;
}

void
caps_free(struct caps *caps)
{
	if (!caps)
		return;
	for (size_t i = 0; i < caps->n; i++) {
		free(caps->caps[i].numbers);
		free(caps->caps[i].count);
	}
	free(caps->caps);
	free(caps->taken);
	free(caps);
}

static int
compare_numbers(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void
sort_numbers(struct cap *cap, size_t n_rows)
{
	const double *from = cap->column->number;
	double *x = xcalloc(n_rows + 1, sizeof *x);
	size_t all = 0, n = 0;

	for (size_t i = 0; i < n_rows; i++)
		if (!isnan(from[i]))
			x[all++] = from[i];
	qsort(x, all, sizeof *x, compare_numbers);
	for (size_t i = 0; i < all; i++)
		if (!n || x[n - 1] != x[i])
			x[n++] = x[i];
	cap->numbers = x;
	cap->n_numbers = n;
}

/* COLUMN=N into the column's name and N. */
static int
parse(const char *text, struct span *name, uint32_t *most, char **why)
{
	const char *equals = strrchr(text, '=');
	size_t n;

	if (!equals || !opt_size(equals + 1, &n) || !n || n > UINT32_MAX) {
		*why = xasprintf(
		    "--cap: '%s' is not COLUMN=N with a count of at least 1", text);
		return -1;
	}
	*name = (struct span){ text, (size_t)(equals - text) };
	*most = (uint32_t)n;
	return 0;
}

int
caps_add(struct caps *caps, const char *text, char **why)
{
	const struct table *t = &caps->catalog->item_table;
	const struct column *column;
	struct cap *cap;
	struct span name;
	uint32_t most;

	if (parse(text, &name, &most, why) < 0)
		return -1;
	if (!(column = table_column(t, name))) {
		*why = xasprintf(
		    "--cap: items have no column '%.*s'", (int)name.len, name.data);
		return -1;
	}
	caps->caps = xrealloc(caps->caps, caps->n + 1, sizeof *caps->caps);
	cap = &caps->caps[caps->n++];
	*cap = (struct cap){ .column = column, .most = most };
	if (column->type != COLUMN_STRING)
		sort_numbers(cap, t->n_rows);
	cap->count = xcalloc(
	    cap->numbers ? cap->n_numbers : column->values.n, sizeof *cap->count);
	return 0;
}

/* The codes of an item's values under this cap; how many. one is room for one. */
static size_t
values_of(const struct cap *cap, uint32_t item, uint32_t *one, const uint32_t **codes)
{
	const struct column *c = cap->column;
	const double *found;

	if (!cap->numbers) {
		*codes = c->code + c->offset[item];
		return c->offset[item + 1] - c->offset[item];
	}
	*codes = one;
	if (isnan(c->number[item]))
		return 0;
	found = bsearch(&c->number[item], cap->numbers, cap->n_numbers,
	    sizeof *cap->numbers, compare_numbers);
	*one = (uint32_t)(found - cap->numbers);
	return 1;
}

bool
caps_allow(const struct caps *caps, uint32_t item)
{
	const uint32_t *codes;
	uint32_t one;

	for (size_t i = 0; item != NONE && i < caps->n; i++) {
		const struct cap *cap = &caps->caps[i];
		size_t n = values_of(cap, item, &one, &codes);

		for (size_t k = 0; k < n; k++)
			if (cap->count[codes[k]] >= cap->most)
				return false;
	}
	return true;
}

static void
count(struct caps *caps, uint32_t item, uint32_t more)
{
	const uint32_t *codes;
	uint32_t one;

	for (size_t i = 0; i < caps->n; i++) {
		const struct cap *cap = &caps->caps[i];
		size_t n = values_of(cap, item, &one, &codes);

		for (size_t k = 0; k < n; k++)
			cap->count[codes[k]] += more;
	}
}

void
caps_take(struct caps *caps, uint32_t item)
{
	if (item == NONE)
		return;
	if (caps->n_taken == caps->taken_cap) {
		caps->taken_cap = caps->taken_cap ? 2 * caps->taken_cap : 64;
		caps->taken =
		    xrealloc(caps->taken, caps->taken_cap, sizeof *caps->taken);
	}
	caps->taken[caps->n_taken++] = item;
	count(caps, item, 1);
}

void
caps_clear(struct caps *caps)
{
	while (caps->n_taken)
		count(caps, caps->taken[--caps->n_taken], (uint32_t)-1);
}
