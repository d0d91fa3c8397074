/* vec - every kernel equals the scalar one to the bit, and exp is exp. */
#include "vec.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "random.h"
#include "util.h"

static float
random_float(void)
{
	return (float)((double)(random_bits() >> 11) * 0x1p-52 - 1);
}

static float *
random_floats(size_t n)
{
	float *x = xaligned(n, sizeof *x);

	for (size_t i = 0; i < n; i++)
		x[i] = random_float();
	return x;
}

static bool
same_outer(const struct vec *v, size_t rows, size_t n, bool minus)
{
	enum { LDA = 19, LDB = 40, LDC = 37 };
	float *a = random_floats(n * LDA + VEC_ROWS), *b = random_floats(n * LDB + 40);
	float *c = random_floats(VEC_ROWS * LDC + 40),
	      *d = random_floats(VEC_ROWS * LDC + 40);
	bool same;

	memcpy(d, c, (VEC_ROWS * LDC + 40) * sizeof *c);
	(minus ? v->outer_minus : v->outer)(rows, n, a, LDA, b, LDB, c, LDC);
	(minus ? vec_scalar.outer_minus : vec_scalar.outer)(
	    rows, n, a, LDA, b, LDB, d, LDC);
	same = !memcmp(d, c, (VEC_ROWS * LDC + 40) * sizeof *c);
	free(a);
	free(b);
	free(c);
	free(d);
	return same;
}

static void
outer_equals_scalar(const struct vec *v)
{
	bool same = true;

	for (size_t rows = 1; rows <= VEC_ROWS; rows++)
		for (size_t n = 0; n < 70; n += 1 + n / 3)
			same = same && same_outer(v, rows, n, false) &&
			       same_outer(v, rows, n, true);
	CHECK(same);
}

static void
reductions_equal_scalar(const struct vec *v)
{
	bool same = true;

	for (size_t n = 16; n <= 4096; n += n < 256 ? 16 : 1040) {
		float *x = random_floats(n), least = random_float();
		float *y = random_floats(n), *z = xaligned(n, sizeof *z);
		uint32_t *i = xcalloc(n, sizeof *i), *j = xcalloc(n, sizeof *j);
		float most = vec_scalar.max(x, n);
		size_t found;

		memcpy(z, y, n * sizeof *z);
		same = same && v->max(x, n) == most;
		same = same && v->dot(x, y, n) == vec_scalar.dot(x, y, n);
		v->subtract(y, x, least, n);
		vec_scalar.subtract(z, x, least, n);
		same = same && !memcmp(y, z, n * sizeof *y);
		same = same &&
		       v->odds_sum(x, n, most, 0) == vec_scalar.odds_sum(x, n, most, 0);
		same = same && v->odds_sum(x, n, 10 * most + 1, 3.5f) ==
				   vec_scalar.odds_sum(x, n, 10 * most + 1, 3.5f);
		v->odds(x, n, most, 0.5f, y);
		vec_scalar.odds(x, n, most, 0.5f, z);
		same = same && !memcmp(y, z, n * sizeof *y);
		found = v->above(x, n, least, i);
		same = same && found == vec_scalar.above(x, n, least, j);
		same = same && !memcmp(i, j, found * sizeof *i);
		same = same && v->count(x, n, least) == found;
		for (size_t k = 0; k < n; k++)
			x[k] *= 60; /* exponents on both sides of EXP_LEAST */
		v->odds(x, n, 60, 0.5f, y);
		vec_scalar.odds(x, n, 60, 0.5f, z);
		same = same && !memcmp(y, z, n * sizeof *y);
		free(x);
		free(y);
		free(z);
		free(i);
		free(j);
	}
	CHECK(same);
}

static void
logarithms_equal_scalar(const struct vec *v)
{
	bool same = true;

	for (size_t n = 1; n < 50; n++) {
		float *x = random_floats(n), *y = random_floats(n);
		float *a = xaligned(n, sizeof *a), *b = xaligned(n, sizeof *b);

		x[n / 2] = n % 2 ? 0.0f : -0.0f;
		x[n / 3] *= 1e30f;
		memcpy(a, x, n * sizeof *a);
		memcpy(b, x, n * sizeof *b);
		v->logs(a, n, 1e9f / (float)n, 3, 0.25f);
		vec_scalar.logs(b, n, 1e9f / (float)n, 3, 0.25f);
		same = same && !memcmp(a, b, n * sizeof *a);
		y[0] = x[0];
		memcpy(a, x, n * sizeof *a);
		memcpy(b, x, n * sizeof *b);
		v->log_add(a, y, n);
		vec_scalar.log_add(b, y, n);
		same = same && !memcmp(a, b, n * sizeof *a);
		free(x);
		free(y);
		free(a);
		free(b);
	}
	CHECK(same);
}

/* Arrays have room up to a multiple of 16; what is there says nothing. */
static void
lists_equal_scalar(const struct vec *v)
{
	enum { MOST = 112 };
	float x[MOST], y[MOST], a[MOST], b[MOST];
	uint32_t e[MOST], f[MOST];
	bool same = true;

	for (size_t n = 0; n <= 100; n++) {
		float least = random_float(), heavy = one_in(3) ? INFINITY : 0.7f;
		size_t kept;

		for (size_t i = 0; i < MOST; i++) {
			x[i] = y[i] = random_float();
			e[i] = f[i] = (uint32_t)random_bits();
		}
		v->odd(x, e, n, a);
		vec_scalar.odd(x, e, n, b);
		same = same && !memcmp(a, b, (n + 15) / 16 * 16 * sizeof *a);
		kept = vec_scalar.keep(x, e, n, least, heavy);
		same = same && kept == v->keep(y, f, n, least, heavy) &&
		       !memcmp(x, y, kept * sizeof *x) &&
		       !memcmp(e, f, kept * sizeof *e);
	}
	CHECK(same);
}

static void
scaled_integers_equal_scalar(const struct vec *v)
{
	enum { N = 96 };
	float *b = random_floats(N), *c = random_floats(N), s = random_float();
	float *y = xaligned(N, sizeof *y), *z = xaligned(N, sizeof *z);
	int32_t d[N];

	for (size_t i = 0; i < N; i++)
		d[i] = (int32_t)random_bits();
	CHECK(v->scale(d, b, s, c, -s, 3 * s, N, y) ==
	      vec_scalar.scale(d, b, s, c, -s, 3 * s, N, z));
	CHECK(!memcmp(y, z, N * sizeof *y));
	free(b);
	free(c);
	free(y);
	free(z);
}

static void
dots_are_dot_products(const struct vec *v)
{
	enum { ROWS = 100, DIM = 48, STRIDE = 64 };
	float *x = random_floats(DIM), *rows = random_floats(ROWS * STRIDE);
	uint32_t at[40];
	float out[41];
	bool same = true;

	for (size_t n = 0; n <= LENGTH(at); n++) {
		for (size_t i = 0; i < n; i++)
			at[i] = (uint32_t)random_below(ROWS);
		out[n] = 77;
		v->dots(x, DIM, rows, STRIDE, at, n, out);
		for (size_t i = 0; i < n; i++)
			same =
			    same && out[i] == vec_dot(x, rows + at[i] * STRIDE, 1, DIM);
		same = same && out[n] == 77;
	}
	CHECK(same);
	free(x);
	free(rows);
}

static void
tile_is_the_dot_product(void)
{
	float *a = random_floats(100 * VEC_ROWS), *b = random_floats(100 * VEC_COLS);
	float c[VEC_ROWS * VEC_COLS] = { 0 }, row[100];
	bool same = true;

	vec_kernels()->outer(VEC_ROWS, 100, a, VEC_ROWS, b, VEC_COLS, c, VEC_COLS);
	for (size_t i = 0; i < VEC_ROWS; i++) {
		for (size_t k = 0; k < 100; k++)
			row[k] = a[k * VEC_ROWS + i];
		for (size_t j = 0; j < VEC_COLS; j++)
			same = same && c[i * VEC_COLS + j] ==
					   vec_dot(row, b + j, VEC_COLS, 100);
	}
	CHECK(same);
	free(a);
	free(b);
}

static void
exp_is_within_two_ulp(void)
{
	double worst = 0;

	for (int i = 0; i < 200000; i++) {
		float x[16], e = -86.9f * (float)i / 200000;

		for (int k = 0; k < 16; k++)
			x[k] = k ? -1000 : e;
		/* fifteen terms of exp(-87) = 1.6e-38 do not count beside it */
		worst = fmax(worst, fabs(vec_scalar.odds_sum(x, 16, 0, 0) /
					     (exp((double)e) + 15 * exp(-87)) -
					 1));
	}
	CHECK(worst < 2e-7);
}

/* Of numbers from 1e-20 to 1e20, and of sums of exponentials. */
static void
logs_are_within_three_ulp(void)
{
	double worst = 0, worst_sum = 0;

	for (int i = 0; i < 200000; i++) {
		float x = expf((float)(i - 100000) * 46e-5f), y = -x,
		      b = (float)(i % 40);
		double up = 2 * log1p(3 * (double)x), down = -log1p(3 * (double)x);
		float z = (float)(i / 40) / 100 - 25, sum = z;

		vec_scalar.logs(&x, 1, 3, 2, 1);
		vec_scalar.logs(&y, 1, 3, 2, 1);
		worst = fmax(worst, fabs((double)x / up - 1));
		worst = fmax(worst, fabs((double)y / down - 1));
		vec_scalar.log_add(&sum, &b, 1);
		worst_sum = fmax(worst_sum,
		    fabs((double)sum - log(exp((double)z) + exp((double)b))) /
			fmax(1, fmax(fabs((double)z), (double)b)));
	}
	CHECK(worst < 3e-7);
	CHECK(worst_sum < 3e-7);
}

/* Against the scalar one, to the bit, and that against sums in double. */
static void
gradients_equal_scalar(const struct vec *v)
{
	enum { DIM = 48, STRIDE = 64, ROWS = 30, MOST = 23 };
	float *rows = random_floats(ROWS * STRIDE), *x = random_floats(DIM);
	float *weight = random_floats(MOST);
	bool same = true, right = true;

	for (size_t n = 0; n <= MOST; n++) {
		float *a = random_floats(DIM), b[DIM], s[MOST], t[MOST];
		const float *w = n % 2 ? weight : NULL;
		double exact[DIM];
		uint32_t at[MOST];

		memcpy(b, a, sizeof b);
		for (size_t d = 0; d < DIM; d++)
			exact[d] = (double)a[d];
		for (size_t i = 0; i < n; i++) {
			double product = 0;

			at[i] = (uint32_t)random_below(ROWS);
			for (size_t d = 0; d < DIM; d++)
				product +=
				    (double)x[d] * (double)rows[at[i] * STRIDE + d];
			for (size_t d = 0; d < DIM; d++)
				exact[d] += (w ? (double)w[i] : 1) * (0.75 - product) *
					    (double)rows[at[i] * STRIDE + d];
		}
		v->gradient(x, DIM, rows, STRIDE, at, n, w, 0.75f, s, a);
		vec_scalar.gradient(x, DIM, rows, STRIDE, at, n, w, 0.75f, t, b);
		same = same && !memcmp(a, b, sizeof b) &&
		       (!n || !memcmp(s, t, n * sizeof *s));
		for (size_t d = 0; d < DIM; d++)
			right = right && fabs((double)b[d] - exact[d]) < 1e-4;
		free(a);
	}
	CHECK(same);
	CHECK(right);
	free(rows);
	free(x);
	free(weight);
}

int
main(void)
{
	static const char *const names[] = { "avx2", "avx512", "amx", "neon" };

	for (size_t i = 0; i < LENGTH(names); i++) {
		const struct vec *v = vec_named(names[i]);

		printf("# %s: %s\n", names[i], v ? "compared" : "not on this CPU");
		if (!v)
			continue;
		outer_equals_scalar(v);
		reductions_equal_scalar(v);
		logarithms_equal_scalar(v);
		scaled_integers_equal_scalar(v);
		lists_equal_scalar(v);
		dots_are_dot_products(v);
		gradients_equal_scalar(v);
	}
	dots_are_dot_products(&vec_scalar);
	gradients_equal_scalar(&vec_scalar);
	tile_is_the_dot_product();
	exp_is_within_two_ulp();
	logs_are_within_three_ulp();
	CHECK(vec_named("scalar") && !vec_named("nonsense"));
#if defined(__aarch64__)
	CHECK(getenv("PZ_SIMD") || vec_kernels() == &vec_neon);
#endif
	return check_end();
}
