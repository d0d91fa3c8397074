/* background - what is known without any model. */
#include "background.h"

#include <math.h>
#include <stdlib.h>

#include "filter_eval.h"

void
background_init(struct background *b, const struct catalog *c, const struct wanted *w)
{
	const uint64_t *offset = c->history.offset;

	*b = (struct background){ .catalog = c };
	popularity_init(&b->popularity, c, w, NULL);
	for (size_t u = 0; u < c->users.strings.n; u++)
		b->n_users += offset[u + 1] > offset[u];
	for (size_t i = 0; i < b->popularity.n_items; i++)
		b->n_pairs += b->popularity.count[i];
}

void
background_release(struct background *b)
{
	popularity_release(&b->popularity);
}

double
background_surprise(const struct background *b, uint32_t item)
{
	uint32_t met = item == NONE ? 0 : b->popularity.count[item];

	return log2((double)MAX(b->n_users, (size_t)1) / (double)MAX(met, 1u));
}

struct audience {
	const struct catalog *catalog;
	struct filter_cache *filters;
	uint32_t *active; /* [users] by activity */
	uint32_t *count;  /* [users] interactions with what is asked for */
	uint32_t *users;  /* [users] */
	struct buf text, scratch;
};

static size_t
activity(const struct audience *a, uint32_t user)
{
	const uint64_t *offset = a->catalog->history.offset;

	return (size_t)(offset[user + 1] - offset[user]);
}

static int
best_first(const void *x, const void *y, void *context)
{
	const struct audience *a = context;
	uint32_t u = *(const uint32_t *)x, v = *(const uint32_t *)y;
	size_t active_u = activity(a, u), active_v = activity(a, v);

	if (a->count[u] != a->count[v])
		return a->count[u] < a->count[v] ? 1 : -1;
	if (active_u != active_v)
		return active_u < active_v ? 1 : -1;
	return (u > v) - (u < v);
}

struct audience *
audience_new(const struct background *b)
{
	static const struct filter_options all = { 0 };
	struct audience *a = xcalloc(1, sizeof *a);
	size_t n_users = b->catalog->users.strings.n;

	a->catalog = b->catalog;
	a->filters = filter_cache_new(b->catalog, &all, 0);
	a->active = xcalloc(n_users, sizeof *a->active);
	a->count = xcalloc(n_users, sizeof *a->count);
	a->users = xcalloc(n_users, sizeof *a->users);
	for (size_t u = 0; u < n_users; u++)
		a->active[u] = (uint32_t)u;
	qsort_r(a->active, n_users, sizeof *a->active, best_first, a);
	return a;
}

void
audience_free(struct audience *a)
{
	if (!a)
		return;
	filter_cache_free(a->filters);
	free(a->active);
	free(a->count);
	free(a->users);
	buf_release(&a->text);
	buf_release(&a->scratch);
	free(a);
}

size_t
audience_active(const struct audience *a, size_t k, const uint32_t **users)
{
	*users = a->active;
	return MIN(k, a->catalog->users.strings.n);
}

/* The items that an input asks for: one, or a set. */
struct asked {
	uint32_t item; /* NONE: the set */
	struct filter_set set;
};

/* -1: it asks for nothing that the catalogue has. */
static int
understand(struct audience *a, const struct json_value *input, struct asked *asked)
{
	struct filter_error error;
	struct filter_plan *plan;
	struct json_value v;
	struct span text;

	asked->item = NONE;
	if (json_find(*input, "itemId", &v) && v.type == JSON_STRING) {
		asked->item = ids_find(&a->catalog->items, json_text(&v, &a->scratch));
		return asked->item == NONE ? -1 : 0;
	}
	if (!json_find(*input, "itemAttributes", &v) || v.type != JSON_STRING)
		return -1;
	text = json_text(&v, &a->scratch);
	buf_clear(&a->text);
	buf_adds(&a->text, "INCLUDE ItemID WHERE ");
	buf_add(&a->text, text.data, text.len);
	text = (struct span){ a->text.data, a->text.len };
	if (!(plan = filter_cache_plan(a->filters, text, &error)))
		return -1;
	asked->set = filter_plan_run(plan, NONE, NONE);
	return 0;
}

static uint32_t
count_asked(const struct history *h, size_t user, const struct asked *asked)
{
	uint32_t n = 0;

	for (uint64_t i = h->offset[user]; i < h->offset[user + 1]; i++)
		n += asked->item == NONE ? filter_allows(&asked->set, h->item[i])
					 : h->item[i] == asked->item;
	return n;
}

size_t
audience_interested(struct audience *a, const struct json_value *input, size_t k,
    const uint32_t **users)
{
	size_t n_users = a->catalog->users.strings.n, n = 0;
	struct asked asked;

	*users = a->users;
	if (understand(a, input, &asked) < 0)
		return 0;
	for (size_t u = 0; u < n_users; u++)
		if ((a->count[u] = count_asked(&a->catalog->history, u, &asked)))
			a->users[n++] = (uint32_t)u;
	qsort_r(a->users, n, sizeof *a->users, best_first, a);
	for (size_t r = 0; r < n_users && n < k; r++)
		if (!a->count[a->active[r]])
			a->users[n++] = a->active[r];
	return MIN(n, k);
}
