/* calibrate - weights that turn what a model knows into log-probabilities. */
#include "calibrate.h"

#include <math.h>
#include <stdlib.h>

#include "likelihood.h"
#include "seen.h"

/* A pass costs users x items, so a sample has to do. */
enum {
	MOST_PAIRS = 20000000,
	FEW_PAIRS = 2000000,
	LEAST_USERS = 200,
	MOST_PASSES = 60
};

#define FIRST_CAUTION 0.1
#define MOST_CAUTION 1e9

/*
 * step = (curve + caution scale)^-1 slope by Cholesky; false if that is not positive
 * definite. *gain is what the step should gain.
 */
static bool
newton_step(
    const struct likelihood *s, double caution, double step[WEIGHTS], double *gain)
{
	double l[WEIGHTS][WEIGHTS];

	*gain = 0;
	for (size_t i = 0; i < WEIGHTS; i++) {
		for (size_t j = 0; j <= i; j++) {
			double x =
			    s->curve[i][j] + (i == j ? caution * s->scale[i] : 0);

			for (size_t k = 0; k < j; k++)
				x -= l[i][k] * l[j][k];
			if (i == j && !(x > 1e-9 * s->scale[i]))
				return false;
			l[i][j] = i == j ? sqrt(x) : x / l[j][j];
		}
		step[i] = s->slope[i];
		for (size_t k = 0; k < i; k++)
			step[i] -= l[i][k] * step[k];
		step[i] /= l[i][i];
	}
	for (size_t i = WEIGHTS; i--;) {
		for (size_t k = i + 1; k < WEIGHTS; k++)
			step[i] -= l[k][i] * step[k];
		step[i] /= l[i][i];
	}
	for (size_t i = 0; i < WEIGHTS; i++) {
		*gain += step[i] * s->slope[i];
		for (size_t j = 0; j < WEIGHTS; j++)
			*gain -= step[i] * s->curve[i][j] * step[j] / 2;
	}
	return true;
}

/*
 * Newton's method, cautious where a step gains less than it promises, or where the
 * likelihood bends the other way (Levenberg 1944, Marquardt 1963).
 */
static void
climb(struct likelihoods *l, struct weights *w, double enough)
{
	struct likelihood at = likelihood_at(l, w);
	double caution = FIRST_CAUTION;

	for (int pass = 0; pass < MOST_PASSES && caution < MOST_CAUTION; pass++) {
		double step[WEIGHTS], promised;
		struct likelihood next;
		struct weights to;

		if (!newton_step(&at, caution, step, &promised)) {
			caution *= 10;
			continue;
		}
		if (promised < enough * fabs(at.nll) || promised < 1e-9)
			return;
		for (size_t a = 0; a < WEIGHTS; a++)
			to.of[a] = w->of[a] - step[a];
		next = likelihood_at(l, &to);
		if (at.nll - next.nll >= promised / 4) {
			*w = to;
			at = next;
			caution /= 10;
		} else
			caution *= 10;
	}
}

void
calibrate_fold(const struct weights *w, const struct evidence *e, float *panels,
    float *users, size_t used_dim)
{
	size_t dim = e->items.dim;
	struct seen *seen = seen_new(e->catalog, e->wanted);
	const struct seen_item *met;

	for (size_t i = 0; i < e->items.n; i++)
		panels[(i / VEC_COLS * dim + used_dim) * VEC_COLS + i % VEC_COLS] =
		    (float)weights_item(w, e->popularity, e->number[i]);
	for (uint32_t u = 0; u < e->catalog->users.strings.n; u++) {
		size_t skip = e->holdout ? e->holdout->skip[u] : 0;
		size_t n = seen_of(seen, u, skip, &met);
		float rate = (float)weights_user(w, n);

		for (size_t d = 0; d < used_dim; d++)
			users[u * dim + d] *= rate;
		users[u * dim + used_dim] = n > 0;
	}
	seen_free(seen);
}

/* From the weights given, on so many of the held-out users. */
static void
calibrate_on(struct weights *w, const struct evidence *e, size_t users, double enough,
    size_t threads)
{
	struct likelihoods *l = likelihoods_new(e, users, threads);

	climb(l, w, enough);
	likelihoods_free(l);
}

void
calibrate(struct weights *w, const struct evidence *e, size_t threads)
{
	size_t n = e->items.n + 1, few, all;

	/* Taste alone, at a scale that suits factors that predict 0 and 1, or
	 * logarithms. */
	*w = (struct weights){
		{ [TASTE] = e->links && e->links->bend > 0 ? 1 : 5, [SATURATION] = -5 }
	};
	if (!e->items.n || !e->holdout->event[e->holdout->n_users])
		return;
	threads = MAX(threads, (size_t)1);
	all = MIN(e->holdout->n_users, MAX(MOST_PAIRS / n, (size_t)LEAST_USERS));
	few = MIN(all, MAX(FEW_PAIRS / n, (size_t)LEAST_USERS));
	if (e->quick)
		all = few = MIN(all, (size_t)LEAST_USERS);
	/* Most of the way on a few users, from where it is not far for all. */
	if (few < all)
		calibrate_on(w, e, few, 1e-5, threads);
	calibrate_on(w, e, all, 1e-7, threads);
}
