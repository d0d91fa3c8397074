/* report - metrics with their uncertainty. */
#include "report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "resample.h"

/* What all metrics of one evaluation are sums of: [times][n_columns]. */
struct drawn {
	double *total; /* [n_columns] of all rows */
	double *bootstrap, *coins;
};

static double
ratio(const struct eval_metric *m, const double *sums)
{
	return sums[m->over] / sums[m->per];
}

static struct drawn
draw(const struct eval *e, const struct report_options *o, bool compare)
{
	struct resample r = { e->rows, e->truth->n, e->n_columns, o->times, o->seed,
		o->threads };
	struct drawn d = { xcalloc(e->n_columns, sizeof(double)), NULL, NULL };

	for (size_t i = 0; i < e->truth->n; i++)
		for (size_t c = 0; c < e->n_columns; c++)
			d.total[c] += e->rows[i * e->n_columns + c];
	if (!o->times)
		return d;
	d.bootstrap = xcalloc(o->times * e->n_columns, sizeof(double));
	resample_bootstrap(&r, d.bootstrap);
	if (compare) {
		d.coins = xcalloc(o->times * e->n_columns, sizeof(double));
		r.seed = ~o->seed;
		resample_coins(&r, d.coins);
	}
	return d;
}

static void
drawn_release(struct drawn *d)
{
	free(d->total);
	free(d->bootstrap);
	free(d->coins);
}

/* The metric in every resample, less the other evaluation's. Resamples in which it
 * has no value (no interaction, nothing listed) are left out. */
static void
interval(const struct report *r, const struct eval_metric *m, const struct drawn *a,
    const struct drawn *b, double *low, double *high)
{
	size_t n_columns = r->e->n_columns, n = 0;
	double *values = xcalloc(r->options.times, sizeof *values);

	for (size_t t = 0; t < r->options.times; t++) {
		double x = ratio(m, a->bootstrap + t * n_columns);

		if (b)
			x -= ratio(m, b->bootstrap + t * n_columns);
		if (!isnan(x))
			values[n++] = x;
	}
	resample_interval(values, n, REPORT_PART, low, high);
	free(values);
}

/* The difference after the exchange that coins chose. */
static double
exchanged(const struct report *r, const struct eval_metric *m, const struct drawn *a,
    const struct drawn *b, size_t t)
{
	const double *in_a = a->coins + t * r->e->n_columns;
	const double *in_b = b->coins + t * r->e->n_columns;
	double over = in_b[m->over] - in_a[m->over];
	double per = in_b[m->per] - in_a[m->per];

	return (a->total[m->over] + over) / (a->total[m->per] + per) -
	       (b->total[m->over] - over) / (b->total[m->per] - per);
}

static double
p_value(const struct report *r, const struct eval_metric *m, const struct drawn *a,
    const struct drawn *b, double difference)
{
	/* Sums in another order differ in their last bits. */
	double scale = fmax(fabs(ratio(m, a->total)), fabs(ratio(m, b->total)));
	double least = fabs(difference) - 1e-10 * scale;
	size_t as_great = 1;

	for (size_t t = 0; t < r->options.times; t++)
		as_great += fabs(exchanged(r, m, a, b, t)) >= least;
	return (double)as_great / (double)(r->options.times + 1);
}

static struct report_line *
add_line(struct report *r, const char *name, double value)
{
	struct report_line *line = &r->lines[r->n++];

	*line = (struct report_line){ name, value, NAN, NAN, NAN, NAN, NAN, NAN, NAN };
	return line;
}

/* A likelihood without scores would be that of nothing. */
static bool
has_value(const struct eval *e, const struct eval_metric *m)
{
	return e->has_scores || strncmp(m->name, "negative_", 9) != 0;
}

static void
add_metrics(struct report *r, const struct drawn *a, const struct drawn *b)
{
	for (size_t i = 0; i < r->e->n_metrics; i++) {
		const struct eval_metric *m = &r->e->metrics[i];
		struct report_line *line;

		if (!has_value(r->e, m))
			continue;
		line = add_line(r, m->name, ratio(m, a->total));
		if (r->options.times)
			interval(r, m, a, NULL, &line->low, &line->high);
		if (!b || !has_value(r->other, m))
			continue;
		line->other = ratio(m, b->total);
		line->difference = line->value - line->other;
		if (!r->options.times)
			continue;
		interval(r, m, a, b, &line->difference_low, &line->difference_high);
		line->p = p_value(r, m, a, b, line->difference);
	}
}

static void
add_figures(struct report *r, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) {
		const struct eval_figure *x = &r->e->figures[i];
		struct report_line *line = add_line(r, x->name, x->value);

		/* Figures of scores, the last ones, may lack there. */
		if (!r->other || i >= r->other->n_figures)
			continue;
		line->other = r->other->figures[i].value;
		line->difference = line->value - line->other;
	}
}

void
report_make(struct report *r, const struct eval *e, const struct eval *other,
    const struct report_options *o)
{
	struct drawn a = draw(e, o, other), b = { 0 };
	size_t first = e->n_figures && !strcmp(e->figures[0].name, "coverage");

	*r = (struct report){ .options = *o, .e = e, .other = other };
	r->lines = xcalloc(e->n_metrics + e->n_figures, sizeof *r->lines);
	if (other)
		b = draw(other, o, true);
	/* The service names coverage first. */
	add_figures(r, 0, first);
	add_metrics(r, &a, other ? &b : NULL);
	add_figures(r, first, e->n_figures);
	drawn_release(&a);
	drawn_release(&b);
}

void
report_release(struct report *r)
{
	free(r->lines);
	*r = (struct report){ 0 };
}
