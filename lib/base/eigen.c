/*
 * eigen - eigenvalues and eigenvectors of a symmetric matrix.
 *
 * The QL steps only list their rotations; whenever there are many, strips of columns of
 * the eigenvectors take them all while they are in the cache.
 */
#include "eigen.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "threads.h"
#include "util.h"

enum {
	STRIP = 16,       /* columns that are rotated at once */
	LISTED = 1 << 16, /* rotations that are kept, at most */
	MOST_STEPS = 100, /* for an eigenvalue; about two are usual */
};

/* Rows i and i + 1 become c and s of both. */
struct rotation {
	uint32_t i;
	double c, s;
};

struct decomposition {
	size_t n, width; /* width: n padded to STRIP */
	double *value;   /* [n] the diagonal */
	double *beside;  /* [n] what is beside it; the last is 0 */
	double *vector;  /* [n][width] rows are to be the eigenvectors */
	double least;    /* beside the diagonal, what counts as 0 */
	struct rotation *list;
	size_t listed, threads;
};

static double
dot(const double *a, const double *b, size_t n)
{
	double part[4] = { 0 };
	size_t i = 0;

	for (; i + 4 <= n; i += 4)
		for (size_t j = 0; j < 4; j++)
			part[j] += a[i + j] * b[i + j];
	for (; i < n; i++)
		part[0] += a[i] * b[i];
	return part[0] + part[1] + (part[2] + part[3]);
}

/* y += s x */
static void
add(double *restrict y, const double *restrict x, double s, size_t n)
{
	size_t i = 0;

	for (; i + 4 <= n; i += 4)
		for (size_t j = 0; j < 4; j++)
			y[i + j] += s * x[i + j];
	for (; i < n; i++)
		y[i] += s * x[i];
}

/*
 * x[n] becomes v, (I - v v') x = (*first, 0, 0, ...) up to rounding, |v|^2 = 2 or 0.
 */
static void
reflector(double *x, size_t n, double *first)
{
	double length = sqrt(dot(x, x, n)), norm;

	*first = x[0] > 0 ? -length : length;
	x[0] -= *first;
	norm = sqrt(dot(x, x, n) / 2);
	for (size_t i = 0; i < n; i++)
		x[i] = norm > 0 ? x[i] / norm : 0;
}

/*
 * a becomes tridiagonal by reflections from both sides; the k-th stays in row k of a,
 * behind the diagonal.
 */
static void
tridiagonal(struct decomposition *t, double *a)
{
	size_t n = t->n;
	double *w = xcalloc(n, sizeof *w);

	for (size_t k = 0; k + 1 < n; k++) {
		double *v = a + k * n + k + 1, half = 0;
		size_t m = n - k - 1;

		t->value[k] = a[k * n + k];
		reflector(v, m, &t->beside[k]);
		/* (I - v v') A (I - v v') = A - v w' - w v', w = A v - (v' A v / 2) v
		 */
		for (size_t i = 0; i < m; i++) {
			w[i] = dot(a + (k + 1 + i) * n + k + 1, v, m);
			half += w[i] * v[i] / 2;
		}
		add(w, v, -half, m);
		for (size_t i = 0; i < m; i++) {
			double *row = a + (k + 1 + i) * n + k + 1;

			add(row, w, -v[i], m);
			add(row, v, -w[i], m);
		}
	}
	t->value[n - 1] = a[n * n - 1];
	t->beside[n - 1] = 0;
	free(w);
}

/* The product of all reflections, transposed, into t->vector. */
static void
collect_reflections(struct decomposition *t, const double *a)
{
	size_t n = t->n;
	double *q = xcalloc(n * n, sizeof *q), *u = xcalloc(n, sizeof *u);

	for (size_t i = 0; i < n; i++)
		q[i * n + i] = 1;
	for (size_t k = n - 1; k-- > 0;) {
		const double *v = a + k * n + k + 1;
		size_t m = n - k - 1;
		double *corner = q + (k + 1) * n + k + 1;

		memset(u, 0, m * sizeof *u);
		for (size_t i = 0; i < m; i++)
			add(u, corner + i * n, v[i], m);
		for (size_t i = 0; i < m; i++)
			add(corner + i * n, u, -v[i], m);
	}
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < n; j++)
			t->vector[j * t->width + i] = q[i * n + j];
	free(q);
	free(u);
}

static void
rotate_strip(void *context, size_t strip, size_t thread)
{
	const struct decomposition *t = context;

	(void)thread;
	for (size_t k = 0; k < t->listed; k++) {
		double c = t->list[k].c, s = t->list[k].s;
		double *restrict x =
		    t->vector + t->list[k].i * t->width + strip * STRIP;
		double *restrict y = x + t->width;

		for (size_t j = 0; j < STRIP; j++) {
			double low = x[j], high = y[j];

			x[j] = c * low - s * high;
			y[j] = s * low + c * high;
		}
	}
}

static void
rotate_all(struct decomposition *t)
{
	threads_each(t->threads, t->width / STRIP, rotate_strip, t);
	t->listed = 0;
}

/* One QL step on the rows from `from` to `to`. */
static void
ql_step(struct decomposition *t, size_t from, size_t to)
{
	double *d = t->value, *e = t->beside;
	double p = (d[from + 1] - d[from]) / (2 * e[from]);
	double shift = d[from] - e[from] / (p + copysign(sqrt(p * p + 1), p));
	double c = 1, s = 1, g = d[to] - shift, off = 0;

	/* The bulge s e goes up from the last row. */
	for (size_t i = to; i-- > from;) {
		double bulge = s * e[i], b = c * e[i];
		double r = sqrt(bulge * bulge + g * g), next;

		e[i + 1] = r;
		s = r > 0 ? bulge / r : 0;
		c = r > 0 ? g / r : 1;
		g = d[i + 1] - off;
		next = (d[i] - g) * s + 2 * c * b;
		off = s * next;
		d[i + 1] = g + off;
		g = c * next - b;
		t->list[t->listed++] = (struct rotation){ (uint32_t)i, c, s };
	}
	d[from] -= off;
	e[from] = g;
	e[to] = 0;
}

static void
diagonal(struct decomposition *t)
{
	for (size_t from = 0; from < t->n; from++)
		for (int step = 0; step < MOST_STEPS; step++) {
			size_t to = from;

			while (fabs(t->beside[to]) > t->least)
				to++;
			if (to == from)
				break;
			if (t->listed + t->n > LISTED)
				rotate_all(t);
			ql_step(t, from, to);
		}
	rotate_all(t);
}

void
eigen(double *a, double *values, size_t n, size_t threads)
{
	size_t width = (n + STRIP - 1) / STRIP * STRIP;
	struct decomposition t = { .n = n,
		.width = width,
		.value = values,
		.beside = xcalloc(n, sizeof *t.beside),
		.vector = xcalloc(n * width, sizeof *t.vector),
		.list = xcalloc(LISTED + n, sizeof *t.list),
		.threads = threads };
	double most = 0;

	tridiagonal(&t, a);
	collect_reflections(&t, a);
	for (size_t i = 0; i < n; i++)
		most = fmax(most, fmax(fabs(t.value[i]), fabs(t.beside[i])));
	t.least = most * DBL_EPSILON;
	diagonal(&t);
	for (size_t i = 0; i < n; i++)
		memcpy(a + i * n, t.vector + i * width, n * sizeof *a);
	free(t.beside);
	free(t.vector);
	free(t.list);
}
