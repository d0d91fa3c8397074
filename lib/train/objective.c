/* objective - what an item earns by the service's optimizationObjective. */
#include "objective.h"

#include <math.h>

float *
objective_adds(const struct model *m, const struct train_options *o)
{
	const struct column *c;
	double n = 0, sum = 0, squares = 0, deviation;
	float *adds;

	if (!o->objective)
		return NULL;
	c = table_column(&m->catalog.item_table, span_of(o->objective));
	for (size_t i = 0; i < m->catalog.items.strings.n; i++)
		if (!isnan(c->number[i])) {
			n++;
			sum += c->number[i];
			squares += c->number[i] * c->number[i];
		}
	deviation = n > 0 ? sqrt(fmax(squares / n - sum / n * (sum / n), 0)) : 0;
	if (!(deviation > 0))
		return NULL;
	adds = xcalloc(m->n_scored, sizeof *adds);
	for (size_t s = 0; s < m->n_scored; s++) {
		double x = c->number[m->scored[s]];

		if (!isnan(x))
			adds[s] = (float)(o->sensitivity * (x - sum / n) / deviation);
	}
	return adds;
}
