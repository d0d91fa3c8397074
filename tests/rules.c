/*
 * rules - every combination against its definition, slot by slot.
 *
 * The slow side knows the shop by its description alone. Where values are closer than
 * floats can tell, either choice is right, and the slow side goes on from the one made.
 */
#include "rules.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "market.h"

enum { LONGEST = 30, SOURCES = 2 };

static const double close = 1e-5;

enum { BOOST = 1, LEAST = 2, PROMOTE = 4, CAP = 8, DIVERSIFY = 16, ALL = 31 };

/* What the texts below mean, by the description. */
enum { COOK, CHEAP, HIGH_FOR_OLD, NO_ART, KINDS };

static const char *const conditions[KINDS] = {
	"Items.GENRE IN (\"cook\")",
	"Items.PRICE<=2.5",
	"Items.SHELF = \"high\" IF CurrentUser.AGE > 18",
	"EXCLUDE ItemID WHERE Items.GENRE IN (\"art\")",
};

static const char *const boosts[KINDS] = {
	"Items.GENRE IN (\"cook\")=2",
	"Items.PRICE<=2.5=0.5",
	"Items.SHELF = \"high\" IF CurrentUser.AGE > 18=3",
	"EXCLUDE ItemID WHERE Items.GENRE IN (\"art\")=0",
};

static const double factors[KINDS] = { 2, 0.5, 3, 0 };

static bool
holds(const struct market *m, int kind, int item, bool old)
{
	switch (kind) {
	case COOK:
		return market_has(m, item, GENRE, "cook");
	case CHEAP:
		return market_has(m, item, PRICE, "1") ||
		       market_has(m, item, PRICE, "2.5");
	case HIGH_FOR_OLD:
		return old && market_has(m, item, SHELF, "high");
	default:
		return !market_has(m, item, GENRE, "art");
	}
}

struct test {
	const struct market *market;
	int parts; /* which rules */
	bool old;  /* the user */
	bool fused;
	struct rules_options o;
	const char *boost[2], *cap[2];
	int boost_kind[2], cap_column[2], promote_kind;
	size_t cap_most[2];
	struct buf text[SOURCES];
	struct entries e[SOURCES];
};

static void
random_rules(struct test *t)
{
	static const char *const caps[] = { "GENRE=1", "shelf=2", "PRICE=2",
		"GENRE=3" };
	static const int columns[] = { GENRE, SHELF, PRICE, GENRE };
	static const size_t most[] = { 1, 2, 2, 3 };

	t->o = (struct rules_options){ .k = 1 + random_below(LONGEST),
		.catalog = &t->market->model.catalog,
		.model = &t->market->model,
		.boosts = t->boost,
		.caps = t->cap,
		.share = NAN,
		.min_score = NAN,
		.diversify = NAN };
	for (int i = 0; i < 2; i++) {
		size_t c = random_below(LENGTH(caps));

		t->boost_kind[i] = (int)random_below(KINDS);
		t->boost[i] = boosts[t->boost_kind[i]];
		t->cap[i] = caps[c];
		t->cap_column[i] = columns[c];
		t->cap_most[i] = most[c];
	}
	t->promote_kind = (int)random_below(KINDS);
	if (t->parts & BOOST)
		t->o.n_boosts = 1 + random_below(2);
	if (t->parts & LEAST)
		t->o.min_score = (double)random_below(5) / (t->fused ? 300 : 10);
	if (t->parts & PROMOTE) {
		t->o.promote = conditions[t->promote_kind];
		t->o.share = (double)(1 + random_below(20)) / 20;
	}
	if (t->parts & CAP)
		t->o.n_caps = 1 + random_below(2);
	if (t->parts & DIVERSIFY)
		t->o.diversify = (double)random_below(11) / 10;
}

static void
random_source(struct test *t, struct buf *text, struct entries *e, bool scored)
{
	size_t n = random_below(LONGEST + 1);
	double score = 1;

	buf_clear(text);
	buf_addf(text,
	    "{\"input\":{\"userId\":\"%s\"},\"output\":{\"recommendedItems\":[",
	    t->old ? "old" : "young");
	for (size_t i = 0; i < n; i++)
		if (one_in(8))
			buf_addf(
			    text, "%s\"new%d\"", i ? "," : "", (int)random_below(9));
		else
			buf_addf(text, "%s\"%s\"", i ? "," : "",
			    t->market->id[random_below(MARKET_ITEMS)]);
	buf_adds(text, scored ? "],\"scores\":[" : "],\"other\":[");
	for (size_t i = 0; i < n; i++) {
		buf_addf(text, "%s%.7f", i ? "," : "", score);
		score -= one_in(3) ? 0 : (double)random_below(100) / 3000;
	}
	buf_adds(text, "]}}");
	entries_read(e, (struct span){ text->data, text->len });
}

/* The list after boosts and the least score, by selection sort. */
static size_t
slow_list(const struct test *t, const struct candidates *c, struct candidate *list)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++) {
		struct candidate x = c->list[i];
		size_t at = n;

		for (size_t b = 0; b < t->o.n_boosts; b++)
			if (holds(t->market, t->boost_kind[b],
				market_item(t->market, x.id), t->old))
				x.score =
				    rint(x.score * factors[t->boost_kind[b]] * 1e10) /
				    1e10;
		if (t->parts & LEAST && x.score < t->o.min_score)
			continue;
		while (t->parts & BOOST && at && list[at - 1].score <= x.score &&
		       (list[at - 1].score < x.score ||
			   (c->fused && span_compare(list[at - 1].id, x.id) > 0)))
			at--;
		memmove(list + at + 1, list + at, (n - at) * sizeof *list);
		list[at] = x;
		n++;
	}
	return n;
}

static bool
below_caps(const struct test *t, const struct candidate *list, const size_t *chosen,
    size_t n_chosen, size_t i)
{
	int item = market_item(t->market, list[i].id);

	for (size_t k = 0; item >= 0 && k < t->o.n_caps; k++) {
		const struct toy_column *column =
		    &t->market->toy.items.column[t->cap_column[k]];

		for (int v = 0; v < column->cell[item].n; v++) {
			size_t count = 0;

			for (size_t j = 0; j < n_chosen; j++)
				count += market_has(t->market,
				    market_item(t->market, list[chosen[j]].id),
				    t->cap_column[k], column->cell[item].text[v]);
			if (count >= t->cap_most[k])
				return false;
		}
	}
	return true;
}

static double
slow_value(const struct test *t, bool scored, const struct candidate *list, size_t n,
    const size_t *chosen, size_t n_chosen, size_t i)
{
	double least = list[0].score, most = list[0].score, like = -2, relevance = 1;

	for (size_t j = 0; j < n; j++) {
		least = MIN(least, list[j].score);
		most = MAX(most, list[j].score);
	}
	if (!scored)
		relevance = n > 1 ? 1 - (double)i / (double)(n - 1) : 1;
	else if (most > least)
		relevance = (list[i].score - least) / (most - least);
	for (size_t j = 0; j < n_chosen; j++)
		like = MAX(
		    like, market_cosine(t->market, market_item(t->market, list[i].id),
			      market_item(t->market, list[chosen[j]].id)));
	return t->o.diversify * relevance -
	       (1 - t->o.diversify) * (n_chosen ? like : 0);
}

/* Whether taking `taken` for the next slot, n for none, is what the rules ask for. */
static bool
slot_is_right(const struct test *t, bool scored, const struct candidate *list, size_t n,
    const size_t *chosen, size_t n_chosen, size_t taken)
{
	bool free[LONGEST * SOURCES], promoted[LONGEST * SOURCES],
	    any = false, any_promoted = false, forced = false;
	size_t have = 0;
	double best = -INFINITY;

	for (size_t i = 0; i < n; i++) {
		free[i] = below_caps(t, list, chosen, n_chosen, i);
		promoted[i] = holds(t->market, t->promote_kind,
		    market_item(t->market, list[i].id), t->old);
		for (size_t j = 0; j < n_chosen; j++)
			if (chosen[j] == i) {
				free[i] = false;
				have += promoted[i];
			}
		any |= free[i];
		any_promoted |= free[i] && promoted[i];
	}
	if (taken == n)
		return !any;
	if (t->parts & PROMOTE)
		forced = any_promoted &&
			 (double)have + 1 <= t->o.share * (double)(n_chosen + 1) + 1e-6;
	if (!free[taken] || (forced && !promoted[taken]))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!free[i] || (forced && !promoted[i]))
			continue;
		if (!(t->parts & DIVERSIFY))
			return i == taken;
		best = MAX(best, slow_value(t, scored, list, n, chosen, n_chosen, i));
	}
	return slow_value(t, scored, list, n, chosen, n_chosen, taken) >= best - close;
}

static bool
same_lists(const struct candidate *a, const struct candidates *c, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!span_equal(a[i].id, c->list[i].id) || a[i].row != c->list[i].row ||
		    (c->scored && a[i].score != c->list[i].score))
			return false;
	return n == c->n;
}

static bool
run_test(struct test *t, struct candidates *c)
{
	double weights[SOURCES] = { 1, 0.5 };
	struct fusion f = { t->fused ? FUSE_RRF : FUSE_NONE, t->fused ? SOURCES : 1,
		weights };
	struct candidate list[LONGEST * SOURCES + 1];
	size_t chosen[LONGEST * SOURCES], n, n_chosen;
	const uint32_t *got;
	struct rules *r;
	const char *why;
	bool right;
	char *wrong;

	if (!(r = rules_new(&t->o, &wrong))) {
		printf("# %s\n", wrong);
		free(wrong);
		return false;
	}
	right = fuse(c, &f, t->e, &why) == 0;
	n = slow_list(t, c, list);
	right = right &&
		rules_choose(r, c, &t->e[0].record, &got, &n_chosen, &why) == 0 &&
		same_lists(list, c, n) && n_chosen <= t->o.k;
	for (size_t i = 0; right && i <= n_chosen && i < t->o.k; i++) {
		chosen[i] = i < n_chosen ? got[i] : n;
		right = slot_is_right(t, c->scored, list, n, chosen, i, chosen[i]);
	}
	rules_free(r);
	return right;
}

static void
every_combination_does_what_it_says(void)
{
	struct market *m = market_new();
	struct candidates c = { 0 };
	struct test t = { .market = m };

	for (t.parts = 0; t.parts <= ALL; t.parts++) {
		bool right = true;

		for (int round = 0; right && round < 120; round++) {
			/* Boosts and a least score are for lists with scores. */
			bool scored = (t.parts & (BOOST | LEAST)) || one_in(2);

			t.fused = one_in(2);
			t.old = one_in(2);
			random_rules(&t);
			for (int s = 0; s < SOURCES; s++)
				random_source(&t, &t.text[s], &t.e[s],
				    t.fused ? one_in(2) : scored);
			right = run_test(&t, &c);
			if (!right)
				printf("# rules %d, round %d\n# %s\n", t.parts, round,
				    t.text[0].data);
		}
		CHECK(right);
	}
	for (int s = 0; s < SOURCES; s++) {
		buf_release(&t.text[s]);
		entries_release(&t.e[s]);
	}
	candidates_release(&c);
	market_free(m);
}

static void
shares_hold_in_every_beginning(void)
{
	struct market *m = market_new();
	struct candidates c = { 0 };
	struct test t = { .market = m, .parts = PROMOTE };
	bool right = true;

	for (int round = 0; right && round < 300; round++) {
		double weight = 1;
		struct fusion f = { FUSE_NONE, 1, &weight };
		size_t n, have = 0, all = 0;
		const uint32_t *got;
		struct rules *r;
		const char *why;
		char *wrong;

		random_rules(&t);
		t.o.promote = conditions[t.promote_kind = COOK];
		random_source(&t, &t.text[0], &t.e[0], true);
		r = rules_new(&t.o, &wrong);
		fuse(&c, &f, t.e, &why);
		right = rules_choose(r, &c, &t.e[0].record, &got, &n, &why) == 0;
		for (size_t i = 0; i < c.n; i++)
			all += holds(m, COOK, market_item(m, c.list[i].id), false);
		for (size_t i = 0; i < n; i++) {
			have +=
			    holds(m, COOK, market_item(m, c.list[got[i]].id), false);
			right =
			    right &&
			    have >= MIN(all, (size_t)floor(
						 t.o.share * (double)(i + 1) + 1e-9));
		}
		rules_free(r);
	}
	CHECK(right);
	buf_release(&t.text[0]);
	entries_release(&t.e[0]);
	candidates_release(&c);
	market_free(m);
}

static bool
refused(struct rules_options o, const char *part)
{
	char *why = NULL;
	struct rules *r = rules_new(&o, &why);
	bool good = !r && why && strstr(why, part);

	if (!good)
		printf("# %s\n", r ? "taken" : why);
	rules_free(r);
	free(why);
	return good;
}

static void
wrong_texts_are_told(void)
{
	static const char *const no_factor[] = { "Items.PRICE = 5" };
	static const char *const minus[] = { "Items.PRICE = 5=-1" };
	static const char *const broken[] = { "Items.GENRE IN (\"a\"=2" };
	static const char *const column[] = { "COLOUR=3" };
	static const char *const zero[] = { "GENRE=0" };
	struct market *m = market_new();
	struct rules_options o = { .k = 1,
		.catalog = &m->model.catalog,
		.share = NAN,
		.min_score = NAN,
		.diversify = NAN };
	struct rules_options x = o;

	x.boosts = no_factor;
	x.n_boosts = 1;
	CHECK(refused(x, "does not end with =FACTOR"));
	x.boosts = minus;
	CHECK(refused(x, "does not end with =FACTOR"));
	x.boosts = broken;
	CHECK(refused(x, "--boost: the expression ends here"));
	x.catalog = NULL;
	CHECK(refused(x, "--boost needs -m MODEL or -d DATASET"));
	x = o;
	x.caps = column;
	x.n_caps = 1;
	CHECK(refused(x, "no column 'COLOUR'"));
	x.caps = zero;
	CHECK(refused(x, "is not COLUMN=N"));
	x = o;
	x.promote = conditions[COOK];
	x.share = 1.5;
	CHECK(refused(x, "--share: 1.5 is not"));
	x.share = 0.5;
	x.promote = "INCLUDE UserID WHERE Users.AGE > 5";
	CHECK(refused(x, "expected a filter on ItemID"));
	x = o;
	x.diversify = 1.01;
	CHECK(refused(x, "from 0 to 1"));
	x.diversify = 1;
	CHECK(refused(x, "--diversify needs -m"));
	m->model.factors = 0;
	x.model = &m->model;
	CHECK(refused(x, "market has none"));
	market_free(m);
}

static void
scores_that_are_none_are_that_records_error(void)
{
	static const char *const texts[] = {
		"{\"output\":{\"recommendedItems\":[\"i01\",\"i02\"]}}",
		"{\"output\":{\"recommendedItems\":[\"i01\"],\"scores\":[-1]}}",
		"{\"output\":{\"recommendedItems\":[\"i01\"],\"scores\":[1e999]}}",
		"{\"output\":{\"recommendedItems\":[\"i01\"],\"scores\":[null]}}",
	};
	static const char *const boost[] = { "Items.PRICE > -9=1e300" };
	struct market *m = market_new();
	struct rules_options o = { .k = 1,
		.catalog = &m->model.catalog,
		.boosts = boost,
		.n_boosts = 1,
		.share = NAN,
		.min_score = NAN,
		.diversify = NAN };
	struct candidates c = { 0 };
	struct entries e = { 0 };
	double weight = 1;
	struct fusion f = { FUSE_NONE, 1, &weight };
	char *wrong;
	struct rules *r = rules_new(&o, &wrong);

	for (size_t i = 0; i < LENGTH(texts); i++) {
		const uint32_t *chosen;
		const char *why = NULL;
		size_t n;

		entries_read(&e, span_of(texts[i]));
		CHECK(fuse(&c, &f, &e, &why) == 0 &&
		      rules_choose(r, &c, &e.record, &chosen, &n, &why) < 0 && why);
	}
	rules_free(r);
	entries_release(&e);
	candidates_release(&c);
	market_free(m);
}

int
main(void)
{
	every_combination_does_what_it_says();
	shares_hold_in_every_beginning();
	wrong_texts_are_told();
	scores_that_are_none_are_that_records_error();
	return check_end();
}
