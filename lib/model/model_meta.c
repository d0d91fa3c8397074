/* model_meta - what a model says of itself, as JSON. */
#include <math.h>

#include "json.h"
#include "model.h"
#include "model_file.h"

struct json_value
model_meta(const struct model *m, const char *name)
{
	struct json_value whole = { JSON_OBJECT, m->meta, false }, found;

	json_find(whole, name, &found);
	return found;
}

/* A number from least to most; NaN if it is anything else. */
static double
number_in(struct json_value v, double least, double most)
{
	double x = v.type == JSON_NUMBER ? json_number(&v) : NAN;

	return x >= least && x <= most ? x : NAN;
}

double
model_hyper(const struct model *m, const char *name, double other)
{
	struct json_value one;

	json_find(model_meta(m, "hyperparameters"), name, &one);
	return one.type == JSON_NUMBER ? json_number(&one) : other;
}

static int
read_weights(struct model *m)
{
	struct json_value all = model_meta(m, "weights"), one;

	for (size_t i = 0; i < WEIGHTS; i++) {
		json_find(all, weight_names[i], &one);
		m->weights.of[i] = number_in(one, -1e6, 1e6);
		if (isnan(m->weights.of[i]))
			return -1;
	}
	return 0;
}

static void
read_wanted(struct model *m)
{
	struct json_value type = model_meta(m, "eventType");
	struct json_value threshold = model_meta(m, "eventValueThreshold");

	m->event_type = json_dup(&type);
	m->wanted.event_type = m->event_type;
	m->wanted.has_threshold = threshold.type == JSON_NUMBER;
	if (m->wanted.has_threshold)
		m->wanted.threshold = json_number(&threshold);
}

int
model_read_meta(struct model *m)
{
	double dim, factors, events;
	struct json_value whole, recipe;
	struct json j;

	json_open(&j, m->meta.data, m->meta.len);
	if (json_value(&j, &whole) < 0 || json_finish(&j) < 0 ||
	    whole.type != JSON_OBJECT)
		return -1;
	recipe = model_meta(m, "recipe");
	dim = number_in(model_meta(m, "dim"), 0, 65536);
	factors = number_in(model_meta(m, "factors"), 0, 65535);
	events = number_in(model_meta(m, "events"), 0, 1e18);
	if (!(m->recipe = json_dup(&recipe)) || isnan(dim + factors + events))
		return -1;
	m->dim = (size_t)dim;
	m->factors = (size_t)factors;
	m->n_events = (uint64_t)events;
	read_wanted(m);
	return read_weights(m);
}
