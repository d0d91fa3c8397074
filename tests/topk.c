/* topk - selection is sorting and cutting. */
#include "topk.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"

struct sample {
	char key[4], line[16];
	size_t arrival;
};

static bool least;

static int
best_first(const void *a, const void *b)
{
	const struct sample *s = a, *t = b;
	int order = strcmp(t->key, s->key);

	if (order)
		return least ? -order : order;
	return (s->arrival > t->arrival) - (s->arrival < t->arrival);
}

static bool
selection_is_right(size_t n, size_t k)
{
	struct sample *samples = calloc(n + 1, sizeof *samples);
	struct topk *t = topk_new(k, least);
	size_t kept;
	bool right;

	for (size_t i = 0; i < n; i++) {
		struct sample *s = &samples[i];

		s->arrival = i;
		snprintf(s->key, sizeof s->key, "%.*s", 1 + rand() % 3,
		    (const char[][4]){ "aaa", "abc", "b", "bca", "c" }[rand() % 5]);
		snprintf(s->line, sizeof s->line, "%zu", i * (size_t)(1 + rand() % 99));
		topk_push(t, span_of(s->key), span_of(s->line));
	}
	qsort(samples, n, sizeof *samples, best_first);
	kept = topk_sort(t);
	right = kept == MIN(n, k);
	for (size_t i = 0; right && i < kept; i++)
		right = span_is(topk_line(t, i), samples[i].line);
	topk_free(t);
	free(samples);
	return right;
}

static void
topk_is_sort_and_cut(void)
{
	bool right = true;

	for (int i = 0; i < 2000; i++) {
		least = i % 2;
		right &= selection_is_right(
		    (size_t)(rand() % 60), (size_t)(1 + rand() % 20));
	}
	CHECK(right);
}

static void
empty_keys_and_lines_are_fine(void)
{
	struct topk *t = topk_new(2, false);

	topk_push(t, (struct span){ NULL, 0 }, (struct span){ NULL, 0 });
	topk_push(t, span_of("a"), (struct span){ NULL, 0 });
	topk_push(t, (struct span){ NULL, 0 }, span_of("late"));
	CHECK(topk_sort(t) == 2);
	CHECK(topk_line(t, 0).len == 0 && topk_line(t, 1).len == 0);
	topk_free(t);
	topk_free(NULL);
}

static void
a_huge_k_costs_nothing(void)
{
	struct topk *t = topk_new(SIZE_MAX, false);

	topk_push(t, span_of("a"), span_of("line"));
	CHECK(topk_sort(t) == 1);
	topk_free(t);
}

int
main(void)
{
	topk_is_sort_and_cut();
	empty_keys_and_lines_are_fine();
	a_huge_k_costs_nothing();
	return check_end();
}
