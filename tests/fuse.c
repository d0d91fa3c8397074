/* fuse - joining lists by a table is joining them by looking everywhere. */
#include "fuse.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "random.h"

enum { SOURCES = 4, LONGEST = 12 };

/* One source, and the same as it was meant. */
struct list {
	struct buf text;
	struct entries e;
	size_t n;
	char id[LONGEST][8];
	double score[LONGEST];
};

static void
random_list(struct list *l, bool scored)
{
	l->n = random_below(LONGEST + 1);
	buf_clear(&l->text);
	buf_adds(&l->text, "{\"input\":{},\"output\":{\"recommendedItems\":[");
	for (size_t i = 0; i < l->n; i++) {
		snprintf(l->id[i], sizeof l->id[i], "%c%d", "ab\""[random_below(3)],
		    (int)random_below(4));
		buf_adds(&l->text, i ? "," : "");
		json_quote(&l->text, l->id[i], strlen(l->id[i]));
	}
	buf_adds(&l->text, "],\"scores\":[");
	for (size_t i = 0; i < l->n; i++) {
		l->score[i] = (double)random_below(5) / 4;
		buf_addf(
		    &l->text, scored ? "%s%g" : "%snull", i ? "," : "", l->score[i]);
	}
	buf_adds(&l->text, "]}}");
	entries_read(&l->e, (struct span){ l->text.data, l->text.len });
}

static int
compare_terms(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static bool
slow_score(const struct list *l, const struct fusion *f, const char *id, double *score)
{
	double term[SOURCES];
	size_t n = 0;

	for (size_t s = 0; s < f->n; s++)
		for (size_t i = 0; i < l[s].n; i++) {
			if (strcmp(l[s].id[i], id) != 0)
				continue;
			term[n++] =
			    f->weights[s] *
			    (f->how == FUSE_RRF ? 1 / (61 + (double)i) : l[s].score[i]);
			break;
		}
	qsort(term, n, sizeof *term, compare_terms);
	*score = f->how == FUSE_MAX && n ? term[n - 1] : 0;
	for (size_t i = 0; f->how != FUSE_MAX && i < n; i++)
		*score += term[i];
	if (f->how != FUSE_RRF)
		*score = rint(*score * 1e10) / 1e10;
	return n > 0;
}

/* Each ID there can be, in falling order of (score, then ID), is the next candidate. */
static bool
is_slow_fusion(const struct candidates *c, const struct list *l, const struct fusion *f)
{
	size_t found = 0;
	double score;
	char id[16];

	for (int first = 0; first < 3; first++)
		for (int k = 0; k < 4; k++) {
			snprintf(id, sizeof id, "%c%d", "ab\""[first], k);
			found += slow_score(l, f, id, &score);
		}
	if (found != c->n)
		return false;
	for (size_t i = 0; i < c->n; i++) {
		const struct candidate *x = &c->list[i];

		snprintf(id, sizeof id, "%.*s", (int)x->id.len, x->id.data);
		if (!slow_score(l, f, id, &score) || x->score != score || !x->changed)
			return false;
		if (i &&
		    (x[-1].score < score ||
			(x[-1].score == score && span_compare(x[-1].id, x->id) >= 0)))
			return false;
		for (size_t s = 0; s < f->n; s++) {
			uint32_t place = c->places[x->row * f->n + s];

			if (place != FUSE_NOWHERE && strcmp(l[s].id[place], id) != 0)
				return false;
			for (size_t k = 0; k < MIN(place, l[s].n); k++)
				if (!strcmp(l[s].id[k], id))
					return false;
		}
	}
	return true;
}

static void
fusion_is_what_its_formula_says(void)
{
	static const enum fuse_method methods[] = { FUSE_RRF, FUSE_SUM, FUSE_MAX };
	static struct list l[SOURCES];
	struct entries e[SOURCES];
	struct candidates c = { 0 };
	double weights[SOURCES];
	bool same = true;
	const char *why;

	for (int round = 0; same && round < 3000; round++) {
		struct fusion f = { methods[round % 3], 1 + random_below(SOURCES),
			weights };

		for (size_t s = 0; s < f.n; s++) {
			random_list(&l[s], f.how != FUSE_RRF || one_in(2));
			e[s] = l[s].e;
			weights[s] = one_in(2) ? 1 : (double)random_below(4) / 3;
		}
		same = fuse(&c, &f, e, &why) == 0 && c.scored && c.fused &&
		       is_slow_fusion(&c, l, &f);
	}
	CHECK(same);
	candidates_release(&c);
	for (size_t s = 0; s < SOURCES; s++) {
		entries_release(&l[s].e);
		buf_release(&l[s].text);
	}
}

static void
places_in_another_order_make_a_tie(void)
{
	static const char *const texts[] = {
		"{\"output\":{\"recommendedItems\":[\"b\",\"a\",\"x\",\"c\"]}}",
		"{\"output\":{\"recommendedItems\":[\"c\",\"x\",\"a\",\"b\"]}}",
		"{\"output\":{\"recommendedItems\":[\"x\",\"b\",\"c\",\"a\"]}}",
	};
	double weights[] = { 1, 1, 1 };
	struct fusion f = { FUSE_RRF, 3, weights };
	static struct entries e[3];
	struct candidates c = { 0 };
	const char *why;

	for (int s = 0; s < 3; s++)
		entries_read(&e[s], span_of(texts[s]));
	CHECK(fuse(&c, &f, e, &why) == 0 && c.n == 4);
	/* x: 3, 2, 1; b: 1, 4, 2; c: 4, 1, 3; a: 2, 3, 4 */
	CHECK(span_is(c.list[0].id, "x") && span_is(c.list[1].id, "b"));
	CHECK(fabs(c.list[0].score - (1 / 61.0 + 1 / 62.0 + 1 / 63.0)) < 1e-15);
	entries_read(&e[2], span_of("{\"output\":{\"recommendedItems\":[]}}"));
	CHECK(fuse(&c, &f, e, &why) == 0 && c.n == 4);
	/* a: 2, 3 and x: 3, 2 tie; b: 1, 4 and c: 4, 1 do and are ahead. */
	CHECK(span_is(c.list[0].id, "b") && span_is(c.list[1].id, "c") &&
	      span_is(c.list[2].id, "a") && span_is(c.list[3].id, "x"));
	CHECK(c.list[0].score == c.list[1].score && c.list[2].score == c.list[3].score);
	for (int s = 0; s < 3; s++)
		entries_release(&e[s]);
	candidates_release(&c);
}

static void
sums_that_are_equal_as_decimals_are_ties(void)
{
	struct fusion f = { FUSE_SUM, 2, (double[]){ 1, 1 } };
	static struct entries e[2];
	struct candidates c = { 0 };
	const char *why;

	entries_read(&e[0], span_of("{\"output\":{\"recommendedItems\":[\"a\",\"b\"],"
				    "\"scores\":[0.5,0.2]}}"));
	entries_read(&e[1], span_of("{\"output\":{\"recommendedItems\":[\"b\",\"a\"],"
				    "\"scores\":[0.4,0.1]}}"));
	CHECK(0.2 + 0.4 > 0.5 + 0.1);
	CHECK(fuse(&c, &f, e, &why) == 0 && c.list[0].score == c.list[1].score);
	CHECK(span_is(c.list[0].id, "a"));
	entries_release(&e[0]);
	entries_release(&e[1]);
	candidates_release(&c);
}

static void
one_list_stays_as_it_is(void)
{
	static struct list l;
	double weight = 1;
	struct fusion f = { FUSE_NONE, 1, &weight };
	struct candidates c = { 0 };
	bool same = true;
	const char *why;

	for (int round = 0; round < 100; round++) {
		bool scored = one_in(2);

		random_list(&l, scored);
		same = same && fuse(&c, &f, &l.e, &why) == 0 && c.n == l.n &&
		       c.scored == (scored || !l.n) && !c.fused;
		for (size_t i = 0; same && i < c.n; i++)
			same = span_is(c.list[i].id, l.id[i]) && c.places[i] == i &&
			       (!scored || c.list[i].score == l.score[i]) &&
			       !c.list[i].changed;
	}
	CHECK(same);
	entries_release(&l.e);
	buf_release(&l.text);
	candidates_release(&c);
}

static void
sum_and_max_want_scores(void)
{
	static const char text[] = "{\"output\":{\"recommendedItems\":[\"a\"]}}";
	double weight = 1;
	struct fusion f = { FUSE_SUM, 1, &weight };
	struct entries e = { 0 };
	struct candidates c = { 0 };
	const char *why = NULL;

	entries_read(&e, span_of(text));
	CHECK(fuse(&c, &f, &e, &why) < 0 && why);
	entries_release(&e);
	candidates_release(&c);
}

static bool
sets(const char *name, const char *const *texts, size_t n, struct fusion expected)
{
	struct fusion f = { FUSE_NONE, 2, NULL };
	char *why = NULL;
	bool good = fusion_set(&f, name, texts, n, &why) == 0 && !why;

	if (good)
		good = f.how == expected.how && f.weights[0] == expected.weights[0] &&
		       f.weights[1] == expected.weights[1];
	if (!why)
		free(f.weights);
	free(why);
	return good;
}

static void
methods_and_weights_come_from_texts(void)
{
	static const char *const texts[] = { "0.5", "0", "-1", "x" };

	CHECK(sets(NULL, NULL, 0, (struct fusion){ FUSE_NONE, 2, (double[]){ 1, 1 } }));
	CHECK(
	    sets("max", texts, 2, (struct fusion){ FUSE_MAX, 2, (double[]){ .5, 0 } }));
	CHECK(sets("rrf", NULL, 0, (struct fusion){ FUSE_RRF, 2, (double[]){ 1, 1 } }));
	CHECK(!sets("mean", NULL, 0, (struct fusion){ 0 }));
	CHECK(!sets("sum", texts, 1, (struct fusion){ 0 }));
	CHECK(!sets("sum", texts + 1, 2, (struct fusion){ 0 }));
	CHECK(!sets("sum", texts + 2, 2, (struct fusion){ 0 }));
}

int
main(void)
{
	methods_and_weights_come_from_texts();
	fusion_is_what_its_formula_says();
	places_in_another_order_make_a_tie();
	sums_that_are_equal_as_decimals_are_ties();
	one_list_stays_as_it_is();
	sum_and_max_want_scores();
	return check_end();
}
