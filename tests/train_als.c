/* train_als - solves what it says it solves, on any number of threads. */
#include "train_als.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "random.h"
#include "vec.h"

enum { USERS = 90, ITEMS = 70, DIM = 32, USED = 11 };

static void
random_matrix(struct matrix *m, bool weights)
{
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
}

/* The objective of the header, term by term. */
static double
objective(const struct als_params *p, const struct matrix *m, const struct matrix *t,
    const float *users, const float *items)
{
	double sum = 0;

	for (size_t u = 0; u < USERS; u++)
		for (uint32_t i = 0; i < ITEMS; i++) {
			double s = 0;

			for (size_t d = 0; d < DIM; d++)
				s += (double)users[u * DIM + d] *
				     (double)items[i * DIM + d];
			sum += p->alpha * s * s;
			for (uint64_t k = m->row[u]; k < m->row[u + 1]; k++)
				if (m->col[k] == i)
					sum += (m->weight ? (double)m->weight[k] : 1) *
					       (1 - s) * (1 - s);
		}
	for (size_t u = 0; u < USERS; u++)
		for (size_t d = 0; d < DIM; d++)
			sum +=
			    p->regularization *
			    pow((double)(m->row[u + 1] - m->row[u]) + p->alpha * ITEMS,
				p->exponent) *
			    pow((double)users[u * DIM + d], 2);
	for (size_t i = 0; i < ITEMS; i++)
		for (size_t d = 0; d < DIM; d++)
			sum +=
			    p->regularization *
			    pow((double)(t->row[i + 1] - t->row[i]) + p->alpha * USERS,
				p->exponent) *
			    pow((double)items[i * DIM + d], 2);
	return sum;
}

/* At the minimum over one user the objective does not fall in any direction. */
static bool
users_are_minima(const struct als_params *p, const struct matrix *m,
    const struct matrix *t, float *users, const float *items)
{
	double at = objective(p, m, t, users, items);

	for (size_t k = 0; k < 40; k++) {
		size_t where = random_below(USERS) * DIM + random_below(USED);
		float old = users[where];

		for (int sign = -1; sign <= 1; sign += 2) {
			users[where] = old + (float)sign * 0.01f;
			if (objective(p, m, t, users, items) < at - 1e-6 * at)
				return false;
		}
		users[where] = old;
	}
	return true;
}

static void
sweeps_lower_the_objective(bool weights)
{
	struct als_params p = { DIM, USED, 0.1, 0.02, 0.7, 7, 1 };
	float users[USERS * DIM], items[ITEMS * DIM];
	struct matrix m, t;
	double loss = 0, before = INFINITY;
	bool falls = true, right = true, padding = true;

	random_matrix(&m, weights);
	matrix_transpose(&t, &m);
	als_start(&p, items, ITEMS);
	for (int sweep = 0; sweep < 6; sweep++) {
		CHECK(als_sweep(&p, &m, &t, users, items, &loss) == 0);
		falls = falls && loss < before;
		right = right &&
			fabs(loss / objective(&p, &m, &t, users, items) - 1) < 1e-5;
		before = loss;
	}
	CHECK(falls);
	CHECK(right);
	for (size_t i = 0; i < ITEMS; i++)
		for (size_t d = USED; d < DIM; d++)
			padding = padding && items[i * DIM + d] == 0;
	CHECK(padding);
	CHECK(als_users(&p, &m, users, items) == 0);
	CHECK(users_are_minima(&p, &m, &t, users, items));
	matrix_release(&m);
	matrix_release(&t);
}

static void
threads_change_nothing(void)
{
	struct als_params p = { DIM, USED, 0.1, 0.02, 1, 7, 1 };
	float users[2][USERS * DIM], items[2][ITEMS * DIM];
	struct matrix m, t;
	double loss[2];

	random_matrix(&m, false);
	matrix_transpose(&t, &m);
	for (size_t k = 0; k < 2; k++) {
		p.threads = 1 + 3 * k;
		als_start(&p, items[k], ITEMS);
		for (int sweep = 0; sweep < 3; sweep++)
			als_sweep(&p, &m, &t, users[k], items[k], &loss[k]);
	}
	CHECK(!memcmp(users[0], users[1], sizeof users[0]));
	CHECK(!memcmp(items[0], items[1], sizeof items[0]));
	CHECK(loss[0] == loss[1]);
	matrix_release(&m);
	matrix_release(&t);
}

int
main(void)
{
	sweeps_lower_the_objective(false);
	sweeps_lower_the_objective(true);
	threads_change_nothing();
	return check_end();
}
