/* train_options - options out of their texts. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "exit_status.h"
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
train_set_recipe(struct train_options *o, const char *name, const char *algorithm,
    const char *const *texts, size_t n, char **why)
{
	const char *unknown;
	const struct recipe *r = recipe_find(name, &unknown);
	char *names;

	if (!r) {
		*why = xasprintf("%s: %s", name, unknown);
		return -1;
	}
	o->recipe = algorithm ? recipe_with(r, algorithm) : recipe_having(r, texts, n);
	if (o->recipe)
		return 0;
	names = recipe_algorithms(r);
	*why = xasprintf("--algorithm %s: %s has %s", algorithm, r->name, names);
	free(names);
	return -1;
}

int
train_set_hypers(
    struct train_options *o, const char *const *texts, size_t n, char **why)
{
	hypers_init(&o->hypers, o->recipe);
	for (size_t i = 0; i < n; i++)
		if (hypers_set(&o->hypers, o->recipe, texts[i], why) < 0)
			return -1;
	return 0;
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
train_set_events(struct train_options *o, const char *type, double threshold,
    const char *const *texts, size_t n, char **why)
{
	struct wanted *w = &o->wanted;
	const char *wrong;

	if (type || !isnan(threshold)) {
		if (n) {
			*why = xstrdup("--event does what --event-type and "
				       "--event-value-threshold do, and more");
			return -1;
		}
		w->rules[w->n++] = (struct event_rule){ type ? xstrdup(type) : NULL,
			!isnan(threshold), threshold, 1 };
	}
	for (size_t i = 0; i < n; i++)
		if (wanted_add(w, texts[i], &wrong) < 0) {
			*why = xasprintf("--event %s: %s", texts[i], wrong);
			return -1;
		}
	return 0;
}

static int
set_factors(struct train_options *o, const char *text, char **why)
{
	const struct {
		const char *name;
		const char **path;
	} keys[] = {
		{ "users=", &o->users.path },
		{ "items=", &o->items.path },
		{ "user-ids=", &o->users.ids },
		{ "item-ids=", &o->items.ids },
	};

	for (size_t i = 0; i < LENGTH(keys); i++) {
		size_t len = strlen(keys[i].name);

		if (strncmp(text, keys[i].name, len) != 0 || !text[len])
			continue;
		if (*keys[i].path) {
			*why = xasprintf(
			    "%.*s is given twice", (int)len - 1, keys[i].name);
			return -1;
		}
		*keys[i].path = text + len;
		return 0;
	}
	*why = xasprintf("'%s' is not users=FILE, items=FILE, user-ids=FILE or "
			 "item-ids=FILE",
	    text);
	return -1;
}

static int
take_factors(struct train_options *o, char **why)
{
	const struct recipe *r = recipe_with(o->recipe, "given");

	if (!r)
		*why = xasprintf("%s does not take factors", o->recipe->name);
	else if (!o->users.path || !o->items.path)
		*why = xasprintf(
		    "%s=FILE is needed too", o->users.path ? "items" : "users");
	else {
		o->users.what = "user";
		o->items.what = "item";
		o->recipe = r;
		return 0;
	}
	return -1;
}

int
train_set_factors(
    struct train_options *o, const char *const *texts, size_t n, char **why)
{
	for (size_t i = 0; i < n; i++)
		if (set_factors(o, texts[i], why) < 0)
			return -1;
	return n ? take_factors(o, why) : 0;
}

/* The service refuses to train on less (its limits); here it is a remark. */
static void
remark_little(struct buf *lines, const struct train_data *d)
{
	if (d->interactions < 1000)
		buf_addf(lines,
		    "only %llu interactions: the service asks for 1000, expect "
		    "little\n",
		    (unsigned long long)d->interactions);
	if (d->users_with_two < 25)
		buf_addf(lines,
		    "only %zu users with two or more interactions: the service asks "
		    "for 25, expect little\n",
		    d->users_with_two);
}

static void
remark_left(struct buf *lines, const struct factor_source *from, size_t n)
{
	if (n)
		buf_addf(lines, "%s: %zu %s%s not in the dataset left out\n",
		    from->path, n, from->what, n > 1 ? "s" : "");
}

void
train_remarks(
    struct buf *lines, const struct train_options *o, const struct train_data *d)
{
	if (o->recipe->algorithm == ALGORITHM_TEXT)
		return;
	if (o->recipe->algorithm != ALGORITHM_GIVEN) {
		remark_little(lines, d);
		return;
	}
	remark_left(lines, &o->users, d->users_left);
	remark_left(lines, &o->items, d->items_left);
	if (d->users_unknown)
		buf_addf(lines,
		    "%s: %zu users of the dataset are not in it, and were not folded "
		    "in%s\n",
		    o->users.path, d->users_unknown,
		    hypers_get(&o->hypers, o->recipe, "fold_regularization") > 0
			? ""
			: ": --hyper fold_regularization=... does it");
}

void
train_trial_note(char *note, size_t size, const char *text, size_t len)
{
	struct json_value whole = { JSON_OBJECT, { text, len }, false }, name, ndcg;

	json_find(whole, "algorithm", &name);
	json_find(whole, "normalized_discounted_cumulative_gain_at_25", &ndcg);
	/* A name is a word between quotes. */
	snprintf(note, size, "%.*s NDCG@25 %.4f", (int)name.raw.len - 2,
	    name.raw.data + 1, json_number(&ndcg));
}

/* The recipe with the algorithm of an older model; NULL: that cannot be updated. */
static const struct recipe *
recipe_of(const struct model *old, const struct recipe *wanted)
{
	struct json_value name = model_meta(old, "algorithm");
	char *algorithm = name.type == JSON_STRING ? json_dup(&name) : NULL;
	const struct recipe *r = NULL;

	if (algorithm && !strcmp(old->recipe, wanted->name) &&
	    recipe_with(wanted, "auto"))
		r = recipe_with(wanted, algorithm);
	free(algorithm);
	return r;
}

static void
take_over(struct train_options *o, struct model *old, const struct recipe *r)
{
	o->recipe = r;
	hypers_init(&o->hypers, r);
	for (size_t i = 0; i < r->n_hypers; i++)
		hypers_put(&o->hypers, r, r->hypers[i].name,
		    model_hyper(old, r->hypers[i].name, r->hypers[i].value));
	o->update = old;
}

int
train_set_update(struct train_options *o, const char *path, char **why)
{
	struct model *old = model_open(path, why);
	const struct recipe *r;

	if (!old)
		return STATUS_FAILED;
	r = recipe_of(old, o->recipe);
	if (r && r->algorithm != ALGORITHM_GIVEN) {
		take_over(o, old, r);
		return 0;
	}
	if (r)
		*why = xasprintf("%s: its factors were trained elsewhere: make a model "
				 "of newer ones by --from-factors",
		    path);
	else
		*why =
		    xasprintf("%s: a model of %s: only those of user-personalization "
			      "and personalized-ranking can be updated, to the same "
			      "recipe",
			path, old->recipe);
	model_close(old);
	return STATUS_USAGE;
}
