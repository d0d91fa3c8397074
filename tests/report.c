/* report - intervals and p against an enumeration of all exchanges. */
#include "report.h"

#include <math.h>
#include <string.h>

#include "check.h"
#include "scratch.h"

enum { INPUTS = 10, TIMES = 20000 };

static const size_t at[] = { 4 };
static const struct eval_options options = { at, 1, NULL };

/* Every input has one relevant item; here at which rank it stands, 0: nowhere. */
static const size_t ours[INPUTS] = { 1, 1, 2, 1, 0, 3, 1, 2, 1, 4 };
static const size_t theirs[INPUTS] = { 2, 1, 4, 3, 1, 0, 2, 2, 0, 0 };

static void
make_truth(struct truth *t)
{
	struct buf b = { 0 };
	char *why;

	for (int i = 0; i < INPUTS; i++)
		buf_addf(
		    &b, "{\"input\":{\"userId\":\"%d\"},\"items\":[\"good\"]}\n", i);
	scratch_write("truth", b.data, b.len);
	CHECK(truth_read(t, "truth", &why) == 0);
	buf_release(&b);
}

static struct eval *
make_eval(struct truth *t, const size_t *ranks)
{
	struct eval *e = eval_new(t, &options);
	struct buf b = { 0 };
	const char *why;

	for (int i = 0; i < INPUTS; i++) {
		buf_clear(&b);
		buf_addf(&b, "{\"input\":{\"userId\":\"%d\"},\"output\":{", i);
		buf_adds(&b, "\"recommendedItems\":[");
		for (size_t r = 1; r <= 4; r++)
			buf_addf(&b, "%s\"%s%zu\"", r > 1 ? "," : "", "bad", r);
		buf_adds(&b, "]}}");
		if (ranks[i])
			memcpy(strstr(b.data, "bad") + 7 * (ranks[i] - 1), "good", 4);
		eval_add(e, (struct span){ b.data, b.len }, &why);
	}
	eval_finish(e);
	buf_release(&b);
	return e;
}

static const struct report_line *
line_of(const struct report *r, const char *name)
{
	for (size_t i = 0; i < r->n; i++)
		if (!strcmp(r->lines[i].name, name))
			return &r->lines[i];
	return NULL;
}

static double
reciprocal(size_t rank)
{
	return rank ? 1 / (double)rank : 0;
}

static void
p_is_the_share_of_exchanges_as_great(const struct report *r)
{
	const struct report_line *line = line_of(r, "mean_reciprocal_rank_at_4");
	double seen = 0, p = 0;

	for (size_t i = 0; i < INPUTS; i++)
		seen += reciprocal(ours[i]) - reciprocal(theirs[i]);
	for (unsigned set = 0; set < 1u << INPUTS; set++) {
		double sum = 0;

		for (size_t i = 0; i < INPUTS; i++) {
			double d = reciprocal(ours[i]) - reciprocal(theirs[i]);

			sum += set >> i & 1 ? d : -d;
		}
		p += fabs(sum) >= fabs(seen) - 1e-12;
	}
	p /= 1u << INPUTS;
	CHECK(fabs(line->difference - seen / INPUTS) < 1e-12);
	CHECK(p > 0.05 && p < 0.95);
	CHECK(fabs(line->p - p) < 4 * sqrt(p * (1 - p) / TIMES));
}

/* The bootstrap's spread is that of a mean: the standard error of the differences. */
static void
intervals_have_the_width_of_the_standard_error(const struct report *r)
{
	const struct report_line *line = line_of(r, "mean_reciprocal_rank_at_4");
	double mean = 0, square = 0, width;

	for (size_t i = 0; i < INPUTS; i++) {
		double d = reciprocal(ours[i]) - reciprocal(theirs[i]);

		mean += d / INPUTS;
		square += d * d / INPUTS;
	}
	width = 2 * 1.96 * sqrt((square - mean * mean) / INPUTS);
	CHECK(line->difference_low < line->difference &&
	      line->difference < line->difference_high);
	CHECK(fabs((line->difference_high - line->difference_low) / width - 1) < 0.1);
	CHECK(line->low < line->value && line->value < line->high);
}

static void
threads_do_not_matter(
    const struct report *r, const struct eval *a, const struct eval *b)
{
	struct report_options o = { TIMES, 5, 3 };
	struct report threaded;
	struct buf x = { 0 }, y = { 0 };

	report_make(&threaded, a, b, &o);
	report_json(r, &x);
	report_json(&threaded, &y);
	CHECK(!strcmp(x.data, y.data));
	report_release(&threaded);
	buf_release(&x);
	buf_release(&y);
}

static void
the_same_lists_do_not_differ(struct truth *t, const struct eval *a)
{
	struct report_options o = { 100, 1, 1 };
	struct eval *same = make_eval(t, ours);
	struct report r;
	bool all = true;

	report_make(&r, a, same, &o);
	for (size_t i = 0; i < r.n; i++)
		all = all && r.lines[i].difference == 0 && r.lines[i].p == 1 &&
		      r.lines[i].difference_low == 0 && r.lines[i].difference_high == 0;
	CHECK(r.n > 0 && all);
	report_release(&r);
	eval_free(same);
}

int
main(void)
{
	struct report_options o = { TIMES, 5, 1 };
	struct eval *a, *b;
	struct report r;
	struct truth t;

	scratch_enter();
	make_truth(&t);
	a = make_eval(&t, ours);
	b = make_eval(&t, theirs);
	report_make(&r, a, b, &o);
	p_is_the_share_of_exchanges_as_great(&r);
	intervals_have_the_width_of_the_standard_error(&r);
	threads_do_not_matter(&r, a, b);
	the_same_lists_do_not_differ(&t, a);
	report_release(&r);
	eval_free(a);
	eval_free(b);
	truth_release(&t);
	return check_end();
}
