/* text_search - items whose texts are like an item's. */
#include "text_search.h"

#include <stdlib.h>

#include "bitset.h"

struct text_search {
	const struct model *m;
	const float *influence;
	double *sum; /* [n_items] 0 between calls */
	uint32_t *touched;
	struct candidate *best;
};

struct text_search *
text_search_new(const struct model *m, const float *influence)
{
	struct text_search *s = xcalloc(1, sizeof *s);
	size_t n = m->texts.n_items;

	s->m = m;
	s->influence = influence;
	s->sum = xcalloc(n, sizeof *s->sum);
	s->touched = xcalloc(n, sizeof *s->touched);
	s->best = xcalloc(n, sizeof *s->best);
	return s;
}

void
text_search_free(struct text_search *s)
{
	if (!s)
		return;
	free(s->sum);
	free(s->touched);
	free(s->best);
	free(s);
}

/* The products with all items that share a term; which items those are. */
static size_t
add_up(struct text_search *s, uint32_t item)
{
	const struct texts *t = &s->m->texts;
	size_t n = 0;

	for (uint64_t i = t->item_row[item]; i < t->item_row[item + 1]; i++) {
		uint32_t term = t->item_term[i];
		double weight = (double)t->item_weight[i];

		for (uint64_t k = t->term_row[term]; k < t->term_row[term + 1]; k++) {
			uint32_t j = t->term_item[k];

			if (s->sum[j] == 0)
				s->touched[n++] = j;
			s->sum[j] += weight * (double)t->term_weight[k];
		}
	}
	return n;
}

long
text_search_of(struct text_search *s, uint32_t item, const uint64_t *allowed, size_t k,
    const struct candidate **best)
{
	size_t touched = add_up(s, item), n = 0;
	bool any = false;

	for (size_t t = 0; t < touched; t++) {
		uint32_t j = s->touched[t];
		double value = s->sum[j];

		s->sum[j] = 0;
		if (j == item)
			continue;
		any = true;
		if (s->influence)
			value *= (double)s->influence[j];
		if (!allowed || bitset_has(allowed, j))
			s->best[n++] = (struct candidate){ (float)value, j };
	}
	if (n > k)
		best_select(s->best, n, k);
	n = MIN(n, k);
	best_sort(s->best, n);
	*best = s->best;
	return any ? (long)n : -1;
}
