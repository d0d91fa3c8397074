/* met - what having met items adds, against a search through the history. */
#include "met.h"

#include <stdlib.h>

#include "check.h"
#include "random_model.h"

static void
equals_a_search(const struct model *m)
{
	struct seen *seen = seen_new(&m->catalog, &m->wanted);
	struct met met = { 0 };
	bool same = true, rising = true;

	for (uint32_t u = 0; u < USERS; u++) {
		met_find(&met, m, seen, u);
		for (size_t i = 1; i < met.n; i++)
			rising = rising && met.items[i - 1].at < met.items[i].at;
		for (uint32_t at = 0; at < m->n_scored; at++)
			same = same && met_value(&met, at) ==
					   random_model_met(m, u, m->scored[at]);
	}
	CHECK(rising);
	CHECK(same);
	met_release(&met);
	seen_free(seen);
}

int
main(void)
{
	struct model *m = random_model();

	equals_a_search(m);
	model_close(m);
	return check_end();
}
