/* related - items for an item by models that have no vectors. */
#include "related.h"

#include <stdlib.h>

#include "cointeraction.h"
#include "text_search.h"

struct related {
	const struct model *m;
	struct cointeraction *cointeraction;
	struct text_search *texts;
};

struct related *
related_new(const struct model *m, const float *influence)
{
	struct related *r = xcalloc(1, sizeof *r);

	r->m = m;
	if (m->pairs.user_row)
		r->cointeraction = cointeraction_new(m);
	if (m->texts.item_row)
		r->texts = text_search_new(m, influence);
	return r;
}

void
related_free(struct related *r)
{
	if (!r)
		return;
	cointeraction_free(r->cointeraction);
	text_search_free(r->texts);
	free(r);
}

long
related_of(struct related *r, uint32_t item, const uint64_t *allowed, size_t k,
    const struct candidate **best)
{
	/* Items of the dataset that the model was not trained with have no rows. */
	if (r->cointeraction && item < r->m->pairs.n_items)
		return cointeraction_of(r->cointeraction, item, allowed, k, best);
	if (r->texts && item < r->m->texts.n_items)
		return text_search_of(r->texts, item, allowed, k, best);
	return -1;
}
