/* train_options - options out of their texts. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "json.h"
#include "train.h"

/* The words stand for parts of a standard deviation. */
static bool
read_sensitivity(const char *text, double *value)
{
	static const struct {
		const char *name;
		double value;
	} words[] = { { "OFF", 0 }, { "LOW", 0.25 }, { "MEDIUM", 0.5 }, { "HIGH", 1 } };
	char *end;

	for (size_t i = 0; i < LENGTH(words); i++)
		if (!strcasecmp(text, words[i].name)) {
			*value = words[i].value;
			return true;
		}
	*value = strtod(text, &end);
	return end > text && !*end && isfinite(*value);
}

/* Whether text is dataset, a point, and column, or *same that it is of the dataset. */
static bool
names_column(const char *text, const char *dataset, const char *column, bool *same)
{
	size_t len = strlen(dataset);

	if (strncasecmp(text, dataset, len) != 0 || text[len] != '.')
		return false;
	*same = true;
	return !strcasecmp(text + len + 1, column);
}

bool
train_looks_at(const struct train_options *o, const char *dataset, const char *column)
{
	bool same = false;

	for (size_t i = 0; i < o->n_excluded; i++)
		if (names_column(o->excluded[i], dataset, column, &same))
			return false;
	same = false;
	for (size_t i = 0; i < o->n_included; i++)
		if (names_column(o->included[i], dataset, column, &same))
			return true;
	return !same;
}

int
train_set_objective(struct train_options *o, const char *text, char **why)
{
	char *equal;

	o->objective = xstrdup(text);
	o->sensitivity = 0.25;
	if (!(equal = strchr(o->objective, '=')))
		return 0;
	*equal = '\0';
	if (read_sensitivity(equal + 1, &o->sensitivity))
		return 0;
	*why = xasprintf("'%s' is not OFF, LOW, MEDIUM, HIGH or a number", equal + 1);
	return -1;
}

int
train_set_update(struct train_options *o, const struct model *old, char **why)
{
	const struct recipe *r = NULL;
	struct json_value name = model_meta(old, "algorithm");
	char *algorithm = name.type == JSON_STRING ? json_dup(&name) : NULL;

	if (algorithm && !strcmp(old->recipe, o->recipe->name) &&
	    recipe_with(o->recipe, "auto"))
		r = recipe_with(o->recipe, algorithm);
	free(algorithm);
	if (!r) {
		*why =
		    xasprintf("a model of %s: only those of user-personalization and "
			      "personalized-ranking can be updated, to the same "
			      "recipe",
			old->recipe);
		return -1;
	}
	o->recipe = r;
	hypers_init(&o->hypers, r);
	for (size_t i = 0; i < r->n_hypers; i++)
		hypers_put(&o->hypers, r, r->hypers[i].name,
		    model_hyper(old, r->hypers[i].name, r->hypers[i].value));
	o->update = old;
	return 0;
}
