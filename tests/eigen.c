/* eigen - the eigenvectors of a matrix are orthonormal, and it only stretches them. */
#include "eigen.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "random.h"
#include "util.h"

static double
random_number(void)
{
	return (double)(random_bits() >> 11) * 0x1p-52 - 1;
}

/* The sum of `rank` outer products, each of greatly different length; 0: none. */
static double *
random_symmetric(size_t n, size_t rank)
{
	double *a = xcalloc(n * n, sizeof *a), *x = xcalloc(n, sizeof *x);

	for (size_t k = 0; k < rank; k++) {
		double length = exp(6 * random_number());

		for (size_t i = 0; i < n; i++)
			x[i] = random_number();
		for (size_t i = 0; i < n; i++)
			for (size_t j = 0; j < n; j++)
				a[i * n + j] += length * x[i] * x[j] *
						(k % 3 == 2 && rank == n ? -1 : 1);
	}
	free(x);
	return a;
}

static double
product(const double *x, const double *y, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += x[i] * y[i];
	return sum;
}

/* The greatest error of A v = lambda v, as a share of A's greatest entry, and of V V' =
 * I. */
static double
error_of(const double *a, const double *v, const double *values, size_t n)
{
	double error = 0, most = 1e-300;

	for (size_t i = 0; i < n * n; i++)
		most = fmax(most, fabs(a[i]));
	for (size_t k = 0; k < n; k++)
		for (size_t i = 0; i < n; i++) {
			double miss =
			    product(a + i * n, v + k * n, n) - values[k] * v[k * n + i];
			double one = product(v + k * n, v + i * n, n);

			error = fmax(error, fabs(miss) / most);
			error = fmax(error, fabs(one - (i == k)));
		}
	return error;
}

static bool
decomposes(size_t n, size_t rank)
{
	double *a = random_symmetric(n, rank),
	       *v = (void *)xmemdup(a, n * n * sizeof *a);
	double *values = xcalloc(n, sizeof *values), error;

	eigen(v, values, n, 1);
	error = error_of(a, v, values, n);
	free(a);
	free(v);
	free(values);
	return error < 1e-13 * (double)(n + 10);
}

static void
matrices_are_stretchings(void)
{
	bool right = true;

	for (size_t n = 1; n < 40; n++)
		right = right && decomposes(n, n) && decomposes(n, n / 3) &&
			decomposes(n, 1) && decomposes(n, 0);
	CHECK(right);
	CHECK(decomposes(150, 150));
	CHECK(decomposes(300, 20));
}

static void
diagonals_are_what_they_are(void)
{
	double a[] = { 3, 0, 0, 0, 3, 0, 0, 0, -1e-9 }, values[3], b[] = { 1, 2, 2, 1 };

	eigen(a, values, 3, 1);
	CHECK(product(values, values, 3) == 18 + 1e-18);
	eigen(b, values, 2, 1);
	CHECK(fabs(values[0] * values[1] + 3) < 1e-14);
	CHECK(fabs(values[0] + values[1] - 2) < 1e-14);
}

static void
threads_change_nothing(void)
{
	enum { N = 130 };
	double *a = random_symmetric(N, N), *b = (void *)xmemdup(a, N * N * sizeof *a);
	double x[N], y[N];

	eigen(a, x, N, 1);
	eigen(b, y, N, 4);
	CHECK(!memcmp(a, b, N * N * sizeof *a));
	CHECK(!memcmp(x, y, sizeof x));
	free(a);
	free(b);
}

int
main(void)
{
	matrices_are_stretchings();
	diagonals_are_what_they_are();
	threads_change_nothing();
	return check_end();
}
