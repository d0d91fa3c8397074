/* filter_event - tests of what a user did: events, and how many there are. */
#include <math.h>
#include <stdlib.h>

#include "filter_plan.h"

struct filter_walk
filter_walk_of(struct filter_plan *p, uint32_t user)
{
	const struct history *h = &p->catalog->history;
	const struct filter_options *o = &p->options;
	struct filter_walk w = { .p = p };

	if (user == NONE || !h->offset || h->offset[user] == h->offset[user + 1] ||
	    (o->idle_seconds && h->time[h->offset[user]] < o->now - o->idle_seconds))
		return w;
	if (o->history_limit)
		filter_scratch_seen(p->scratch);
	w.at = h->offset[user];
	w.end = h->offset[user + 1];
	return w;
}

static size_t
type_of(const struct history *h, uint64_t event)
{
	return MIN((size_t)h->type[event], h->types.n);
}

bool
filter_walk_next(struct filter_walk *w, uint64_t *event)
{
	const struct filter_scratch *s = w->p->scratch;
	size_t limit = w->p->options.history_limit;

	while (w->at < w->end) {
		*event = w->at++;
		if (!limit ||
		    s->seen[s->group[type_of(&s->catalog->history, *event)]]++ < limit)
			return true;
	}
	return false;
}

static bool
event_is_null(const struct plan_test *t, const struct history *h, uint64_t event)
{
	return t->parsed->field.event == EVENT_VALUE &&
	       (!h->value || isnan(h->value[event]));
}

/* Whether the event's value is a wanted one: the opposite of NOT IN and !=. */
static bool
event_matches(const struct plan_test *t, const struct history *h, uint64_t event)
{
	enum filter_op op = t->op == OP_NOT_IN || t->op == OP_NE ? OP_IN : t->op;

	if (t->types)
		return t->types[type_of(h, event)];
	if (event_is_null(t, h, event))
		return false;
	return filter_number_holds(op,
	    t->parsed->field.event == EVENT_VALUE ? (double)h->value[event]
						  : (double)h->time[event],
	    t->numbers, t->n);
}

/*
 * Walk a user's interactions: into hit the rows with a wanted event, into touched
 * (unless NULL) those with any. row < 0: the item is the row, else that is.
 */
static void
walk_history(struct filter_plan *p, const struct plan_test *t, uint32_t user,
    long long row, uint64_t *hit, uint64_t *touched)
{
	const struct history *h = &p->catalog->history;
	struct filter_walk w = filter_walk_of(p, user);
	uint64_t event;

	/* What nearly all filters ask, of all of what may be a long history. */
	if (t->types && row < 0 && !touched && !p->options.history_limit) {
		for (event = w.at; event < w.end; event++)
			if (t->types[type_of(h, event)])
				bitset_add(hit, h->item[event]);
		return;
	}
	while (filter_walk_next(&w, &event)) {
		size_t at = row < 0 ? h->item[event] : (size_t)row;

		if (event_matches(t, h, event))
			bitset_add(hit, at);
		if (touched && !event_is_null(t, h, event))
			bitset_add(touched, at);
	}
}

void
filter_event_set(
    struct filter_plan *p, const struct plan_test *t, uint64_t *set, uint32_t user)
{
	uint64_t *touched = t->op == OP_NE ? bitset_new(p->n) : NULL;

	if (p->f->target == FILTER_ITEMS)
		walk_history(p, t, user, -1, set, touched);
	else
		for (uint32_t u = 0; u + 1 < p->n; u++)
			walk_history(p, t, u, u, set, touched);
	if (t->op == OP_NOT_IN || t->op == OP_NE)
		bitset_flip(set, p->n);
	if (touched)
		bitset_and(set, touched, p->n);
	free(touched);
}

/* Inside COUNT: whether one event is as the tests say. */
bool
filter_event_holds(
    const struct plan_node *node, const struct history *h, uint64_t event)
{
	const struct plan_test *t = &node->test;

	if (node->kind == NODE_TEST)
		return filter_match_holds(
		    t->op, event_is_null(t, h, event), event_matches(t, h, event));
	if (node->kind == NODE_NOT)
		return !filter_event_holds(&node->children[0], h, event);
	for (size_t i = 0; i < node->n; i++)
		if (filter_event_holds(&node->children[i], h, event) ==
		    (node->kind == NODE_OR))
			return node->kind == NODE_OR;
	return node->kind == NODE_AND;
}

static bool
count_holds(const struct plan_test *t, uint32_t count)
{
	return filter_number_holds(t->op, count, t->numbers, t->n);
}

static void
set_bit(uint64_t *set, size_t i, bool bit)
{
	if (bit)
		bitset_add(set, i);
	else
		bitset_remove(set, i);
}

/* The user's events with each item. counts is zero before and after. */
static void
count_items(
    struct filter_plan *p, const struct plan_test *t, uint64_t *set, uint32_t user)
{
	const struct history *h = &p->catalog->history;
	struct filter_walk w = filter_walk_of(p, user);
	uint32_t *counts;
	uint64_t event;

	filter_scratch_counts(p->scratch);
	counts = p->scratch->counts;
	while (filter_walk_next(&w, &event))
		counts[h->item[event]] += filter_event_holds(t->counted, h, event);
	for (w = filter_walk_of(p, user); filter_walk_next(&w, &event);) {
		uint32_t *count = &counts[h->item[event]];

		if (*count)
			set_bit(set, h->item[event], count_holds(t, *count));
		*count = 0;
	}
}

void
filter_count_set(
    struct filter_plan *p, const struct plan_test *t, uint64_t *set, uint32_t user)
{
	const struct history *h = &p->catalog->history;
	uint32_t count;
	uint64_t event;

	if (count_holds(t, 0))
		bitset_fill(set, p->n);
	if (p->f->target == FILTER_ITEMS) {
		count_items(p, t, set, user);
		return;
	}
	for (uint32_t u = 0; u + 1 < p->n; u++) {
		struct filter_walk w = filter_walk_of(p, u);

		for (count = 0; filter_walk_next(&w, &event);)
			count += filter_event_holds(t->counted, h, event);
		set_bit(set, u, count_holds(t, count));
	}
}
