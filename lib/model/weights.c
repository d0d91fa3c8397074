/* weights - how a model's numbers add up to a log-probability. */
#include "weights.h"

#include <math.h>

const char *const weight_names[WEIGHTS] = {
	[TASTE] = "taste",
	[ACTIVITY] = "activity",
	[BASE] = "base",
	[POPULAR] = "popular",
	[RECENT] = "recent",
	[SEEN] = "seen",
	[TIMES] = "times",
	[AGE] = "age",
	[LAST] = "last",
	[SATURATION] = "saturation",
};

double
weights_user(const struct weights *w, size_t items)
{
	return w->of[TASTE] + w->of[ACTIVITY] * log1p((double)items);
}

double
weights_item(const struct weights *w, const struct popularity *p, uint32_t item)
{
	return w->of[BASE] + w->of[POPULAR] * log1p((double)p->count[item]) +
	       w->of[RECENT] * log1p(p->recent[item]);
}

double
weights_seen(const struct weights *w, const struct seen_item *s)
{
	return weights_met(w, log((double)s->times), log((double)s->age), s->age == 1);
}

double
weights_damping(const struct weights *w, double most)
{
	/* Beyond it all but the least weigh the same; its square is a float too. */
	return fmin(exp(most + w->of[SATURATION]), 1e18);
}

double
weights_odds(const struct weights *w, double z, double most)
{
	double e = exp(z - most);

	return e / (1 + weights_damping(w, most) * e);
}
