/* topk - keep the k best lines of a stream, by a key of bytes. */
#include "topk.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct kept {
	char *data; /* the key's bytes, then the line's */
	size_t key_len, line_len, cap;
	uint64_t arrival;
};

struct topk {
	struct kept *heap; /* [n], heap[i] is worse than heap[2i + 1], heap[2i + 2] */
	size_t n, k, cap;
	uint64_t arrivals;
	bool least;
};

struct topk *
topk_new(size_t k, bool least)
{
	struct topk *t = xcalloc(1, sizeof *t);

	t->k = k;
	t->least = least;
	return t;
}

void
topk_free(struct topk *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->n; i++)
		free(t->heap[i].data);
	free(t->heap);
	free(t);
}

static struct span
key_of(const struct kept *line)
{
	return (struct span){ line->data, line->key_len };
}

static bool
worse(const struct topk *t, const struct kept *a, const struct kept *b)
{
	int order = span_compare(key_of(a), key_of(b));

	if (!order)
		return a->arrival > b->arrival;
	return t->least ? order > 0 : order < 0;
}

static void
swap(struct kept *a, struct kept *b)
{
	struct kept c = *a;

	*a = *b;
	*b = c;
}

static void
sift_up(struct topk *t, size_t i)
{
	for (size_t up; i && worse(t, &t->heap[i], &t->heap[up = (i - 1) / 2]); i = up)
		swap(&t->heap[i], &t->heap[up]);
}

static void
sift_down(struct topk *t, size_t n)
{
	size_t i = 0, worst;

	for (;; i = worst) {
		worst = i;
		for (size_t child = 2 * i + 1; child <= 2 * i + 2; child++)
			if (child < n && worse(t, &t->heap[child], &t->heap[worst]))
				worst = child;
		if (worst == i)
			return;
		swap(&t->heap[i], &t->heap[worst]);
	}
}

static void
fill(struct topk *t, struct kept *slot, struct span key, struct span line)
{
	size_t need = key.len + line.len;

	/* Slots of lines that fell out are used again; a huge one is not kept for all.
	 */
	if (slot->cap < need || slot->cap / 4 > need) {
		free(slot->data);
		slot->data = xmalloc(need);
		slot->cap = need;
	}
	if (key.len)
		memcpy(slot->data, key.data, key.len);
	if (line.len)
		memcpy(slot->data + key.len, line.data, line.len);
	slot->key_len = key.len;
	slot->line_len = line.len;
	slot->arrival = t->arrivals;
}

void
topk_push(struct topk *t, struct span key, struct span line)
{
	int order;

	t->arrivals++;
	if (t->n < t->k) {
		if (t->n == t->cap) {
			t->cap = t->cap ? 2 * t->cap : 16;
			t->heap = xrealloc(t->heap, t->cap, sizeof *t->heap);
		}
		t->heap[t->n] = (struct kept){ 0 };
		fill(t, &t->heap[t->n], key, line);
		sift_up(t, t->n++);
		return;
	}
	order = span_compare(key, key_of(&t->heap[0]));
	if (t->least ? order >= 0 : order <= 0)
		return;
	fill(t, &t->heap[0], key, line);
	sift_down(t, t->n);
}

/* Heap sort: the worst goes behind the shrinking heap. */
void
topk_sort(struct topk *t)
{
	for (size_t n = t->n; n > 1; n--) {
		swap(&t->heap[0], &t->heap[n - 1]);
		sift_down(t, n - 1);
	}
}

size_t
topk_count(const struct topk *t)
{
	return t->n;
}

struct span
topk_line(const struct topk *t, size_t i)
{
	const struct kept *line = &t->heap[i];

	return (struct span){ line->data + line->key_len, line->line_len };
}
