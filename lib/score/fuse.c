/*
 * fuse - one list of candidates out of the lists that answer one input.
 *
 * IDs are found by open addressing, at most half full; the table is made anew for every
 * record. All of it is linear in the entries of the lists.
 */
#include "fuse.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "json.h"
#include "opt.h"

enum { RRF_CONSTANT = 60 };

/* -1: there is no such method. */
static int
set_method(struct fusion *f, const char *name)
{
	static const char *const names[] = {
		[FUSE_RRF] = "rrf", [FUSE_SUM] = "sum", [FUSE_MAX] = "max"
	};

	for (size_t i = FUSE_RRF; i < LENGTH(names); i++)
		if (!strcmp(names[i], name)) {
			f->how = (enum fuse_method)i;
			return 0;
		}
	return -1;
}

int
fusion_set(struct fusion *f, const char *name, const char *const *texts, size_t n_texts,
    char **why)
{
	if (name && set_method(f, name) < 0) {
		*why = xasprintf("--fuse: '%s' is none of rrf, sum and max", name);
		return -1;
	}
	if (n_texts && n_texts != f->n) {
		*why =
		    xasprintf("--weight: %zu given, expected one for each of %zu FILEs",
			n_texts, f->n);
		return -1;
	}
	f->weights = xcalloc(f->n, sizeof *f->weights);
	for (size_t i = 0; i < f->n; i++) {
		f->weights[i] = 1;
		if (!n_texts ||
		    (opt_real(texts[i], &f->weights[i]) && f->weights[i] >= 0))
			continue;
		*why = xasprintf("--weight: '%s' is no number of at least 0", texts[i]);
		free(f->weights);
		return -1;
	}
	return 0;
}

/* Room for n candidates of n_sources, nowhere yet, and empty slots. */
static void
start(struct candidates *c, size_t n, size_t n_sources)
{
	size_t slots = 16;

	c->n = 0;
	c->n_sources = n_sources;
	if (n > c->list_cap) {
		c->list_cap = MAX(n, 2 * c->list_cap);
		c->list = xrealloc(c->list, c->list_cap, sizeof *c->list);
	}
	if (n * n_sources > c->places_cap) {
		c->places_cap = MAX(n * n_sources, 2 * c->places_cap);
		c->places = xrealloc(c->places, c->places_cap, sizeof *c->places);
	}
	while (slots < 2 * n)
		slots *= 2;
	if (slots > c->slots_cap)
		c->slots = xrealloc(c->slots, slots, sizeof *c->slots);
	c->slots_cap = MAX(slots, c->slots_cap);
	c->terms = xrealloc(c->terms, n_sources, sizeof *c->terms);
}

static struct candidate *
add(struct candidates *c, struct span id)
{
	size_t row = c->n++;

	for (size_t s = 0; s < c->n_sources; s++)
		c->places[row * c->n_sources + s] = FUSE_NOWHERE;
	c->list[row] = (struct candidate){ .id = id, .row = (uint32_t)row };
	return &c->list[row];
}

/* The one with this ID, old or new. slots [mask + 1] */
static struct candidate *
find(struct candidates *c, struct span id, size_t mask)
{
	size_t i = XXH3_64bits(id.data, id.len) & mask;

	for (; c->slots[i] != FUSE_NOWHERE; i = (i + 1) & mask)
		if (span_equal(c->list[c->slots[i]].id, id))
			return &c->list[c->slots[i]];
	c->slots[i] = (uint32_t)c->n;
	return add(c, id);
}

static void
join(struct candidates *c, const struct entries *sources, size_t total)
{
	size_t mask = 15;

	while (mask + 1 < 2 * total)
		mask = 2 * mask + 1;
	memset(c->slots, 0xff, (mask + 1) * sizeof *c->slots);
	for (size_t s = 0; s < c->n_sources; s++)
		for (size_t i = 0; i < sources[s].n; i++) {
			struct candidate *x = find(c, sources[s].ids[i], mask);
			uint32_t *place = &c->places[x->row * c->n_sources + s];

			if (*place == FUSE_NOWHERE)
				*place = (uint32_t)i;
		}
}

double
score_rounded(double score)
{
	return fabs(score) < 9e5 ? rint(score * 1e10) / 1e10 : score;
}

static double
score_at(const struct entries *source, size_t place)
{
	return json_number(&source->value[source->lists[source->scores].first + place]);
}

static double
add_rising(double *terms, size_t n)
{
	double sum = 0;

	for (size_t i = 1; i < n; i++) {
		double x = terms[i];
		size_t j = i;

		for (; j && terms[j - 1] > x; j--)
			terms[j] = terms[j - 1];
		terms[j] = x;
	}
	for (size_t i = 0; i < n; i++)
		sum += terms[i];
	return sum;
}

static double
fused_score(const struct candidates *c, const struct fusion *f,
    const struct entries *sources, const uint32_t *places)
{
	double most = -INFINITY;
	size_t n = 0;

	for (size_t s = 0; s < f->n; s++) {
		double place = (double)places[s];

		if (places[s] == FUSE_NOWHERE)
			continue;
		c->terms[n] = f->weights[s] *
			      (f->how == FUSE_RRF ? 1 / (RRF_CONSTANT + 1 + place)
						  : score_at(&sources[s], places[s]));
		most = MAX(most, c->terms[n]);
		n++;
	}
	if (f->how == FUSE_RRF)
		return add_rising(c->terms, n);
	return score_rounded(f->how == FUSE_MAX ? most : add_rising(c->terms, n));
}

/* One list as it is: an ID that comes twice is two candidates. */
static void
take(struct candidates *c, const struct entries *source)
{
	for (size_t i = 0; i < source->n; i++) {
		struct candidate *x = add(c, source->ids[i]);

		c->places[i] = (uint32_t)i;
		if (c->scored)
			x->score = score_at(source, i);
	}
}

int
fuse(struct candidates *c, const struct fusion *f, const struct entries *sources,
    const char **why)
{
	bool scored = true;
	size_t total = 0;

	for (size_t s = 0; s < f->n; s++) {
		total += sources[s].n;
		scored = scored && (sources[s].scored || !sources[s].n);
	}
	if (!scored && (f->how == FUSE_SUM || f->how == FUSE_MAX)) {
		*why = "--fuse sum and max need scores in every list; rrf needs none";
		return -1;
	}
	start(c, total, f->n);
	c->fused = f->how != FUSE_NONE;
	c->scored = f->how == FUSE_RRF || scored;
	if (!c->fused) {
		take(c, sources);
		return 0;
	}
	join(c, sources, total);
	for (size_t i = 0; i < c->n; i++) {
		c->list[i].score = fused_score(c, f, sources, c->places + i * f->n);
		c->list[i].changed = true;
	}
	candidates_sort(c);
	return 0;
}

static int
best_first(const struct candidate *a, const struct candidate *b)
{
	return a->score == b->score ? 0 : a->score < b->score ? 1 : -1;
}

static int
by_score_and_place(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;
	int order = best_first(x, y);

	return order ? order : (x->row > y->row) - (x->row < y->row);
}

static int
by_score_and_id(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;
	int order = best_first(x, y);

	return order ? order : span_compare(x->id, y->id);
}

void
candidates_sort(struct candidates *c)
{
	if (c->n)
		qsort(c->list, c->n, sizeof *c->list,
		    c->fused ? by_score_and_id : by_score_and_place);
}

void
candidates_release(struct candidates *c)
{
	free(c->list);
	free(c->places);
	free(c->slots);
	free(c->terms);
	*c = (struct candidates){ 0 };
}
