/*
 * als - alternating least squares on made-up interactions, beside another's factors.
 *
 *	als train PAIRS CONFIDENCE REGULARIZATION DIM BLOCK SWEEPS [TARGET]
 *	als objective PAIRS CONFIDENCE REGULARIZATION DIM USERS ITEMS
 *
 * PAIRS is what shapes.c prints. Both measure, in double, the objective of Hu, Koren,
 * Volinsky 2008, as implicit (PyPI) minimises it: c > 1 the CONFIDENCE of the pairs S
 *
 *	L = sum over S of c (1 - x.y)^2 + sum over the other pairs of (x.y)^2
 *	  + regularization (sum over users of |x|^2 + sum over items of |y|^2)
 *
 * Up to a constant this is (c - 1) t^2 times ours (train_als.h), t = c / (c - 1), with
 * alpha = 1 / (c - 1), regularization / c and exponent 0, for x and y by the root of t
 * smaller: x.y is t times as much, and c (1 - s)^2 - s^2 is (c - 1) (s - t)^2 and
 * something constant.
 *
 * train prints the seconds, those of the cores and L after each sweep, without the
 * time that measuring takes, until L is at most TARGET; objective prints L of the
 * float arrays in the files USERS and ITEMS.
 */
#include <err.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "train_als.h"
#include "util.h"
#include "vec.h"

struct problem {
	struct matrix by_user, by_item;
	double confidence, regularization;
	size_t dim; /* of a row in memory */
};

static void *
slurp(const char *path, size_t *size)
{
	FILE *f = fopen(path, "r");
	char *data;

	if (!f || fseek(f, 0, SEEK_END))
		err(1, "%s", path);
	*size = (size_t)ftell(f);
	rewind(f);
	data = xaligned(*size, 1);
	if (fread(data, 1, *size, f) != *size)
		err(1, "%s", path);
	fclose(f);
	return data;
}

static int
by_number(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Pairs come by user. */
static void
read_pairs(struct problem *p, const char *path)
{
	size_t n;
	uint32_t(*pair)[2] = slurp(path, &n);
	struct matrix *m = &p->by_user;

	n /= sizeof *pair;
	m->n_rows = pair[n - 1][0] + 1;
	m->row = xcalloc(m->n_rows + 1, sizeof *m->row);
	m->col = xcalloc(n, sizeof *m->col);
	for (size_t i = 0; i < n; i++) {
		m->row[pair[i][0] + 1] = i + 1;
		m->col[i] = pair[i][1];
		m->n_cols = MAX(m->n_cols, (size_t)pair[i][1] + 1);
	}
	for (size_t u = 0; u < m->n_rows; u++) {
		m->row[u + 1] = MAX(m->row[u + 1], m->row[u]);
		qsort(m->col + m->row[u], m->row[u + 1] - m->row[u], sizeof *m->col,
		    by_number);
	}
	free(pair);
	matrix_transpose(&p->by_item, m);
}

/* gram[dim][dim] = rows' rows; the sum of the squares beside. */
static double
gram_of(const struct problem *p, const float *rows, size_t n, double *gram)
{
	double sum = 0;

	memset(gram, 0, p->dim * p->dim * sizeof *gram);
	for (size_t r = 0; r < n; r++)
		for (size_t i = 0; i < p->dim; i++) {
			double x = (double)rows[r * p->dim + i];

			sum += x * x;
			for (size_t j = 0; j < p->dim; j++)
				gram[i * p->dim + j] +=
				    x * (double)rows[r * p->dim + j];
		}
	return sum;
}

/* L, of factors that are `scale` times those given. */
static double
objective(const struct problem *p, const float *users, const float *items, double scale)
{
	const struct matrix *m = &p->by_user;
	double *a = xcalloc(p->dim * p->dim, sizeof *a);
	double *b = xcalloc(p->dim * p->dim, sizeof *b);
	double sum =
	    p->regularization * scale * scale *
	    (gram_of(p, users, m->n_rows, a) + gram_of(p, items, m->n_cols, b));

	for (size_t i = 0; i < p->dim * p->dim; i++)
		sum += pow(scale, 4) * a[i] * b[i];
	for (size_t u = 0; u < m->n_rows; u++)
		for (uint64_t k = m->row[u]; k < m->row[u + 1]; k++) {
			const float *x = users + u * p->dim,
				    *y = items + m->col[k] * p->dim;
			double s = 0;

			for (size_t d = 0; d < p->dim; d++)
				s += (double)x[d] * (double)y[d];
			s *= scale * scale;
			sum += p->confidence * (1 - s) * (1 - s) - s * s;
		}
	free(a);
	free(b);
	return sum;
}

static void
train(struct problem *p, size_t dim, size_t block, size_t sweeps, double target)
{
	double t = p->confidence / (p->confidence - 1), seconds = 0, cores = 0,
	       loss = INFINITY;
	struct als_params a = { .dim = vec_padded(dim),
		.used_dim = dim,
		.block = block,
		.alpha = 1 / (p->confidence - 1),
		.regularization = p->regularization / p->confidence,
		.seed = 1,
		.threads = (size_t)sysconf(_SC_NPROCESSORS_ONLN) };
	float *users = xaligned(p->by_user.n_rows * a.dim, sizeof *users);
	float *items = xaligned(p->by_user.n_cols * a.dim, sizeof *items);

	p->dim = a.dim;
	memset(users, 0, p->by_user.n_rows * a.dim * sizeof *users);
	als_start(&a, items, p->by_user.n_cols);
	for (size_t i = 1; i <= sweeps && loss > target; i++) {
		double start = now_seconds(), ours;
		clock_t before = clock();

		if (als_sweep(&a, &p->by_user, &p->by_item, users, items, &ours) < 0)
			errx(1, "a system has no solution");
		seconds += now_seconds() - start;
		cores += (double)(clock() - before) / CLOCKS_PER_SEC;
		loss = objective(p, users, items, sqrt(t));
		printf("%zu %.3f %.3f %.9g\n", i, seconds, cores, loss);
		fflush(stdout);
	}
	free(users);
	free(items);
}

int
main(int argc, char *argv[])
{
	struct problem p = { 0 };
	size_t n;

	if (argc < 8)
		errx(2,
		    "usage: als train|objective PAIRS CONFIDENCE REGULARIZATION ...");
	read_pairs(&p, argv[2]);
	p.confidence = atof(argv[3]);
	p.regularization = atof(argv[4]);
	p.dim = (size_t)atoi(argv[5]);
	if (!strcmp(argv[1], "train"))
		train(&p, p.dim, (size_t)atoi(argv[6]), (size_t)atoi(argv[7]),
		    argc > 8 ? atof(argv[8]) : 0);
	else
		printf(
		    "%.9g\n", objective(&p, slurp(argv[6], &n), slurp(argv[7], &n), 1));
	return fflush(stdout) ? 1 : 0;
}
