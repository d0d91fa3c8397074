/* live - a model with what a dataset says now. */
#include "live.h"

#include <stdlib.h>
#include <string.h>

#include "catalog_load.h"

/* A copy of n numbers with others behind, as new items have them. */
static uint32_t *
extend(const uint32_t *from, size_t n, size_t to, uint32_t first, uint32_t step)
{
	uint32_t *x = xcalloc(to, sizeof *x);

	memcpy(x, from, n * sizeof *x);
	for (size_t i = n; i < to; i++, first += step)
		x[i] = first;
	return x;
}

struct model *
live_open(const struct model *m, const struct dataset *d, size_t threads, char **why)
{
	struct catalog *c = catalog_load(d, &m->catalog, threads, why);
	size_t before = m->catalog.items.strings.n, n;
	struct model *view;

	if (!c)
		return NULL;
	n = c->items.strings.n;
	view = xcalloc(1, sizeof *view);
	*view = *m;
	view->catalog = *c;
	free(c);
	c = &view->catalog;
	view->count = catalog_own(c, extend(m->count, before, n, 0, 0));
	if (m->shown)
		view->shown = catalog_own(c, extend(m->shown, before, n, 0, 0));
	view->popular =
	    catalog_own(c, extend(m->popular, before, n, (uint32_t)before, 1));
	if (m->place)
		view->place = catalog_own(c, extend(m->place, before, n, NONE, 0));
	return view;
}

void
live_close(struct model *view)
{
	if (!view)
		return;
	catalog_release(&view->catalog);
	free(view);
}

bool
live_changed(const struct model *view, const struct model *m, uint32_t user)
{
	const struct history *now = &view->catalog.history, *then = &m->catalog.history;
	uint64_t from = now->offset[user], n = now->offset[user + 1] - from, old;

	if (user >= m->catalog.users.strings.n)
		return true;
	old = then->offset[user];
	return n != then->offset[user + 1] - old ||
	       memcmp(now->item + from, then->item + old, n * sizeof *now->item) ||
	       memcmp(now->type + from, then->type + old, n * sizeof *now->type) ||
	       memcmp(now->time + from, then->time + old, n * sizeof *now->time);
}
