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
		/* Models had no base once: it was 0. */
		if (!json_find(all, weight_names[i], &one) && i == BASE)
			continue;
		m->weights.of[i] = number_in(one, -1e6, 1e6);
		if (isnan(m->weights.of[i]))
			return -1;
	}
	return 0;
}

static int
read_rule(struct model *m, struct json_value rule)
{
	struct event_rule *r = &m->wanted.rules[m->wanted.n];
	struct json_value type, threshold, weight;

	if (m->wanted.n == WANTED_RULES)
		return -1;
	json_find(rule, "eventType", &type);
	json_find(rule, "eventValueThreshold", &threshold);
	json_find(rule, "weight", &weight);
	*r = (struct event_rule){ .type = json_dup(&type),
		.has_threshold = threshold.type == JSON_NUMBER,
		.weight = number_in(weight, 0, 1) };
	m->wanted.n++;
	if (r->has_threshold)
		r->threshold = json_number(&threshold);
	return isnan(r->weight) ? -1 : 0;
}

static int
read_wanted(struct model *m)
{
	struct json_value list = model_meta(m, "eventsConfig"), rule;
	struct json j;

	if (list.type != JSON_ARRAY)
		return 0;
	json_open(&j, list.raw.data, list.raw.len);
	json_enter(&j, '[');
	while (json_element(&j) > 0 && json_value(&j, &rule) == 0)
		if (read_rule(m, rule) < 0)
			return -1;
	return 0;
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
	return read_wanted(m) < 0 ? -1 : read_weights(m);
}
