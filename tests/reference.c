/*
 * reference - the brute-force answer for every user of a model, for bats to compare.
 *
 *	reference MODEL EVENT-TYPE K
 *
 * prints userId, a tab and the K best items that the user has no such event with, by
 * every dot product, what having met an item adds, and one sort. Without operands
 * there is nothing to test.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>

#include "bitset.h"
#include "model.h"
#include "vec.h"

struct scored_place {
	float value;
	uint32_t item;
};

static int
best_first(const void *a, const void *b)
{
	const struct scored_place *x = a, *y = b;

	if (x->value != y->value)
		return x->value < y->value ? 1 : -1;
	return (x->item > y->item) - (x->item < y->item);
}

/* The items that the user has events of this type with. */
static void
find_seen(const struct catalog *c, uint32_t user, struct span type, uint64_t *seen)
{
	const struct history *h = &c->history;

	bitset_clear(seen, c->items.strings.n);
	for (uint64_t i = h->offset[user]; i < h->offset[user + 1]; i++)
		if (h->type[i] != UINT16_MAX &&
		    span_equal(strings_get(&h->types, h->type[i]), type))
			bitset_add(seen, h->item[i]);
}

static void
answer(const struct model *m, uint32_t user, const uint64_t *seen, struct seen *history,
    size_t k, struct scored_place *all, float *value)
{
	size_t n = 0, n_met;
	const struct seen_item *met;
	struct span id = strings_get(&m->catalog.users.strings, user);

	for (size_t i = 0; i < m->n_scored; i++)
		value[m->scored[i]] = vec_dot(
		    m->users + user * m->dim, model_item(m, i), VEC_COLS, m->dim);
	n_met = seen_of(history, user, 0, &met);
	for (size_t i = 0; i < n_met; i++)
		value[met[i].item] += (float)weights_seen(&m->weights, &met[i]);
	for (size_t i = 0; i < m->n_scored; i++)
		if (m->count[m->scored[i]] && !bitset_has(seen, m->scored[i]))
			all[n++] =
			    (struct scored_place){ value[m->scored[i]], m->scored[i] };
	qsort(all, n, sizeof *all, best_first);
	printf("%.*s\t", (int)id.len, id.data);
	for (size_t i = 0; i < MIN(n, k); i++) {
		id = strings_get(&m->catalog.items.strings, all[i].item);
		printf("%s%.*s", i ? " " : "", (int)id.len, id.data);
	}
	putchar('\n');
}

int
main(int argc, char *argv[])
{
	struct scored_place *all;
	struct seen *history;
	struct model *m;
	float *value;
	uint64_t *seen;
	char *why;

	if (argc != 4) {
		puts("1..0 # SKIP it is run by pz-score.bats");
		return 0;
	}
	if (!(m = model_open(argv[1], &why)))
		errx(1, "%s", why);
	seen = xcalloc(bitset_words(m->catalog.items.strings.n), sizeof *seen);
	all = xcalloc(m->n_scored, sizeof *all);
	value = xcalloc(m->catalog.items.strings.n, sizeof *value);
	history = seen_new(&m->catalog, &m->wanted);
	for (uint32_t u = 0; u < m->catalog.users.strings.n; u++) {
		find_seen(&m->catalog, u, span_of(argv[2]), seen);
		answer(m, u, seen, history, strtoul(argv[3], NULL, 10), all, value);
	}
	seen_free(history);
	free(seen);
	free(value);
	free(all);
	model_close(m);
	return 0;
}
