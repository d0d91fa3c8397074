/* eval - output records against the truth. */
#include "eval.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "eval_state.h"
#include "record.h"

/* What is known by ID follows the truth's IDs, which recommended ones join. */
static void
follow_ids(struct eval *e)
{
	struct eval_state *s = e->state;
	const struct background *b = e->o->background;
	const struct ids *known = NULL;
	size_t n = idmap_count(e->truth->ids);

	if (b)
		known = e->truth->of_users ? &b->catalog->users : &b->catalog->items;
	if (n > s->cap_ids) {
		s->cap_ids = MAX(n, 2 * s->cap_ids);
		s->ids = xrealloc(s->ids, s->cap_ids, sizeof *s->ids);
		s->exposed =
		    xrealloc(s->exposed, s->cap_ids * s->n_k, sizeof *s->exposed);
	}
	for (; s->n_ids < n; s->n_ids++) {
		struct span text = idmap_get(e->truth->ids, (uint32_t)s->n_ids);

		s->ids[s->n_ids] =
		    (struct eval_id){ .place = known ? ids_find(known, text) : NONE };
		memset(s->exposed + s->n_ids * s->n_k, 0, s->n_k * sizeof *s->exposed);
	}
}

static void
add_entry(struct eval_state *s, uint32_t id)
{
	if (s->n_entries == s->cap_entries) {
		s->cap_entries = s->cap_entries ? 2 * s->cap_entries : 64;
		s->entries = xrealloc(s->entries, s->cap_entries, sizeof *s->entries);
		s->ranks = xrealloc(s->ranks, s->cap_entries, sizeof *s->ranks);
	}
	s->entries[s->n_entries++] = (struct eval_entry){ id, false, NAN };
}

/* NULL, or what is wrong. */
static const char *
read_entries(struct eval *e, const struct json_value *list)
{
	struct eval_state *s = e->state;
	struct json_value v;
	struct json j;

	json_open(&j, list->raw.data, list->raw.len);
	json_enter(&j, '[');
	while (json_element(&j) > 0 && json_value(&j, &v) == 0) {
		if (v.type != JSON_STRING)
			return "expected strings in the list";
		add_entry(s, idmap_add(e->truth->ids, json_text(&v, &s->scratch)));
	}
	return NULL;
}

static const char *
read_scores(struct eval *e, const struct json_value *list)
{
	struct eval_state *s = e->state;
	struct json_value v;
	struct json j;
	size_t n = 0;

	json_open(&j, list->raw.data, list->raw.len);
	json_enter(&j, '[');
	for (; json_element(&j) > 0 && json_value(&j, &v) == 0; n++) {
		if (v.type != JSON_NUMBER)
			return "expected numbers as scores";
		if (n < s->n_entries)
			s->entries[n].score = json_number(&v);
	}
	return n == s->n_entries ? NULL : "expected as many scores as entries";
}

/* Mark what is relevant and what is shown; the ranks of what is both. How many. */
static size_t
find_hits(struct eval *e, size_t input)
{
	const struct truth *t = e->truth;
	struct eval_state *s = e->state;
	size_t hits = 0;

	follow_ids(e);
	s->stamp++;
	for (uint64_t i = t->start[input]; i < t->start[input + 1]; i++) {
		s->ids[t->id[i]].relevant = s->stamp;
		s->ids[t->id[i]].times = t->times[i];
	}
	for (size_t r = 0; r < s->n_entries; r++) {
		struct eval_entry *x = &s->entries[r];
		struct eval_id *id = &s->ids[x->id];

		x->repeated = id->shown == s->stamp;
		if (x->repeated)
			continue;
		id->shown = s->stamp;
		id->score = x->score;
		if (id->relevant == s->stamp)
			s->ranks[hits++] = r + 1;
	}
	return hits;
}

static void
measure_surprise(struct eval *e, double *row)
{
	struct eval_state *s = e->state;

	for (size_t i = 0; i < s->n_k; i++) {
		double sum = 0, n = 0;

		for (size_t r = 0; r < MIN(s->n_entries, s->k[i]); r++) {
			uint32_t id = s->entries[r].id;

			if (s->entries[r].repeated)
				continue;
			s->exposed[(size_t)id * s->n_k + i]++;
			sum += background_surprise(e->o->background, s->ids[id].place);
			n++;
		}
		row[eval_surprise_column(i)] = n > 0 ? sum / n : 0;
	}
}

/* What each item of the catalogue that is not listed with a score has. */
static double
probability_left(const struct eval *e)
{
	const struct eval_state *s = e->state;
	size_t unlisted = e->o->background->catalog->items.strings.n;
	double rest = 1;

	for (size_t r = 0; r < s->n_entries; r++) {
		const struct eval_entry *x = &s->entries[r];

		if (x->repeated || isnan(x->score))
			continue;
		rest -= x->score;
		unlisted -= s->ids[x->id].place != NONE;
	}
	return unlisted ? fmax(rest, 0) / (double)unlisted : 0;
}

static void
measure_likelihood(struct eval *e, size_t input, double *row)
{
	const struct truth *t = e->truth;
	const struct eval_state *s = e->state;
	double rest = probability_left(e), nll = 0;

	for (uint64_t i = t->start[input]; i < t->start[input + 1]; i++) {
		const struct eval_id *id = &s->ids[t->id[i]];
		bool scored = id->shown == s->stamp && !isnan(id->score);

		if (eval_known(e, t->id[i]))
			nll -= t->times[i] *
			       log(fmax(scored ? id->score : rest, EVAL_LEAST));
	}
	row[NLL] = nll;
}

static void
measure_bins(struct eval *e, size_t input)
{
	const struct truth *t = e->truth;
	struct eval_state *s = e->state;
	double events = 0;

	for (uint64_t i = t->start[input]; i < t->start[input + 1]; i++)
		events += t->times[i];
	if (s->n_entries && !isnan(s->entries[0].score)) {
		s->scored_events += events;
		e->has_scores = true;
	}
	for (size_t r = 0; r < s->n_entries; r++) {
		const struct eval_entry *x = &s->entries[r];
		const struct eval_id *id = &s->ids[x->id];

		if (x->repeated || isnan(x->score))
			continue;
		bins_add(&s->bins, x->score, events,
		    id->relevant == s->stamp ? id->times : 0);
	}
}

static void
measure_top(const struct eval_state *s, size_t hits, size_t relevant, double *row)
{
	size_t n = 0;

	while (n < hits && s->ranks[n] <= s->top)
		n++;
	row[TOP_HITS] = (double)n;
	row[TOP_RECALL] = (double)n / (double)relevant;
	row[TOP_PRECISION] = s->top ? (double)n / (double)s->top : 0;
}

/* The entries that were read are the list of this input. */
static void
measure_list(struct eval *e, size_t input)
{
	const struct truth *t = e->truth;
	struct eval_state *s = e->state;
	double *row = e->rows + input * e->n_columns;
	size_t hits = find_hits(e, input);
	size_t relevant = (size_t)(t->start[input + 1] - t->start[input]);

	for (size_t i = 0; i < s->n_k; i++)
		ranking_measure(
		    row + eval_column(i, 0), s->ranks, hits, relevant, s->k[i]);
	row[LISTED] = s->n_entries > 0;
	if (t->of_users) {
		measure_top(s, hits, relevant, row);
		return;
	}
	if (e->o->background) {
		measure_surprise(e, row);
		measure_likelihood(e, input, row);
	}
	measure_bins(e, input);
}

struct eval *
eval_new(struct truth *t, const struct eval_options *o)
{
	struct eval *e = xcalloc(1, sizeof *e);
	struct eval_state *s = e->state = xcalloc(1, sizeof *s);

	e->o = o;
	e->truth = t;
	eval_lay_out(e);
	e->rows = xcalloc(t->n, e->n_columns * sizeof *e->rows);
	s->answered = xcalloc(t->n, sizeof *s->answered);
	e->without_output = t->n;
	follow_ids(e);
	eval_prepare(e);
	for (size_t i = 0; i < t->n; i++)
		measure_list(e, i);
	return e;
}

void
eval_free(struct eval *e)
{
	struct eval_state *s;

	if (!e)
		return;
	s = e->state;
	for (size_t i = 0; i < e->n_metrics; i++)
		free(e->metrics[i].name);
	for (size_t i = 0; i < e->n_figures; i++)
		free(e->figures[i].name);
	bins_release(&s->bins);
	buf_release(&s->key);
	buf_release(&s->scratch);
	free(s->k);
	free(s->ids);
	free(s->exposed);
	free(s->answered);
	free(s->entries);
	free(s->ranks);
	free(s);
	free(e->metrics);
	free(e->figures);
	free(e->rows);
	free(e);
}

/* NULL, or why there is no list in the record. */
static const char *
read_list(struct eval *e, const struct record *r)
{
	const struct json_value *list = e->truth->of_users ? &r->users : &r->items;
	const char *why;

	e->state->n_entries = 0;
	if (list->type != JSON_ARRAY)
		return e->truth->of_users ? "expected a list, usersList"
					  : "expected a list, recommendedItems";
	if ((why = read_entries(e, list)))
		return why;
	return r->scores.type == JSON_ARRAY ? read_scores(e, &r->scores) : NULL;
}

int
eval_add(struct eval *e, struct span line, const char **why)
{
	struct eval_state *s = e->state;
	struct record r;
	uint32_t input;

	*why = NULL;
	if (record_parse(&r, line.data, line.len) < 0)
		*why = r.why;
	else if (!input_key(&s->key, &r.input))
		*why = "expected an input with userId, itemId or itemAttributes";
	else if (!r.has_error)
		*why = read_list(e, &r);
	if (*why || r.has_error) {
		e->errors++;
		return -1;
	}
	input = idmap_find(e->truth->keys, (struct span){ s->key.data, s->key.len });
	if (input == IDMAP_NONE) {
		e->not_asked++;
	} else if (s->answered[input]) {
		e->repeated++;
	} else {
		s->answered[input] = true;
		e->without_output--;
		measure_list(e, input);
	}
	return 0;
}
