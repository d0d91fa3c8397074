/* eval_metrics - which metrics there are, what depends on no list, and figures. */
#include <math.h>
#include <stdlib.h>

#include "eval_state.h"

static const size_t service_k[] = { 5, 10, 25 };

static void
add_k(struct eval_state *s, size_t k)
{
	for (size_t i = 0; i < s->n_k; i++)
		if (s->k[i] == k)
			return;
	s->k = xrealloc(s->k, s->n_k + 1, sizeof *s->k);
	s->k[s->n_k++] = k;
}

static size_t
index_of_k(const struct eval_state *s, size_t k)
{
	size_t i = 0;

	while (s->k[i] != k)
		i++;
	return i;
}

/* Takes the name over. */
static void
add_metric(struct eval *e, char *name, size_t over, size_t per)
{
	e->metrics = xrealloc(e->metrics, e->n_metrics + 1, sizeof *e->metrics);
	e->metrics[e->n_metrics++] = (struct eval_metric){ name, over, per };
}

static void
add_at_k(struct eval *e, enum ranking_metric m, size_t k)
{
	size_t column = eval_column(index_of_k(e->state, k), m);

	for (size_t i = 0; i < e->n_metrics; i++)
		if (e->metrics[i].over == column)
			return;
	add_metric(e, xasprintf("%s_at_%zu", ranking_names[m], k), column, ONE);
}

static void
add_service(struct eval *e)
{
	add_at_k(e, RANKING_MRR, 25);
	for (size_t i = 0; i < LENGTH(service_k); i++)
		add_at_k(e, RANKING_NDCG, service_k[i]);
	for (size_t i = 0; i < LENGTH(service_k); i++)
		add_at_k(e, RANKING_PRECISION, service_k[i]);
}

static void
add_segments(struct eval *e)
{
	static const struct {
		const char *name;
		size_t over, per;
	} top[] = {
		{ "hits_at_top_1_percent", TOP_HITS, ONE },
		{ "recall_at_top_1_percent", TOP_RECALL, ONE },
		{ "precision_at_top_1_percent", TOP_PRECISION, ONE },
		{ "recall_at_top_1_percent_of_most_active", TOP_ACTIVE, ONE },
		{ "recall_at_top_1_percent_of_most_interested", TOP_INTERESTED, ONE },
		{ "lift_over_most_active", TOP_RECALL, TOP_ACTIVE },
		{ "lift_over_most_interested", TOP_RECALL, TOP_INTERESTED },
	};

	for (size_t i = 0; e->state->top && i < LENGTH(top); i++)
		add_metric(e, xstrdup(top[i].name), top[i].over, top[i].per);
}

void
eval_lay_out(struct eval *e)
{
	struct eval_state *s = e->state;
	const struct eval_options *o = e->o;
	bool items = !e->truth->of_users;

	if (o->background && !items)
		s->top = (o->background->catalog->users.strings.n + 99) / 100;
	for (size_t i = 0; items && i < LENGTH(service_k); i++)
		add_k(s, service_k[i]);
	for (size_t i = 0; i < o->n_k; i++)
		add_k(s, o->k[i]);
	e->n_columns = eval_column(s->n_k, 0);
	if (items)
		add_service(e);
	else
		add_segments(e);
	for (size_t i = 0; i < o->n_k; i++)
		for (int m = 0; m < RANKING_METRICS; m++)
			add_at_k(e, (enum ranking_metric)m, o->k[i]);
	if (!items || !o->background)
		return;
	for (size_t i = 0; i < o->n_k; i++)
		add_metric(e, xasprintf("surprise_at_%zu", o->k[i]),
		    eval_surprise_column(index_of_k(s, o->k[i])), LISTED);
	add_metric(e, xstrdup("negative_log_likelihood"), NLL, EVENTS);
	add_metric(
	    e, xstrdup("negative_log_likelihood_of_popularity"), POPULAR, EVENTS);
}

static void
prepare_events(struct eval *e, size_t input, double *row)
{
	const struct background *b = e->o->background;
	const struct truth *t = e->truth;

	for (uint64_t i = t->start[input]; i < t->start[input + 1]; i++) {
		uint32_t place = e->state->ids[t->id[i]].place;

		e->events += t->times[i];
		if (!b || t->of_users)
			continue;
		if (!eval_known(e, t->id[i])) {
			e->events_unknown += t->times[i];
			continue;
		}
		row[EVENTS] += t->times[i];
		row[POPULAR] += t->times[i] * log((double)b->n_pairs /
						  (double)b->popularity.count[place]);
	}
}

/* The share of an input's users that an audience has. */
static double
recall_of(struct eval *e, size_t input, const uint32_t *users, size_t n)
{
	const struct truth *t = e->truth;
	const struct strings *names = &e->o->background->catalog->users.strings;
	size_t from = t->start[input], relevant = t->start[input + 1] - from, hits = 0;

	for (size_t i = 0; i < n; i++) {
		uint32_t id = idmap_find(t->ids, strings_get(names, users[i]));
		size_t low = 0, high = relevant;

		while (low < high) {
			size_t middle = (low + high) / 2;

			if (t->id[from + middle] < id)
				low = middle + 1;
			else
				high = middle;
		}
		hits += low < relevant && t->id[from + low] == id;
	}
	return (double)hits / (double)relevant;
}

static void
prepare_segments(struct eval *e)
{
	const struct truth *t = e->truth;
	struct audience *a = audience_new(e->o->background);
	const uint32_t *users;
	struct json_value v;
	struct json j;
	size_t n;

	for (size_t i = 0; i < t->n; i++) {
		double *row = e->rows + i * e->n_columns;

		json_open(&j, t->texts.data + t->input[i],
		    (size_t)(t->input[i + 1] - t->input[i]));
		json_value(&j, &v);
		n = audience_active(a, e->state->top, &users);
		row[TOP_ACTIVE] = recall_of(e, i, users, n);
		n = audience_interested(a, &v, e->state->top, &users);
		row[TOP_INTERESTED] = recall_of(e, i, users, n);
	}
	audience_free(a);
}

void
eval_prepare(struct eval *e)
{
	for (size_t i = 0; i < e->truth->n; i++) {
		e->rows[i * e->n_columns + ONE] = 1;
		prepare_events(e, i, e->rows + i * e->n_columns);
	}
	if (e->truth->of_users && e->o->background)
		prepare_segments(e);
}

/* Takes the name over. */
static void
add_figure(struct eval *e, char *name, double value)
{
	e->figures = xrealloc(e->figures, e->n_figures + 1, sizeof *e->figures);
	e->figures[e->n_figures++] = (struct eval_figure){ name, value };
}

static int
rising(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

struct exposure {
	double coverage, gini;
};

/* How the first k entries of all lists spread over the catalogue. */
static struct exposure
exposure_at(const struct eval *e, size_t k)
{
	const struct eval_state *s = e->state;
	size_t i_k = index_of_k(s, k), shown = 0, n;
	uint32_t *x = xcalloc(s->n_ids, sizeof *x);
	double sum = 0, weighted = 0;

	n = e->o->background->catalog->items.strings.n;
	for (size_t i = 0; i < s->n_ids; i++) {
		uint32_t times = s->exposed[i * s->n_k + i_k];

		if (!times)
			continue;
		/* The catalogue is at least what was recommended. */
		n += s->ids[i].place == NONE;
		x[shown++] = times;
	}
	qsort(x, shown, sizeof *x, rising);
	for (size_t i = 0; i < shown; i++) {
		double rank = (double)(n - shown + i + 1);

		sum += x[i];
		weighted += (2 * rank - (double)n - 1) * x[i];
	}
	free(x);
	if (!shown)
		return (struct exposure){ 0, 0 };
	return (
	    struct exposure){ (double)shown / (double)n, weighted / ((double)n * sum) };
}

static void
sum_up_exposure(struct eval *e)
{
	const struct eval_options *o = e->o;

	add_figure(e, xstrdup("coverage"), exposure_at(e, 25).coverage);
	for (size_t i = 0; i < o->n_k; i++) {
		struct exposure x = exposure_at(e, o->k[i]);

		add_figure(e, xasprintf("coverage_at_%zu", o->k[i]), x.coverage);
		add_figure(e, xasprintf("gini_index_at_%zu", o->k[i]), x.gini);
	}
}

void
eval_finish(struct eval *e)
{
	if (e->truth->of_users)
		return;
	if (e->o->background)
		sum_up_exposure(e);
	if (!e->has_scores)
		return;
	add_figure(
	    e, xstrdup("candidate_calibration_error"), bins_by_trials(&e->state->bins));
	add_figure(e, xstrdup("expected_calibration_error"),
	    bins_by_score(&e->state->bins, e->state->scored_events));
}
