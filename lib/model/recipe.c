/* recipe - the service's recipes. */
#include "recipe.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "util.h"

/* clang-format off */
#define RECENCY_MASK \
	{ "recency_mask", 1, 0, 1, true, \
	    "whether what is popular lately counts, beside what ever was" }
#define BLOCK \
	{ "block", 0, 0, 2048, true, \
	    "factors that are solved for at once; 0: all, by conjugate gradients" }
#define ALS_HYPERS \
	{ "hidden_dimension", 149, 1, 2048, true, "factors per user and item" }, \
	{ "alpha", 0.1, 0, 1000, false, \
	    "weight of the pairs that did not interact; those that did have 1" }, \
	{ "regularization", 0.01, 1e-9, 1e6, false, "size of the penalty" }, \
	{ "regularization_exponent", 1, 0, 1, false, \
	    "how the penalty grows with a row's interactions: 0 not, 1 in step" }, \
	{ "min_user_history_length_percentile", 0, 0, 1, false, \
	    "items do not learn from users with fewer items" }, \
	{ "max_user_history_length_percentile", 0.99, 0, 1, false, \
	    "items do not learn from users with more items" }, \
	{ "epochs", 16, 1, 1000, true, "sweeps over users and items" }, \
	BLOCK, RECENCY_MASK
/* The service trains recurrent networks, as far back as this. */
#define BPTT \
	{ "bptt", 32, 2, 32, true, "accepted, without effect" }
#define LINK_HYPERS \
	{ "links_per_item", 500, 1, 100000, true, \
	    "weights that are kept, an item on average" }, \
	{ "min_user_history_length_percentile", 0, 0, 1, false, \
	    "users with fewer items are left out" }, \
	{ "max_user_history_length_percentile", 1, 0, 1, false, \
	    "users with more items are left out" }
#define LAMBDA \
	{ "lambda", 100, 1e-3, 1e9, false, "size of the penalty" }
#define EASE_HYPERS \
	LAMBDA, LINK_HYPERS, RECENCY_MASK, BPTT, \
	{ "decay", 0, 0, 1e6, false, \
	    "items met since which make one count 1/e of what it did; 0: all count" }
#define SLIST_HYPERS \
	LAMBDA, LINK_HYPERS, RECENCY_MASK, BPTT, \
	{ "decay", 2, 1e-3, 1e6, false, \
	    "items met since which make one count 1/e of what it did" }, \
	{ "sequence_lambda", 30, 1e-3, 1e9, false, \
	    "size of the penalty of what follows what" }, \
	{ "mix", 0.5, 0, 1e6, false, "how much weights without order count" }, \
	{ "graph", 0.5, 0, 1e6, false, \
	    "how much the weights of gfcf count, held against all these; 0: not" }
#define GFCF_HYPERS \
	LINK_HYPERS, RECENCY_MASK, BPTT, \
	{ "decay", 0, 0, 1e6, false, \
	    "items met since which make one count 1/e of what it did; 0: all count" }, \
	{ "alpha", 0.6, 0, 1, false, \
	    "which are held against each other: 0 items, 1 users with many interactions" }, \
	{ "exponent", 0.7, 0.01, 10, false, "above 1 favours the strongest links" }, \
	{ "low_pass", 0.5, 0, 1000, false, \
	    "how much the directions count in which histories lie most; 0: not" }, \
	{ "low_pass_dimension", 512, 32, 1024, true, "how many of them" }
#define GIVEN_HYPERS \
	{ "taste", 5, 1e-6, 1e6, false, \
	    "what products of factors are multiplied by before scores, their softmax" }, \
	{ "fold_confidence", 40, 1e-6, 1e9, false, \
	    "what met items count against others where users are folded in" }, \
	{ "fold_regularization", 0, 0, 1e9, false, \
	    "size of the penalty there; 0: nobody is folded in" }, \
	{ "fold_regularization_exponent", 0, 0, 1, false, \
	    "how it grows with a user's items: 0 not, 1 in step" }
#define EXPLORATION_HYPERS \
	{ "exploration_weight", 0.3, 0, 1, false, \
	    "how much new items are tried: 0 not at all" }, \
	{ "exploration_item_age_cut_off", 30, 1e-9, 1e9, false, \
	    "days before the latest interaction within which an item is new" }

const struct recipe recipes[] = {
	{
	    .name = "user-personalization",
	    .purpose = "recommend items to users",
	    .job = JOB_RECOMMEND,
	    .algorithm = ALGORITHM_AUTO,
	    .algorithm_name = "auto",
	    .scores = true,
	    .n_hypers = 4,
	    .hypers = { RECENCY_MASK, BPTT, EXPLORATION_HYPERS },
	},
	{
	    .name = "user-personalization",
	    .purpose = "recommend items to users",
	    .job = JOB_RECOMMEND,
	    .algorithm = ALGORITHM_ALS,
	    .algorithm_name = "ials",
	    .scores = true,
	    .n_hypers = 12,
	    .hypers = { ALS_HYPERS, BPTT, EXPLORATION_HYPERS },
	},
	{
	    .name = "user-personalization",
	    .purpose = "recommend items to users",
	    .job = JOB_RECOMMEND,
	    .algorithm = ALGORITHM_EASE,
	    .algorithm_name = "ease",
	    .scores = true,
	    .n_hypers = 9,
	    .hypers = { EASE_HYPERS, EXPLORATION_HYPERS },
	},
	{
	    .name = "user-personalization",
	    .purpose = "recommend items to users",
	    .job = JOB_RECOMMEND,
	    .algorithm = ALGORITHM_SLIST,
	    .algorithm_name = "slist",
	    .scores = true,
	    .n_hypers = 12,
	    .hypers = { SLIST_HYPERS, EXPLORATION_HYPERS },
	},
	{
	    .name = "user-personalization",
	    .purpose = "recommend items to users",
	    .job = JOB_RECOMMEND,
	    .algorithm = ALGORITHM_GFCF,
	    .algorithm_name = "gfcf",
	    .scores = true,
	    .n_hypers = 12,
	    .hypers = { GFCF_HYPERS, EXPLORATION_HYPERS },
	},
	{
	    .name = "user-personalization",
	    .purpose = "recommend items to users",
	    .job = JOB_RECOMMEND,
	    .algorithm = ALGORITHM_HABIT,
	    .algorithm_name = "popularity",
	    .scores = true,
	    .n_hypers = 4,
	    .hypers = { RECENCY_MASK, BPTT, EXPLORATION_HYPERS },
	},
	{
	    .name = "personalized-ranking",
	    .purpose = "put lists of items in the order of users' interest",
	    .job = JOB_RANK,
	    .algorithm = ALGORITHM_AUTO,
	    .algorithm_name = "auto",
	    .scores = true,
	    .n_hypers = 2,
	    .hypers = { RECENCY_MASK, BPTT },
	},
	{
	    .name = "user-personalization",
	    .purpose = "recommend items to users",
	    .job = JOB_RECOMMEND,
	    .algorithm = ALGORITHM_GIVEN,
	    .algorithm_name = "given",
	    .scores = true,
	    .n_hypers = 6,
	    .hypers = { GIVEN_HYPERS,
		{ "exploration_weight", 0, 0, 1, false,
		    "how much new items are tried: 0 not at all" },
		{ "exploration_item_age_cut_off", 30, 1e-9, 1e9, false,
		    "days before the latest interaction within which an item is new" },
	    },
	},
	{
	    .name = "personalized-ranking",
	    .purpose = "put lists of items in the order of users' interest",
	    .job = JOB_RANK,
	    .algorithm = ALGORITHM_ALS,
	    .algorithm_name = "ials",
	    .scores = true,
	    .n_hypers = 10,
	    .hypers = { ALS_HYPERS, BPTT },
	},
	{
	    .name = "personalized-ranking",
	    .purpose = "put lists of items in the order of users' interest",
	    .job = JOB_RANK,
	    .algorithm = ALGORITHM_EASE,
	    .algorithm_name = "ease",
	    .scores = true,
	    .n_hypers = 7,
	    .hypers = { EASE_HYPERS },
	},
	{
	    .name = "personalized-ranking",
	    .purpose = "put lists of items in the order of users' interest",
	    .job = JOB_RANK,
	    .algorithm = ALGORITHM_SLIST,
	    .algorithm_name = "slist",
	    .scores = true,
	    .n_hypers = 10,
	    .hypers = { SLIST_HYPERS },
	},
	{
	    .name = "personalized-ranking",
	    .purpose = "put lists of items in the order of users' interest",
	    .job = JOB_RANK,
	    .algorithm = ALGORITHM_GFCF,
	    .algorithm_name = "gfcf",
	    .scores = true,
	    .n_hypers = 10,
	    .hypers = { GFCF_HYPERS },
	},
	{
	    .name = "personalized-ranking",
	    .purpose = "put lists of items in the order of users' interest",
	    .job = JOB_RANK,
	    .algorithm = ALGORITHM_HABIT,
	    .algorithm_name = "popularity",
	    .scores = true,
	    .n_hypers = 2,
	    .hypers = { RECENCY_MASK, BPTT },
	},
	{
	    .name = "personalized-ranking",
	    .purpose = "put lists of items in the order of users' interest",
	    .job = JOB_RANK,
	    .algorithm = ALGORITHM_GIVEN,
	    .algorithm_name = "given",
	    .scores = true,
	    .n_hypers = 4,
	    .hypers = { GIVEN_HYPERS },
	},
	{
	    .name = "similar-items",
	    .purpose = "find items like an item, by who met them and by metadata",
	    .job = JOB_RELATED,
	    .algorithm = ALGORITHM_SIMILARITY,
	    .algorithm_name = "ials-cosine",
	    .n_hypers = 11,
	    .hypers = {
		{ "item_id_hidden_dim", 100, 1, 2048, true,
		    "factors per item learned from interactions" },
		{ "item_metadata_hidden_dim", 100, 1, 2048, true,
		    "dimensions of an item's metadata" },
		{ "metadata_weight", 0.1, 0, 1, false,
		    "share of metadata in the similarity" },
		{ "cointeraction_weight", 0.8, 0, 1, false,
		    "share, in what is left, of being met close to one another" },
		{ "popularity_discount_factor", 0.4, 0, 1, false,
		    "0: the popular first; 1: whatever their popularity" },
		{ "links_per_item", 200, 1, 100000, true,
		    "items kept that are met close to an item" },
		{ "alpha", 0.1, 0, 1000, false, "weight of pairs without interaction" },
		{ "regularization", 0.01, 1e-9, 1e6, false, "size of the penalty" },
		{ "regularization_exponent", 1, 0, 1, false,
		    "how the penalty grows with a row's interactions" },
		{ "epochs", 16, 1, 1000, true, "sweeps over users and items" },
		BLOCK,
	    },
	},
	{
	    .name = "similar-items",
	    .purpose = "find items that having met an item speaks for",
	    .job = JOB_RELATED,
	    .algorithm = ALGORITHM_EASE_SIMILAR,
	    .algorithm_name = "ease",
	    .n_hypers = 4,
	    .hypers = { LAMBDA, LINK_HYPERS },
	},
	{
	    .name = "sims",
	    .purpose = "find items that the users of an item also met",
	    .job = JOB_RELATED,
	    .algorithm = ALGORITHM_COINTERACTION,
	    .algorithm_name = "cointeraction",
	    .n_hypers = 6,
	    .hypers = {
		{ "popularity_discount_factor", 0.5, 0, 1, false,
		    "0: the popular first; 1: whatever their popularity" },
		{ "min_cointeraction_count", 3, 0, 10, true,
		    "users that two items must share" },
		{ "min_user_history_length_percentile", 0.005, 0, 1, false,
		    "users with fewer items are left out" },
		{ "max_user_history_length_percentile", 0.995, 0, 1, false,
		    "users with more items are left out" },
		{ "min_item_interaction_count_percentile", 0.01, 0, 1, false,
		    "items with fewer users are left out" },
		{ "max_item_interaction_count_percentile", 0.9, 0, 1, false,
		    "items with more users are left out" },
	    },
	},
	{
	    .name = "semantic-similarity",
	    .purpose = "find items whose texts are like an item's",
	    .job = JOB_RELATED,
	    .algorithm = ALGORITHM_TEXT,
	    .algorithm_name = "tfidf-cosine",
	    .n_hypers = 1,
	    .hypers = {
		{ "ngram_weight", 0.4, 0, 1, false,
		    "share of runs of three characters; the rest is words'" },
	    },
	},
	{
	    .name = "popularity-count",
	    .purpose = "recommend the items that most users interacted with",
	    .job = JOB_RECOMMEND,
	    .algorithm = ALGORITHM_POPULARITY,
	    .algorithm_name = "popularity",
	},
	{
	    .name = "item-affinity",
	    .purpose = "find the users who are most likely to interact with an item",
	    .job = JOB_USERS_OF_ITEM,
	    .algorithm = ALGORITHM_AFFINITY,
	    .algorithm_name = "ials",
	    .n_hypers = 9,
	    .hypers = { ALS_HYPERS },
	},
	{
	    .name = "item-affinity",
	    .purpose = "find the users who are most likely to interact with an item",
	    .job = JOB_USERS_OF_ITEM,
	    .algorithm = ALGORITHM_GIVEN,
	    .algorithm_name = "given",
	    .n_hypers = 4,
	    .hypers = { GIVEN_HYPERS },
	},
	{
	    .name = "item-attribute-affinity",
	    .purpose = "find the users for items with certain attributes",
	    .job = JOB_USERS_OF_ATTRIBUTES,
	    .algorithm = ALGORITHM_AFFINITY,
	    .algorithm_name = "ials",
	    .n_hypers = 9,
	    .hypers = { ALS_HYPERS },
	},
	{
	    .name = "item-attribute-affinity",
	    .purpose = "find the users for items with certain attributes",
	    .job = JOB_USERS_OF_ATTRIBUTES,
	    .algorithm = ALGORITHM_GIVEN,
	    .algorithm_name = "given",
	    .n_hypers = 4,
	    .hypers = { GIVEN_HYPERS },
	},
	{
	    .name = "trending-now",
	    .purpose = "recommend the items whose users grow fastest (batch is our own)",
	    .job = JOB_RECOMMEND,
	    .algorithm = ALGORITHM_TRENDING,
	    .algorithm_name = "growth",
	    .n_hypers = 1,
	    .hypers = {
		{ "trend_discovery_frequency", 180, 1, 525600, true,
		    "minutes of a window; the service has 30, 60, 180 and 1440" },
	    },
	},
};
/* clang-format on */

const size_t n_recipes = LENGTH(recipes);

/* Recipes of the service that pz-train does not have, and why. */
static const struct {
	const char *name;
	const char *why;
} missing[] = {
	{ "next-best-action", "the service has no batch jobs for it: it recommends "
			      "actions in real time" },
	{ "hrnn", "the service gave it up for user-personalization" },
	{ "hrnn-metadata", "the service gave it up for user-personalization" },
	{ "hrnn-coldstart", "the service gave it up for user-personalization" },
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

const struct recipe *
recipe_with(const struct recipe *r, const char *algorithm)
{
	for (size_t i = 0; i < n_recipes; i++)
		if (!strcmp(recipes[i].name, r->name) &&
		    !strcmp(recipes[i].algorithm_name, algorithm))
			return &recipes[i];
	return NULL;
}

static const struct hyper *
find(const struct recipe *r, struct span name)
{
	/* The -v2 recipes have another name for it. */
	if (span_is(name, "apply_recency_bias"))
		name = span_of("recency_mask");
	for (size_t i = 0; i < r->n_hypers; i++)
		if (span_is(name, r->hypers[i].name))
			return &r->hypers[i];
	return NULL;
}

static bool
has_all(const struct recipe *r, const char *const *hypers, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!find(r, (struct span){ hypers[i], strcspn(hypers[i], "=") }))
			return false;
	return true;
}

const struct recipe *
recipe_having(const struct recipe *r, const char *const *hypers, size_t n)
{
	for (size_t i = 0; i < n_recipes; i++)
		if (!strcmp(recipes[i].name, r->name) &&
		    has_all(&recipes[i], hypers, n))
			return &recipes[i];
	return r;
}

char *
recipe_algorithms(const struct recipe *r)
{
	struct buf names = { 0 };

	for (size_t i = 0; i < n_recipes; i++)
		if (!strcmp(recipes[i].name, r->name))
			buf_addf(&names, "%s%s", names.len ? ", " : "",
			    recipes[i].algorithm_name);
	buf_addc(&names, '\0');
	return names.data;
}

void
recipes_print(FILE *to)
{
	for (size_t i = 0; i < n_recipes; i++) {
		const struct recipe *r = &recipes[i];

		fprintf(to, "%s (%s): %s\n", r->name, r->algorithm_name, r->purpose);
		for (size_t k = 0; k < r->n_hypers; k++)
			fprintf(to, "  %-24s %-6g [%g, %g] %s\n", r->hypers[k].name,
			    r->hypers[k].value, r->hypers[k].least, r->hypers[k].most,
			    r->hypers[k].help);
	}
}

size_t
recipe_most_lines(const struct recipe *r)
{
	return r->job == JOB_USERS_OF_ITEM         ? 500
	       : r->job == JOB_USERS_OF_ATTRIBUTES ? 10
						   : 0;
}

void
hypers_init(struct hypers *h, const struct recipe *r)
{
	for (size_t i = 0; i < r->n_hypers; i++)
		h->value[i] = r->hypers[i].value;
}

/* The service's job files have all of them as strings, true and false too. */
static bool
read_value(const char *text, double *value)
{
	char *end;

	if (!strcasecmp(text, "true") || !strcasecmp(text, "false")) {
		*value = tolower((unsigned char)*text) == 't';
		return true;
	}
	*value = strtod(text, &end);
	return end != text && !*end;
}

int
hypers_set(struct hypers *h, const struct recipe *r, const char *text, char **why)
{
	const char *equal = strchr(text, '=');
	const struct hyper *p;
	double value;

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
	if (!read_value(equal + 1, &value) ||
	    !(value >= p->least && value <= p->most) ||
	    (p->integer && value != floor(value))) {
		*why = xasprintf("%s: '%s' is not %s from %g to %g", p->name, equal + 1,
		    p->integer ? "a whole number" : "a number", p->least, p->most);
		return -1;
	}
	h->value[p - r->hypers] = value;
	return 0;
}

bool
hypers_put(struct hypers *h, const struct recipe *r, const char *name, double value)
{
	const struct hyper *p = find(r, span_of(name));

	if (!p || !(value >= p->least && value <= p->most) ||
	    (p->integer && value != floor(value)))
		return false;
	h->value[p - r->hypers] = value;
	return true;
}

double
hypers_get(const struct hypers *h, const struct recipe *r, const char *name)
{
	return h->value[find(r, span_of(name)) - r->hypers];
}
