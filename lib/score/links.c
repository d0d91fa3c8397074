/* links - what item-item weights say of all items, for what has been met. */
#include "links.h"

#include <math.h>
#include <string.h>

#include "vec.h"

bool
links_scan(const struct links *l, size_t n, const uint32_t *place,
    const struct seen_item *met, size_t n_met, double rate, float *z)
{
	const struct vec *v = vec_kernels();
	size_t since = 0;
	double each = l->bend > 0 ? 1 : rate;

	memset(z, 0, n * sizeof *z);
	for (size_t i = 0; i < n_met; i++) {
		uint32_t at = place[met[i].item];
		float by = (float)(each * (double)met[i].weight);

		if (at == NONE)
			continue;
		if (l->decay > 0) {
			if ((double)since > LINKS_REACH * l->decay)
				break;
			by *= (float)exp(-(double)since / l->decay);
		}
		since++;
		for (uint64_t k = l->row[at]; k < l->row[at + 1]; k++)
			z[l->at[k]] += by * l->weight[k];
	}
	if (l->bend > 0)
		v->logs(z, n, (float)fmin(1 / l->bend, 1e30), (float)rate,
		    (float)(rate / LINKS_AGAINST));
	if (l->base)
		v->log_add(z, l->base, n);
	for (size_t j = 0; l->own && j < n; j++)
		z[j] += l->own[j];
	return since > 0;
}

bool
links_user(const struct model *m, struct seen *seen, uint32_t user, float *z)
{
	const struct seen_item *met = NULL;
	size_t n = user == NONE ? 0 : seen_of(seen, user, 0, &met);

	return links_scan(
	    &m->links, m->n_scored, m->place, met, n, weights_user(&m->weights, n), z);
}

bool
links_item(const struct model *m, uint32_t item, float *z)
{
	struct seen_item only = { item, 1, 1, 1 };

	return links_scan(&m->links, m->n_scored, m->place, &only, 1, 1, z);
}
