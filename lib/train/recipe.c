/* recipe - the service's recipes. */
#include "recipe.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "util.h"

const struct recipe recipes[] = {
	{
	    .name = "user-personalization",
	    .purpose = "recommend items to users",
	    .algorithm = ALGORITHM_ALS,
	    .algorithm_name = "ials",
	    .scores = true,
	    .n_hypers = 5,
	    .hypers = {
		{ "hidden_dimension", 149, 1, 2048, true, "factors per user and item" },
		{ "alpha", 0.1, 0, 1000, false,
		    "weight of the pairs that did not interact; those that did have 1" },
		{ "regularization", 0.01, 1e-9, 1e6, false, "size of the penalty" },
		{ "regularization_exponent", 1, 0, 1, false,
		    "how the penalty grows with a row's interactions: 0 not, 1 in step" },
		{ "epochs", 16, 1, 1000, true, "sweeps over users and items" },
	    },
	},
	{
	    .name = "popularity-count",
	    .purpose = "recommend the items that most users interacted with",
	    .algorithm = ALGORITHM_POPULARITY,
	    .algorithm_name = "popularity",
	},
};

const size_t n_recipes = LENGTH(recipes);

/* Recipes of the service that pz-train does not have, and why. */
static const struct {
	const char *name;
	const char *why;
} missing[] = {
	{ "personalized-ranking", "not in this version of pz" },
	{ "similar-items", "not in this version of pz" },
	{ "sims", "not in this version of pz" },
	{ "semantic-similarity", "not in this version of pz" },
	{ "trending-now", "not in this version of pz" },
	{ "item-affinity", "not in this version of pz" },
	{ "item-attribute-affinity", "not in this version of pz" },
	{ "next-best-action", "the service has no batch jobs for it: it recommends "
			      "actions in real time" },
};

/* Whether name, freed of "aws-" and "-v2", is known. */
static bool
names(const char *name, const char *known)
{
	size_t len = strlen(known);

	if (!strncasecmp(name, "aws-", 4))
		name += 4;
	return !strncasecmp(name, known, len) &&
	       (!name[len] || !strcasecmp(name + len, "-v2"));
}

const struct recipe *
recipe_find(const char *name, const char **why)
{
	for (size_t i = 0; i < n_recipes; i++)
		if (names(name, recipes[i].name))
			return &recipes[i];
	*why = "no such recipe";
	for (size_t i = 0; i < LENGTH(missing); i++)
		if (names(name, missing[i].name))
			*why = missing[i].why;
	return NULL;
}

void
hypers_init(struct hypers *h, const struct recipe *r)
{
	for (size_t i = 0; i < r->n_hypers; i++)
		h->value[i] = r->hypers[i].value;
}

static const struct hyper *
find(const struct recipe *r, struct span name)
{
	for (size_t i = 0; i < r->n_hypers; i++)
		if (span_is(name, r->hypers[i].name))
			return &r->hypers[i];
	return NULL;
}

int
hypers_set(struct hypers *h, const struct recipe *r, const char *text, char **why)
{
	const char *equal = strchr(text, '=');
	const struct hyper *p;
	double value;
	char *end;

	if (!equal) {
		*why = xasprintf("'%s': expected NAME=VALUE", text);
		return -1;
	}
	p = find(r, (struct span){ text, (size_t)(equal - text) });
	if (!p) {
		*why = xasprintf("%s has no hyperparameter '%.*s': pz-train --list "
				 "shows them",
		    r->name, (int)(equal - text), text);
		return -1;
	}
	value = strtod(equal + 1, &end);
	if (end == equal + 1 || *end || !(value >= p->least && value <= p->most) ||
	    (p->integer && value != floor(value))) {
		*why = xasprintf("%s: '%s' is not %s from %g to %g", p->name, equal + 1,
		    p->integer ? "a whole number" : "a number", p->least, p->most);
		return -1;
	}
	h->value[p - r->hypers] = value;
	return 0;
}

double
hypers_get(const struct hypers *h, const struct recipe *r, const char *name)
{
	return h->value[find(r, span_of(name)) - r->hypers];
}
