/*
 * weights - how a model's numbers add up to a log-probability.
 *
 * The probability that user u's next interaction is with item i is proportional to
 * w(z), over all items with factors:
 *
 *	z    = (taste + activity log(1 + n_u)) x_u . y_i
 *	     + base + popular log(1 + c_i) + recent log(1 + r_i)
 *	     + [u has met i] (seen + times log t_ui + age log a_ui + last [a_ui = 1])
 *	w(z) = exp(z) / (1 + exp(z + saturation))
 *
 * where the first two lines are exponents that are added, log(exp(...) + exp(...)),
 * if links take the place of factors (score/links.h); else base is 0.
 *
 * with n_u the items u has met, c_i the users of i, r_i the same with old
 * interactions fading (popularity.h), t_ui how often u met i, a_ui how many items ago
 * (1: the last). w rises with z, so items are ordered by z. It rises less where z is
 * great: taste alone, as an exponential, promises too much of the best items.
 */
#ifndef WEIGHTS_H
#define WEIGHTS_H

#include <stdbool.h>

#include "popularity.h"
#include "seen.h"

enum weight {
	TASTE,
	ACTIVITY,
	BASE,
	POPULAR,
	RECENT,
	SEEN,
	TIMES,
	AGE,
	LAST,
	SATURATION,
	WEIGHTS
};

struct weights {
	double of[WEIGHTS];
};

/* What x_u . y_i is multiplied by; items: how many the user has met. */
double weights_user(const struct weights *w, size_t items);
/* What an item adds for everybody. */
double weights_item(const struct weights *w, const struct popularity *p, uint32_t item);
/* What having met an item adds. */
double weights_seen(const struct weights *w, const struct seen_item *s);
/* The same from logarithms that are known. */
static inline double
weights_met(const struct weights *w, double log_times, double log_age, bool last)
{
	return w->of[SEEN] + w->of[TIMES] * log_times + w->of[AGE] * log_age +
	       (last ? w->of[LAST] : 0);
}

/* w(z) exp(-most), most being the greatest z of all items. */
double weights_odds(const struct weights *w, double z, double most);
/* The same as e / (1 + weights_damping e) with e = exp(z - most). */
double weights_damping(const struct weights *w, double most);

extern const char *const weight_names[WEIGHTS];

#endif
