/* explore - what exploration adds to the z of items. */
#include "explore.h"

#include <math.h>
#include <stdlib.h>

#include "vec.h"

/* Odds times this must stay finite. */
#define MOST_WEIGHT 0.999999

double *
explore_starts(const struct catalog *c, double *latest)
{
	const struct column *created =
	    table_column(&c->item_table, span_of("CREATION_TIMESTAMP"));
	size_t n_items = c->items.strings.n;
	double *start = xcalloc(n_items, sizeof *start);
	int64_t *own = c->history.first ? NULL : catalog_first_met(c);
	const int64_t *first = own ? own : c->history.first;

	*latest = first[n_items] > INT64_MIN ? (double)first[n_items] : -INFINITY;
	for (size_t i = 0; i < n_items; i++) {
		if (created && created->type == COLUMN_NUMBER &&
		    !isnan(created->number[i]))
			start[i] = created->number[i];
		else
			start[i] = first[i] < INT64_MAX ? (double)first[i] : *latest;
	}
	free(own);
	return start;
}

float *
explore_bonus(const struct model *m, double weight, double days)
{
	double latest, g = fmin(weight, MOST_WEIGHT), *start;
	float *bonus = xcalloc(vec_padded(m->n_scored), sizeof *bonus);
	bool any = false;

	g = g / (1 - g);
	start = explore_starts(&m->catalog, &latest);
	for (size_t i = 0; i < m->n_scored; i++) {
		uint32_t item = m->scored[i];
		bool candidate = g > 0 && latest - start[item] <= days * 86400;
		double n = (double)m->count[item];
		double tried = n + (m->shown ? (double)m->shown[item] : 0);

		if (n > 0)
			bonus[i] = candidate ? (float)log1p(g / sqrt(1 + tried)) : 0;
		else
			bonus[i] =
			    candidate ? (float)log(g / sqrt(1 + tried)) : -INFINITY;
		/* A new item may gain nothing, and still be there for being new. */
		any |= bonus[i] != 0 || (candidate && n <= 0);
	}
	free(start);
	if (!any) {
		free(bonus);
		bonus = NULL;
	}
	return bonus;
}
