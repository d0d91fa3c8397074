/* eval - output records against the truth, by the definitions of the metrics. */
#include "eval.h"

#include <math.h>
#include <string.h>

#include "catalog_load.h"
#include "check.h"
#include "random.h"
#include "report.h"
#include "scratch.h"
#include "shop.h"

enum { PEOPLE = 31, GOODS = 20, LONGEST = 14, MET = 150 };

/* Random truth and lists; item GOODS is none of the catalogue. */
struct world {
	unsigned truth[PEOPLE][GOODS + 1]; /* times */
	size_t length[PEOPLE];             /* 0: no output record */
	unsigned list[PEOPLE][LONGEST];
	double score[PEOPLE][LONGEST];
	struct shop_row met[MET];
	struct catalog *catalog;
	struct background background;
	struct truth t;
	struct eval_options o;
	struct eval *e;
};

static const size_t at[] = { 3, 10 };

static void
make_background(struct world *w)
{
	static const struct wanted all;
	struct dataset *d;
	char *why;

	for (size_t i = 0; i < MET; i++)
		w->met[i] = (struct shop_row){ (unsigned)random_below(PEOPLE - 2),
			(unsigned)random_below(GOODS - 3), (long)i, NULL, -1 };
	/* Items that nobody else has met, so that the catalogue is GOODS. */
	w->met[0] = (struct shop_row){ 0, GOODS - 1, 0, NULL, -1 };
	w->met[1] = (struct shop_row){ 0, GOODS - 2, 0, NULL, -1 };
	w->met[2] = (struct shop_row){ 0, GOODS - 3, 0, NULL, -1 };
	shop_write("shop", MODE_FULL, w->met, MET);
	d = shop_open("shop");
	if (!(w->catalog = catalog_load(d, NULL, 2, &why)))
		errx(1, "%s", why);
	dataset_close(d);
	background_init(&w->background, w->catalog, &all);
}

static void
make_truth(struct world *w)
{
	struct buf b = { 0 };
	char *why;

	for (unsigned u = 0; u < PEOPLE; u++) {
		buf_addf(&b, "{\"input\":{\"userId\":\"u%u\"},\"items\":[\"i%u\"", u,
		    u % GOODS);
		w->truth[u][u % GOODS] = 1;
		for (unsigned n = (unsigned)random_below(9); n; n--) {
			unsigned i = (unsigned)random_below(GOODS + 1);

			w->truth[u][i]++;
			buf_addf(&b, ",\"i%u\"", i);
		}
		buf_adds(&b, "]}\n");
	}
	scratch_write("truth", b.data, b.len);
	if (truth_read(&w->t, "truth", &why) < 0)
		errx(1, "%s", why);
	buf_release(&b);
}

static void
add_record(struct world *w, unsigned u, bool scores)
{
	const char *why;
	struct buf b = { 0 };

	buf_addf(&b, "{\"input\":{\"userId\":\"u%u\"},\"output\":{", u);
	for (int part = 0; part <= scores; part++) {
		buf_adds(&b, part ? "],\"scores\":[" : "\"recommendedItems\":[");
		for (size_t r = 0; r < w->length[u]; r++)
			buf_addf(&b, part ? "%s%.17g" : "%s\"i%.0f\"", r ? "," : "",
			    part ? w->score[u][r] : w->list[u][r]);
	}
	buf_adds(&b, "]},\"error\":null}");
	if (eval_add(w->e, (struct span){ b.data, b.len }, &why) < 0)
		errx(1, "%s", why);
	buf_release(&b);
}

/* Lists with repeats, of falling scores; every fifth person has none. */
static void
make_lists(struct world *w, bool scores)
{
	for (unsigned u = 0; u < PEOPLE; u++) {
		double left = 1;

		w->length[u] = u % 5 ? 1 + random_below(LONGEST) : 0;
		for (size_t r = 0; r < w->length[u]; r++) {
			w->list[u][r] = (unsigned)random_below(GOODS + 1);
			w->score[u][r] = (double)random_below(1000) / 8000 * left;
			left -= w->score[u][r];
		}
		if (w->length[u])
			add_record(w, u, scores);
	}
}

static void
world_make(struct world *w, bool scores)
{
	*w = (struct world){ 0 };
	make_background(w);
	make_truth(w);
	w->o = (struct eval_options){ at, LENGTH(at), &w->background };
	w->e = eval_new(&w->t, &w->o);
	make_lists(w, scores);
	eval_finish(w->e);
}

static void
world_release(struct world *w)
{
	eval_free(w->e);
	truth_release(&w->t);
	background_release(&w->background);
	catalog_release(w->catalog);
	free(w->catalog);
}

/* A metric as report.h prints it, NAN if there is none of that name. */
static double
metric(const struct eval *e, const char *name)
{
	for (size_t m = 0; m < e->n_metrics; m++) {
		double over = 0, per = 0;

		if (strcmp(e->metrics[m].name, name))
			continue;
		for (size_t i = 0; i < e->truth->n; i++) {
			over += e->rows[i * e->n_columns + e->metrics[m].over];
			per += e->rows[i * e->n_columns + e->metrics[m].per];
		}
		return over / per;
	}
	for (size_t i = 0; i < e->n_figures; i++)
		if (!strcmp(e->figures[i].name, name))
			return e->figures[i].value;
	return NAN;
}

static bool
near(double a, double b)
{
	if (!(fabs(a - b) < 1e-9))
		printf("# %.12g, expected %.12g\n", a, b);
	return fabs(a - b) < 1e-9;
}

/* Where an item first is in a list, from 1; 0: nowhere. */
static size_t
rank_of(const struct world *w, unsigned u, unsigned item)
{
	for (size_t r = 0; r < w->length[u]; r++)
		if (w->list[u][r] == item)
			return r + 1;
	return 0;
}

static size_t
relevant(const struct world *w, unsigned u)
{
	size_t n = 0;

	for (unsigned i = 0; i <= GOODS; i++)
		n += w->truth[u][i] > 0;
	return n;
}

/* The sum over hits of what a rank is worth. */
static double
gain(const struct world *w, unsigned u, size_t k, double (*worth)(size_t rank))
{
	double sum = 0;

	for (unsigned i = 0; i <= GOODS; i++) {
		size_t rank = w->truth[u][i] ? rank_of(w, u, i) : 0;

		if (rank && rank <= k)
			sum += worth(rank);
	}
	return sum;
}

static double
discounted(size_t rank)
{
	return 1 / log2((double)rank + 1);
}

static double
one(size_t rank)
{
	return rank > 0;
}

static void
ranking_metrics_are_means_over_all_people(const struct world *w)
{
	double ndcg = 0, precision = 0, recall = 0, capped = 0;

	for (unsigned u = 0; u < PEOPLE; u++) {
		size_t n = relevant(w, u), most = MIN(n, (size_t)3);
		double ideal = 0, hits = gain(w, u, 3, one);

		for (size_t r = 1; r <= MIN(n, (size_t)10); r++)
			ideal += discounted(r);
		ndcg += gain(w, u, 10, discounted) / ideal / PEOPLE;
		precision += hits / 3 / PEOPLE;
		recall += hits / (double)n / PEOPLE;
		capped += hits / (double)most / PEOPLE;
	}
	CHECK(near(metric(w->e, "normalized_discounted_cumulative_gain_at_10"), ndcg));
	CHECK(near(metric(w->e, "precision_at_3"), precision));
	CHECK(near(metric(w->e, "recall_at_3"), recall));
	CHECK(near(metric(w->e, "capped_recall_at_3"), capped));
	CHECK(w->e->without_output == (PEOPLE + 4) / 5);
}

/* Distinct people who met an item. */
static size_t
met_by(const struct world *w, unsigned item)
{
	bool met[PEOPLE] = { false };
	size_t n = 0;

	for (size_t i = 0; i < MET; i++)
		if (w->met[i].item == item && !met[w->met[i].user]) {
			met[w->met[i].user] = true;
			n++;
		}
	return n;
}

static size_t
people_who_met_anything(const struct world *w)
{
	size_t n = 0;

	for (unsigned u = 0; u < PEOPLE; u++)
		for (size_t i = 0; i < MET; i++)
			if (w->met[i].user == u) {
				n++;
				break;
			}
	return n;
}

static void
surprise_is_the_mean_self_information(const struct world *w)
{
	double users = (double)people_who_met_anything(w), sum = 0, lists = 0;

	for (unsigned u = 0; u < PEOPLE; u++) {
		double list = 0, n = 0;

		for (size_t r = 0; r < MIN(w->length[u], (size_t)10); r++) {
			unsigned item = w->list[u][r];

			if (rank_of(w, u, item) != r + 1)
				continue;
			list += log2(users / fmax((double)met_by(w, item), 1));
			n++;
		}
		if (w->length[u]) {
			sum += list / n;
			lists++;
		}
	}
	CHECK(near(metric(w->e, "surprise_at_10"), sum / lists));
}

/* Gini as half the relative mean absolute difference of all pairs. */
static void
coverage_and_gini_are_of_all_items(const struct world *w)
{
	double x[GOODS + 1] = { 0 }, differences = 0, sum = 0, shown = 0;
	size_t n;

	for (unsigned u = 0; u < PEOPLE; u++)
		for (unsigned i = 0; i <= GOODS; i++) {
			size_t rank = rank_of(w, u, i);

			x[i] += rank && rank <= 3;
		}
	/* The item that the catalogue lacks counts if it was recommended. */
	n = GOODS + (x[GOODS] > 0);
	for (size_t i = 0; i < n; i++) {
		sum += x[i];
		shown += x[i] > 0;
		for (size_t j = 0; j < n; j++)
			differences += fabs(x[i] - x[j]);
	}
	CHECK(near(metric(w->e, "coverage_at_3"), shown / (double)n));
	CHECK(
	    near(metric(w->e, "gini_index_at_3"), differences / (2 * (double)n * sum)));
}

static double
probability(const struct world *w, unsigned u, unsigned item)
{
	size_t rank = rank_of(w, u, item), listed = 0;
	double left = 1;

	if (rank)
		return fmax(w->score[u][rank - 1], 5e-8);
	for (unsigned i = 0; i <= GOODS; i++) {
		size_t r = rank_of(w, u, i);

		left -= r ? w->score[u][r - 1] : 0;
		listed += r && i < GOODS;
	}
	return fmax(left / (double)(GOODS - listed), 5e-8);
}

static void
likelihood_spreads_what_is_left(const struct world *w)
{
	double nll = 0, popular = 0, events = 0, pairs = 0;

	for (unsigned i = 0; i < GOODS; i++)
		pairs += (double)met_by(w, i);
	for (unsigned u = 0; u < PEOPLE; u++)
		for (unsigned i = 0; i < GOODS; i++) {
			double times = w->truth[u][i];

			if (times <= 0 || !met_by(w, i))
				continue;
			events += times;
			nll -= times * log(probability(w, u, i));
			popular -= times * log((double)met_by(w, i) / pairs);
		}
	CHECK(near(metric(w->e, "negative_log_likelihood"), nll / events));
	CHECK(near(
	    metric(w->e, "negative_log_likelihood_of_popularity"), popular / events));
	CHECK(w->e->events - w->e->events_unknown == (size_t)events);
}

static void
trials_are_events_and_entries(const struct world *w)
{
	struct bins b = { 0 };
	double events = 0;

	for (unsigned u = 0; u < PEOPLE; u++) {
		unsigned times = 0;

		for (unsigned i = 0; i <= GOODS; i++)
			times += w->truth[u][i];
		events += w->length[u] ? times : 0;
		for (unsigned n = 0; n < times; n++)
			for (unsigned i = 0; i <= GOODS; i++) {
				size_t rank = rank_of(w, u, i);

				if (rank)
					bins_add(&b, w->score[u][rank - 1], 1,
					    n < w->truth[u][i]);
			}
	}
	CHECK(near(metric(w->e, "candidate_calibration_error"), bins_by_trials(&b)));
	CHECK(near(
	    metric(w->e, "expected_calibration_error"), bins_by_score(&b, events)));
	bins_release(&b);
}

static void
lists_without_scores_say_nothing_of_probability(void)
{
	struct world w;
	struct report r;
	struct buf b = { 0 };

	world_make(&w, false);
	report_make(&r, w.e, NULL, &(struct report_options){ 0, 1, 1 });
	report_json(&r, &b);
	CHECK(!w.e->has_scores && isnan(metric(w.e, "expected_calibration_error")));
	CHECK(!strstr(b.data, "negative_log_likelihood"));
	CHECK(strstr(b.data, "\"surprise_at_3\":"));
	report_release(&r);
	buf_release(&b);
	world_release(&w);
}

static int
add_text(struct eval *e, const char *text)
{
	const char *why;
	int status = eval_add(e, span_of(text), &why);

	return status < 0 && why ? -2 : status;
}

static void
records_of_all_kinds_are_counted(void)
{
	static const char truth[] =
	    "{\"input\":{\"userId\":\"u\"},\"items\":[\"a\"]}\n"
	    "{\"input\":{\"userId\":\"v\"},\"items\":[\"a\"]}\n";
	struct eval_options o = { at, LENGTH(at), NULL };
	struct truth t;
	struct eval *e;
	char *why;

	scratch_write("kinds", truth, strlen(truth));
	CHECK(truth_read(&t, "kinds", &why) == 0);
	e = eval_new(&t, &o);
	CHECK(add_text(e, "{\"input\":{\"userId\":\"u\"},\"output\":null,"
			  "\"error\":\"no\"}") == -1);
	CHECK(add_text(e, "{\"input\":{\"userId\":\"u\"},\"output\":null}") == -2);
	CHECK(add_text(e, "{\"input\":{\"userId\":\"u\"},\"output\":"
			  "{\"recommendedItems\":[1]}}") == -2);
	CHECK(
	    add_text(e, "{\"input\":{\"userId\":\"u\"},\"output\":"
			"{\"recommendedItems\":[\"b\",\"a\"],\"scores\":[1]}}") == -2);
	CHECK(add_text(e, "{\"output\":{\"recommendedItems\":[]}}") == -2);
	CHECK(add_text(e, "no JSON") == -2);
	CHECK(e->errors == 6 && e->without_output == 2);
	CHECK(metric(e, "hit_rate_at_3") == 0);
	CHECK(add_text(e, "{\"input\":{\"userId\":\"x\"},\"output\":"
			  "{\"recommendedItems\":[\"a\"]}}") == 0);
	CHECK(add_text(e, "{\"input\":{\"userId\":\"u\"},\"output\":"
			  "{\"recommendedItems\":[\"b\",\"b\",\"a\"]}}") == 0);
	CHECK(add_text(e, "{\"input\":{\"userId\":\"u\"},\"output\":"
			  "{\"recommendedItems\":[\"a\"]}}") == 0);
	CHECK(e->not_asked == 1 && e->repeated == 1 && e->without_output == 1);
	/* A repeat takes its rank, but is no hit again. */
	CHECK(near(metric(e, "mean_reciprocal_rank_at_3"), 1.0 / 3 / 2));
	CHECK(near(metric(e, "precision_at_3"), 1.0 / 3 / 2));
	CHECK(near(metric(e, "recall_at_3"), 0.5));
	eval_free(e);
	truth_release(&t);
}

int
main(void)
{
	struct world w;

	scratch_enter();
	world_make(&w, true);
	ranking_metrics_are_means_over_all_people(&w);
	surprise_is_the_mean_self_information(&w);
	coverage_and_gini_are_of_all_items(&w);
	likelihood_spreads_what_is_left(&w);
	trials_are_events_and_entries(&w);
	world_release(&w);
	lists_without_scores_say_nothing_of_probability();
	records_of_all_kinds_are_counted();
	return check_end();
}
