/* als - a small problem of least squares, its objective and solutions the slow way. */
#ifndef ALS_H
#define ALS_H

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "als_side.h"
#include "random.h"
#include "spd.h"
#include "vec.h"

enum { USERS = 90, ITEMS = 70, DIM = 128, USED = 75, WORK = 96 };

struct als_problem {
	struct als_params p;
	struct matrix by_user, by_item;
	float users[USERS * DIM], items[ITEMS * DIM];
	/* What als_users_side is of. */
	float gram[WORK * WORK];
	double loss[USERS];
};

/* Every tenth user met nothing. Users begin at 0. */
static inline void
als_problem_init(struct als_problem *a, bool weights)
{
	struct matrix *m = &a->by_user;

	*a = (struct als_problem){ .p = { .dim = DIM,
				       .used_dim = USED,
				       .alpha = 0.1,
				       .regularization = 0.02,
				       .exponent = 0.7,
				       .seed = 7,
				       .threads = 1 } };
	*m = (struct matrix){ USERS, ITEMS, xcalloc(USERS + 1, sizeof *m->row),
		xcalloc(USERS * ITEMS, sizeof *m->col),
		weights ? xcalloc(USERS * ITEMS, sizeof *m->weight) : NULL };
	for (size_t i = 0; weights && i < USERS * ITEMS; i++)
		m->weight[i] = (float)(1 + random_below(4)) / 4;
	for (size_t u = 0; u < USERS; u++) {
		m->row[u + 1] = m->row[u];
		for (uint32_t i = 0; u % 10 && i < ITEMS; i++)
			if (!random_below(5))
				m->col[m->row[u + 1]++] = i;
	}
	matrix_transpose(&a->by_item, m);
	als_start(&a->p, a->items, ITEMS);
}

static inline void
als_problem_release(struct als_problem *a)
{
	matrix_release(&a->by_user);
	matrix_release(&a->by_item);
}

static inline double
als_reg(const struct als_problem *a, const struct matrix *m, size_t r)
{
	return a->p.regularization *
	       pow((double)(m->row[r + 1] - m->row[r]) + a->p.alpha * (double)m->n_cols,
		   a->p.exponent);
}

/* w of a pair, 0 if it did not interact. */
static inline double
als_weight(const struct matrix *m, size_t r, uint32_t col)
{
	for (uint64_t k = m->row[r]; k < m->row[r + 1]; k++)
		if (m->col[k] == col)
			return m->weight ? (double)m->weight[k] : 1;
	return 0;
}

static inline double
als_product(const float *x, const float *y)
{
	double sum = 0;

	for (size_t d = 0; d < DIM; d++)
		sum += (double)x[d] * (double)y[d];
	return sum;
}

/* The objective of train_als.h, term by term. */
static inline double
als_objective(const struct als_problem *a)
{
	double sum = 0;

	for (size_t u = 0; u < USERS; u++)
		for (uint32_t i = 0; i < ITEMS; i++) {
			double s = als_product(a->users + u * DIM, a->items + i * DIM);

			sum += a->p.alpha * s * s +
			       als_weight(&a->by_user, u, i) * (1 - s) * (1 - s);
		}
	for (size_t u = 0; u < USERS; u++)
		sum += als_reg(a, &a->by_user, u) *
		       als_product(a->users + u * DIM, a->users + u * DIM);
	for (size_t i = 0; i < ITEMS; i++)
		sum += als_reg(a, &a->by_item, i) *
		       als_product(a->items + i * DIM, a->items + i * DIM);
	return sum;
}

/* Half the derivatives of the objective by row r of m, whose columns are `from`. */
static inline void
als_derivatives(const struct als_problem *a, const struct matrix *m, const float *to,
    const float *from, size_t r, double *by)
{
	const float *x = to + r * DIM;

	for (size_t d = 0; d < USED; d++)
		by[d] = als_reg(a, m, r) * (double)x[d];
	for (uint32_t c = 0; c < m->n_cols; c++) {
		double w = als_weight(m, r, c), s = als_product(x, from + c * DIM);

		for (size_t d = 0; d < USED; d++)
			by[d] +=
			    (a->p.alpha * s + w * (s - 1)) * (double)from[c * DIM + d];
	}
}

/* The best user of all for the items, by Gaussian elimination. */
static inline void
als_best_user(const struct als_problem *a, size_t u, double *x)
{
	static double m[USED][USED];

	memset(m, 0, sizeof m);
	memset(x, 0, USED * sizeof *x);
	for (uint32_t i = 0; i < ITEMS; i++) {
		const float *y = a->items + i * DIM;
		double w = als_weight(&a->by_user, u, i);

		for (size_t d = 0; d < USED; d++) {
			x[d] += w * (double)y[d];
			for (size_t e = 0; e < USED; e++)
				m[d][e] +=
				    (w + a->p.alpha) * (double)y[d] * (double)y[e];
		}
	}
	for (size_t d = 0; d < USED; d++)
		m[d][d] += als_reg(a, &a->by_user, u);
	for (size_t k = 0; k < USED; k++)
		for (size_t d = k + 1; d < USED; d++) {
			double f = m[d][k] / m[k][k];

			for (size_t e = k; e < USED; e++)
				m[d][e] -= f * m[k][e];
			x[d] -= f * x[k];
		}
	for (size_t k = USED; k-- > 0;) {
		for (size_t e = k + 1; e < USED; e++)
			x[k] -= m[k][e] * x[e];
		x[k] /= m[k][k];
	}
}

/* Whether all users are the best, and nothing stands where no dimension is. */
static inline bool
als_users_are_best(const struct als_problem *a, double tolerance)
{
	double best[USED], worst = 0, most = 0;

	for (size_t u = 0; u < USERS; u++) {
		als_best_user(a, u, best);
		for (size_t d = 0; d < USED; d++) {
			worst =
			    fmax(worst, fabs(best[d] - (double)a->users[u * DIM + d]));
			most = fmax(most, fabs(best[d]));
		}
		for (size_t d = USED; d < DIM; d++)
			if (a->users[u * DIM + d] != 0)
				return false;
	}
	return worst < tolerance * most;
}

/* The users' side, of the items as they are. */
static inline struct als_side
als_users_side(struct als_problem *a)
{
	spd_gram_first(a->items, ITEMS, WORK, DIM, 1, 1, a->gram);
	return (struct als_side){ &a->p, &a->by_user, WORK, a->items, a->users, a->gram,
		a->loss };
}

/* Whether the loss says what users add, by the objective's difference to zero users. */
static inline bool
als_loss_is_right(const struct als_problem *a)
{
	for (size_t u = 0; u < USERS; u++) {
		const float *x = a->users + u * DIM;
		double sum = als_reg(a, &a->by_user, u) * als_product(x, x);

		for (uint32_t i = 0; i < ITEMS; i++)
			sum += als_weight(&a->by_user, u, i) *
			       pow(1 - als_product(x, a->items + i * DIM), 2);
		if (fabs(sum - a->loss[u]) > 1e-4 * (1 + sum))
			return false;
	}
	return true;
}

/* Whether no round raises the objective, and the loss is right after each. */
static inline bool
als_rounds_lower(struct als_problem *a, int rounds,
    int (*round)(const struct als_side *s, size_t block), size_t block)
{
	struct als_side s = als_users_side(a);
	double before = als_objective(a), now;
	bool good = true;

	for (int i = 0; i < rounds; i++) {
		good &= round(&s, block) == 0 && als_loss_is_right(a);
		now = als_objective(a);
		good &= now < before * (1 + 1e-7);
		before = now;
	}
	return good;
}

#endif
