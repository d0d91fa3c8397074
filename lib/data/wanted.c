/* wanted - which interactions count, and how much. */
#include "wanted.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A number up to the end or another '='. NULL if there is none. */
static const char *
read_number(const char *text, double *value)
{
	char *end;

	*value = strtod(text, &end);
	return end != text && (!*end || *end == '=') ? end : NULL;
}

int
wanted_add(struct wanted *w, const char *text, const char **why)
{
	struct event_rule *r = &w->rules[w->n];
	size_t len = strcspn(text, ">=");
	const char *at = text + len;

	*why = "expected TYPE, TYPE>=VALUE, TYPE=WEIGHT or TYPE>=VALUE=WEIGHT";
	if (w->n == WANTED_RULES) {
		*why = "more than 10 event types";
		return -1;
	}
	*r = (struct event_rule){ .weight = 1 };
	if (!strncmp(at, ">=", 2)) {
		r->has_threshold = true;
		if (!(at = read_number(at + 2, &r->threshold)))
			return -1;
	}
	if (*at == '=' && (!(at = read_number(at + 1, &r->weight)) || *at))
		return -1;
	if (!len || *at)
		return -1;
	if (!(r->weight >= 0 && r->weight <= 1)) {
		*why = "a weight is a number from 0 to 1";
		return -1;
	}
	if (len != 1 || *text != '*')
		r->type = xmemdup(text, len);
	w->n++;
	return 0;
}

void
wanted_release(struct wanted *w)
{
	for (size_t i = 0; i < w->n; i++)
		free(w->rules[i].type);
	w->n = 0;
}

static bool
is_of_type(const struct event_rule *r, const struct span *type)
{
	return !r->type || (type && span_equal_nocase(*type, span_of(r->type)));
}

static bool
reaches(const struct event_rule *r, double value)
{
	return !r->has_threshold || value >= r->threshold;
}

double
wanted_weight_of(const struct wanted *w, const struct span *type, double value)
{
	double best = 0;

	for (size_t r = 0; r < w->n; r++)
		if (is_of_type(&w->rules[r], type) && reaches(&w->rules[r], value))
			best = MAX(best, w->rules[r].weight);
	return w->n ? best : 1;
}

void
wanted_types_init(
    struct wanted_types *t, const struct history *h, const struct wanted *w)
{
	size_t n = h->types.n + 1;

	*t = (struct wanted_types){ h, w, xcalloc(w->n * n, sizeof *t->type) };
	for (size_t r = 0; r < w->n; r++)
		for (uint32_t i = 0; i < n; i++) {
			struct span name = i < h->types.n ? strings_get(&h->types, i)
							  : (struct span){ 0 };

			t->type[r * n + i] =
			    is_of_type(&w->rules[r], i < h->types.n ? &name : NULL);
		}
}

void
wanted_types_release(struct wanted_types *t)
{
	free(t->type);
}

double
wanted_weight(const struct wanted_types *t, uint64_t i)
{
	const struct history *h = t->h;
	size_t n = h->types.n, type = h->type[i] == UINT16_MAX ? n : h->type[i];
	double best = 0, value = h->value ? (double)h->value[i] : NAN;

	if (!t->w->n)
		return 1;
	for (size_t r = 0; r < t->w->n; r++)
		if (t->type[r * (n + 1) + type] && reaches(&t->w->rules[r], value))
			best = MAX(best, t->w->rules[r].weight);
	return best;
}

bool
wanted_counts(const struct wanted_types *t, uint64_t i)
{
	return !t->w->n || wanted_weight(t, i) > 0;
}
