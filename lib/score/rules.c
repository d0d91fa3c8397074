/*
 * rules - boosts, promotions, caps and diversity over one list.
 *
 * Without diversify choosing is linear: candidates that were chosen or that a cap
 * forbids never come back, so each of the two cursors only moves on.
 */
#include "rules.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "caps.h"
#include "condition.h"
#include "diversify.h"
#include "opt.h"

struct boost {
	struct condition *condition;
	double factor;
};

struct rules {
	struct rules_options o;
	struct boost *boosts; /* [o.n_boosts] */
	struct condition *promote;
	struct caps *caps;           /* NULL: none */
	struct diversify *diversify; /* NULL: not asked for */
	/* Of the record at hand, by place in the candidates' list. */
	uint32_t *chosen;
	size_t n_chosen;
	unsigned char *gone, *promoted; /* chosen or forbidden; the condition holds */
	size_t n_promoted;              /* among the chosen */
	double least, most;             /* scores of all, for relevance */
	size_t first, first_promoted;   /* all before them are gone or not promoted */
	size_t cap;
};

/* CONDITION=FACTOR: the last = is ours, as no condition ends with "= number" cut off.
 */
static int
add_boost(struct rules *r, struct boost *b, const char *text, char **why)
{
	const char *equals = strrchr(text, '=');
	char *inner;

	if (!equals || !opt_real(equals + 1, &b->factor) || b->factor < 0) {
		*why = xasprintf("--boost: '%s' does not end with =FACTOR, a number of "
				 "at least 0",
		    text);
		return -1;
	}
	b->condition = condition_new((struct span){ text, (size_t)(equals - text) },
	    r->o.catalog, &r->o.filters, &inner);
	if (b->condition)
		return 0;
	*why = xasprintf("--boost: %s", inner);
	free(inner);
	return -1;
}

static int
add_promotion(struct rules *r, char **why)
{
	char *inner;

	if (!(r->o.share > 0 && r->o.share <= 1)) {
		*why =
		    xasprintf("--share: %g is not above 0 and at most 1", r->o.share);
		return -1;
	}
	r->promote =
	    condition_new(span_of(r->o.promote), r->o.catalog, &r->o.filters, &inner);
	if (r->promote)
		return 0;
	*why = xasprintf("--promote: %s", inner);
	free(inner);
	return -1;
}

static int
add_diversity(struct rules *r, char **why)
{
	if (!(r->o.diversify >= 0 && r->o.diversify <= 1)) {
		*why = xasprintf("--diversify: %g is not from 0 to 1", r->o.diversify);
		return -1;
	}
	if (!r->o.model)
		*why = xasprintf("--diversify needs -m MODEL, for the items' factors");
	else if (!(r->diversify = diversify_new(r->o.model)))
		*why = xasprintf("--diversify needs a model with factors, and one of "
				 "%s has none",
		    r->o.model->recipe);
	return r->diversify ? 0 : -1;
}

static int
add_all(struct rules *r, char **why)
{
	const struct rules_options *o = &r->o;

	if (!o->catalog && (o->n_boosts || o->n_caps || o->promote)) {
		*why = xasprintf("%s needs -m MODEL or -d DATASET, for items' columns",
		    o->n_boosts ? "--boost"
		    : o->n_caps ? "--cap"
				: "--promote");
		return -1;
	}
	if (o->n_boosts)
		r->boosts = xcalloc(o->n_boosts, sizeof *r->boosts);
	for (size_t i = 0; i < o->n_boosts; i++)
		if (add_boost(r, &r->boosts[i], o->boosts[i], why) < 0)
			return -1;
	if (o->n_caps)
		r->caps = caps_new(o->catalog);
	for (size_t i = 0; i < o->n_caps; i++)
		if (caps_add(r->caps, o->caps[i], why) < 0)
			return -1;
	if (o->promote && add_promotion(r, why) < 0)
		return -1;
	return isnan(o->diversify) ? 0 : add_diversity(r, why);
}

struct rules *
rules_new(const struct rules_options *o, char **why)
{
	struct rules *r = xcalloc(1, sizeof *r);

	r->o = *o;
	if (add_all(r, why) < 0) {
		rules_free(r);
		return NULL;
	}
	return r;
}

void
rules_free(struct rules *r)
{
	if (!r)
		return;
	for (size_t i = 0; r->boosts && i < r->o.n_boosts; i++)
		condition_free(r->boosts[i].condition);
	free(r->boosts);
	condition_free(r->promote);
	caps_free(r->caps);
	diversify_free(r->diversify);
	free(r->chosen);
	free(r->gone);
	free(r->promoted);
	free(r);
}

bool
rules_need_items(const struct rules *r)
{
	return r->boosts || r->caps || r->promote || r->diversify;
}

static void
find_items(struct rules *r, struct candidates *c)
{
	for (size_t i = 0; i < c->n; i++)
		c->list[i].item = ids_find(&r->o.catalog->items, c->list[i].id);
}

static int
boost(struct rules *r, struct candidates *c, const struct record *record,
    const char **why)
{
	for (size_t b = 0; b < r->o.n_boosts; b++) {
		const struct boost *x = &r->boosts[b];

		if (condition_bind(x->condition, record, why) < 0)
			return -1;
		for (size_t i = 0; i < c->n; i++) {
			if (!condition_holds(x->condition, c->list[i].item))
				continue;
			c->list[i].score = score_rounded(c->list[i].score * x->factor);
			c->list[i].changed = true;
		}
	}
	if (r->o.n_boosts)
		candidates_sort(c);
	return 0;
}

static void
drop_small(struct candidates *c, double least)
{
	size_t kept = 0;

	for (size_t i = 0; i < c->n; i++)
		if (c->list[i].score >= least)
			c->list[kept++] = c->list[i];
	c->n = kept;
}

/* Scores that a product can have turned round, or that are none. */
static int
check_scores(const struct rules *r, const struct candidates *c, const char **why)
{
	bool wanted = r->o.n_boosts || !isnan(r->o.min_score);

	if (!c->scored && wanted) {
		*why = "--boost and --min-score need scores; --fuse rrf makes some of "
		       "places in a list";
		return -1;
	}
	for (size_t i = 0; c->scored && i < c->n; i++) {
		if (!isfinite(c->list[i].score)) {
			*why = "a score is too great for a number";
			return -1;
		}
		if (r->o.n_boosts && c->list[i].score < 0) {
			*why = "--boost multiplies, and a score is negative";
			return -1;
		}
	}
	return 0;
}

static void
start(struct rules *r, const struct candidates *c)
{
	if (c->n > r->cap) {
		r->cap = MAX(c->n, 2 * r->cap);
		r->chosen = xrealloc(r->chosen, r->cap, sizeof *r->chosen);
		r->gone = xrealloc(r->gone, r->cap, 1);
		r->promoted = xrealloc(r->promoted, r->cap, 1);
	}
	if (c->n)
		memset(r->gone, 0, c->n);
	r->n_chosen = r->n_promoted = r->first = r->first_promoted = 0;
	if (r->caps)
		caps_clear(r->caps);
	if (!r->diversify)
		return;
	diversify_start(r->diversify, c->n);
	for (size_t i = 0; i < c->n; i++)
		diversify_set(r->diversify, i, c->list[i].item);
	r->least = c->scored ? INFINITY : -(double)c->n + 1;
	r->most = c->scored ? -INFINITY : 0;
	for (size_t i = 0; c->scored && i < c->n; i++) {
		r->least = MIN(r->least, c->list[i].score);
		r->most = MAX(r->most, c->list[i].score);
	}
}

static bool
is_free(struct rules *r, const struct candidates *c, size_t i)
{
	if (!r->gone[i] && r->caps && !caps_allow(r->caps, c->list[i].item))
		r->gone[i] = true;
	return !r->gone[i];
}

/* Scores of the candidates from 0 to 1; without any, places as if they fell evenly. */
static double
relevance(const struct rules *r, const struct candidates *c, size_t i)
{
	double x = c->scored ? c->list[i].score : -(double)i;

	return r->most > r->least ? (x - r->least) / (r->most - r->least) : 1;
}

/* The best one that is free, and promoted if that is asked for; c->n: none. */
static size_t
best(struct rules *r, const struct candidates *c, bool promoted)
{
	size_t *from = promoted ? &r->first_promoted : &r->first, found = c->n;
	double most = -INFINITY, value;

	while (*from < c->n &&
	       (!is_free(r, c, *from) || (promoted && !r->promoted[*from])))
		++*from;
	if (!r->diversify)
		return *from;
	for (size_t i = *from; i < c->n; i++) {
		if (!is_free(r, c, i) || (promoted && !r->promoted[i]))
			continue;
		value = diversify_value(
		    r->diversify, i, relevance(r, c, i), r->o.diversify, most);
		if (value > most) {
			most = value;
			found = i;
		}
	}
	return found;
}

static void
choose(struct rules *r, const struct candidates *c, size_t i)
{
	r->gone[i] = true;
	r->chosen[r->n_chosen++] = (uint32_t)i;
	if (r->promote)
		r->n_promoted += r->promoted[i];
	if (r->caps)
		caps_take(r->caps, c->list[i].item);
	if (r->diversify)
		diversify_choose(r->diversify, i);
}

/* Promoted ones among the first t. A decimal share such as 0.29 is a little off. */
static size_t
due(const struct rules *r, size_t t)
{
	return (size_t)floor(r->o.share * (double)t + 1e-9);
}

static void
fill_slots(struct rules *r, struct candidates *c)
{
	for (size_t t = 1; t <= r->o.k; t++) {
		size_t i = c->n;

		if (r->promote && r->n_promoted < due(r, t)) {
			i = best(r, c, true);
			if (i < c->n)
				c->list[i].promoted = i != best(r, c, false);
		}
		if (i == c->n)
			i = best(r, c, false);
		if (i == c->n)
			break;
		choose(r, c, i);
	}
}

int
rules_choose(struct rules *r, struct candidates *c, const struct record *record,
    const uint32_t **chosen, size_t *n, const char **why)
{
	if (r->o.catalog)
		find_items(r, c);
	if (check_scores(r, c, why) < 0 || boost(r, c, record, why) < 0 ||
	    check_scores(r, c, why) < 0)
		return -1;
	if (!isnan(r->o.min_score))
		drop_small(c, r->o.min_score);
	start(r, c);
	if (r->promote) {
		if (condition_bind(r->promote, record, why) < 0)
			return -1;
		for (size_t i = 0; i < c->n; i++)
			r->promoted[i] = condition_holds(r->promote, c->list[i].item);
	}
	fill_slots(r, c);
	*chosen = r->chosen;
	*n = r->n_chosen;
	return 0;
}
