/* vec - the scalar kernels, which define the results, and the choice of a kernel. */
#include "vec.h"

#include <err.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"

static void
outer(size_t rows, size_t n, const float *a, size_t lda, const float *b, size_t ldb,
    float *c, size_t ldc)
{
	for (size_t k = 0; k < n; k++)
		for (size_t i = 0; i < rows; i++)
			for (size_t j = 0; j < VEC_COLS; j++)
				c[i * ldc + j] = fmaf(
				    a[k * lda + i], b[k * ldb + j], c[i * ldc + j]);
}

static void
outer_minus(size_t rows, size_t n, const float *a, size_t lda, const float *b,
    size_t ldb, float *c, size_t ldc)
{
	for (size_t k = 0; k < n; k++)
		for (size_t i = 0; i < rows; i++)
			for (size_t j = 0; j < VEC_COLS; j++)
				c[i * ldc + j] = fmaf(
				    -a[k * lda + i], b[k * ldb + j], c[i * ldc + j]);
}

static void
subtract(float *y, const float *x, float s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		y[i] = fmaf(-s, x[i], y[i]);
}

static float
dot(const float *a, const float *b, size_t n)
{
	float part[16] = { 0 }, sum = 0;

	for (size_t i = 0; i < n; i++)
		part[i % 16] = fmaf(a[i], b[i], part[i % 16]);
	for (int i = 0; i < 16; i++)
		sum += part[i];
	return sum;
}

static float
max(const float *x, size_t n)
{
	float most = x[0];

	for (size_t i = 1; i < n; i++)
		most = x[i] > most ? x[i] : most;
	return most;
}

static float
exp_float(float x)
{
	union {
		float f;
		uint32_t u;
	} power;
	float t, n, r, p;

	x = x > EXP_LEAST ? x : EXP_LEAST;
	t = fmaf(x, EXP_LOG2E, EXP_MAGIC);
	n = t - EXP_MAGIC;
	r = fmaf(n, -EXP_LN2_HIGH, x);
	r = fmaf(n, -EXP_LN2_LOW, r);
	p = fmaf(EXP_C6, r, EXP_C5);
	p = fmaf(p, r, EXP_C4);
	p = fmaf(p, r, EXP_C3);
	p = fmaf(p, r, EXP_C2);
	p = fmaf(p, r, 1.0f);
	p = fmaf(p, r, 1.0f);
	power.u = (uint32_t)((int32_t)n + 127) << 23;
	return p * power.f;
}

static float
odds(float e, float damping)
{
	return e / fmaf(damping, e, 1.0f);
}

static double
odds_sum(const float *x, size_t n, float shift, float damping)
{
	float part[16] = { 0 };
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		part[i % 16] += odds(exp_float(x[i] - shift), damping);
	for (int i = 0; i < 16; i++)
		sum += (double)part[i];
	return sum;
}

static size_t
above(const float *x, size_t n, float least, uint32_t *out)
{
	size_t found = 0;

	for (size_t i = 0; i < n; i++)
		if (x[i] > least)
			out[found++] = (uint32_t)i;
	return found;
}

const struct vec vec_scalar = { "scalar", outer, outer_minus, subtract, dot, max,
	odds_sum, above };

float
vec_dot(const float *a, const float *b, size_t step, size_t n)
{
	float sum = 0;

	for (size_t k = 0; k < n; k++)
		sum = fmaf(a[k], b[k * step], sum);
	return sum;
}

const struct vec *
vec_named(const char *name)
{
#if defined(__x86_64__)
	__builtin_cpu_init();
	if (!strcmp(name, "avx512"))
		return __builtin_cpu_supports("avx512f") &&
			       __builtin_cpu_supports("avx512vl") &&
			       __builtin_cpu_supports("avx512bw") &&
			       __builtin_cpu_supports("avx512dq")
			   ? &vec_avx512
			   : NULL;
	if (!strcmp(name, "avx2"))
		return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")
			   ? &vec_avx2
			   : NULL;
#endif
	return strcmp(name, "scalar") ? NULL : &vec_scalar;
}

static const struct vec *chosen;

static void
choose(void)
{
	static const char *const best_first[] = { "avx512", "avx2", "scalar" };
	const char *forced = getenv("PZ_SIMD");

	if (forced && *forced) {
		if (!(chosen = vec_named(forced)))
			errx(2,
			    "PZ_SIMD=%s: expected scalar, avx2 or avx512, as far as "
			    "this CPU has them",
			    forced);
		return;
	}
	for (size_t i = 0; !chosen; i++)
		chosen = vec_named(best_first[i]);
}

const struct vec *
vec_kernels(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, choose);
	return chosen;
}
