/* vec - the scalar kernels, which define the results, and the choice of a kernel. */
#include "vec.h"

#include <err.h>
#include <math.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#if defined(__x86_64__)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

#include "dot16.h"
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
log1_float(float y)
{
	union {
		float f;
		uint32_t u;
	} bits;
	float u, n, f, p, missing;

	y = y < LOG_MOST ? y : LOG_MOST;
	bits.f = u = 1.0f + y;
	missing = (y - (u - 1.0f)) / u;
	n = (float)((bits.u - LOG_SQRT_HALF) >> 23);
	bits.u -= (uint32_t)n << 23;
	f = bits.f - 1.0f;
	p = fmaf(LOG_C6, f, LOG_C5);
	p = fmaf(p, f, LOG_C4);
	p = fmaf(p, f, LOG_C3);
	p = fmaf(p, f, LOG_C2);
	p = fmaf(p, f, LOG_C1);
	p = fmaf(p, f, LOG_C0);
	p = fmaf(p, f, -0.5f);
	p = fmaf(p, f * f, f) + missing;
	return fmaf(n, EXP_LN2_HIGH, fmaf(n, EXP_LN2_LOW, p));
}

void
vec_logs(float *x, size_t n, float scale, float up, float down)
{
	for (size_t i = 0; i < n; i++)
		x[i] = (signbit(x[i]) ? -down : up) * log1_float(fabsf(x[i]) * scale);
}

void
vec_log_add(float *x, const float *y, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		float most = x[i] > y[i] ? x[i] : y[i];

		x[i] = most + log1_float(exp_float(-fabsf(x[i] - y[i])));
	}
}

static void
odds(const float *x, size_t n, float shift, float damping, float *out)
{
	for (size_t i = 0; i < n; i++) {
		float e = exp_float(x[i] - shift);

		out[i] = e / fmaf(damping, e, 1.0f);
	}
}

/* a / (1 + c a) + b / (1 + c b) */
static float
two_odds(float a, float b, float damping)
{
	float c = fmaf(damping, a, 1.0f), d = fmaf(damping, b, 1.0f);

	return fmaf(a, d, b * c) / (c * d);
}

static double
odds_sum(const float *x, size_t n, float shift, float damping)
{
	float part[16] = { 0 }, last[16];
	double sum = 0;

	for (size_t i = 0; i + 32 <= n; i += 32)
		for (size_t j = 0; j < 16; j++)
			part[j] += two_odds(exp_float(x[i + j] - shift),
			    exp_float(x[i + j + 16] - shift), damping);
	if (n % 32) {
		odds(x + n - 16, 16, shift, damping, last);
		for (size_t j = 0; j < 16; j++)
			part[j] += last[j];
	}
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

static size_t
count(const float *x, size_t n, float least)
{
	size_t found = 0;

	for (size_t i = 0; i < n; i++)
		found += x[i] > least;
	return found;
}

static size_t
keep(float *value, uint32_t *entry, size_t n, float least, float heavy)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		float x = value[i];
		uint32_t e = entry[i];

		value[kept] = x;
		entry[kept] = e;
		kept += (x > heavy) | ((e & 1) & (x > least));
	}
	return kept;
}

void
vec_odd(const float *value, const uint32_t *entry, size_t n, float *out)
{
	size_t i = 0;

	for (; i < n; i++)
		out[i] = entry[i] & 1 ? value[i] : -INFINITY;
	for (; i % 16; i++)
		out[i] = -INFINITY;
}

static float
scale(const int32_t *d, const float *b, float s, const float *c, float t, float o,
    size_t n, float *out)
{
	float most = -INFINITY;

	for (size_t i = 0; i < n; i++) {
		out[i] = fmaf((float)d[i] * b[i], s, fmaf(t, c[i], o));
		most = out[i] > most ? out[i] : most;
	}
	return most;
}

static void
dots(const float *x, size_t dim, const float *rows, size_t stride, const uint32_t *at,
    size_t n, float *out)
{
	for (size_t i = 0; i < n; i++)
		out[i] = vec_dot(x, rows + at[i] * stride, 1, dim);
}

static void
gradient(const float *x, size_t dim, const float *rows, size_t stride,
    const uint32_t *at, size_t n, const float *weight, float target, float *out,
    float *sum)
{
	for (size_t i = 0; i < n; i++) {
		const float *row = rows + at[i] * stride;
		float part[16] = { 0 }, miss;

		for (size_t d = 0; d < dim; d++)
			part[d % 16] = fmaf(x[d], row[d], part[d % 16]);
		for (size_t half = 8; half; half /= 2)
			for (size_t j = 0; j < half; j++)
				part[j] += part[j + half];
		out[i] = part[0];
		miss = weight ? weight[i] * (target - out[i]) : target - out[i];
		for (size_t d = 0; d < dim; d++)
			sum[d] = fmaf(miss, row[d], sum[d]);
	}
}

const struct vec vec_scalar = { "scalar", &dot16_scalar, outer, outer_minus, subtract,
	dot, max, odds_sum, odds, vec_logs, vec_log_add, above, count, keep, vec_odd,
	scale, dots, gradient };

float
vec_dot(const float *a, const float *b, size_t step, size_t n)
{
	float sum = 0;

	for (size_t k = 0; k < n; k++)
		sum = fmaf(a[k], b[k * step], sum);
	return sum;
}

bool
vec_is_zero(const float *x, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (x[i] != 0)
			return false;
	return true;
}

#if defined(__x86_64__)
/* Of CPUID's leaf 7, by Intel's manual: compilers differ in what they call them. */
enum {
	EAX_AVX_VNNI = 1 << 4, /* subleaf 1 */
	EDX_AMX_TILE = 1 << 24,
	EDX_AMX_INT8 = 1 << 25,
};

static bool
has_avx2(void)
{
	return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

static bool
has_avxvnni(void)
{
	unsigned a, b, c, d;

	return __get_cpuid_count(7, 1, &a, &b, &c, &d) && a & EAX_AVX_VNNI;
}

static bool
has_avx512(void)
{
	return __builtin_cpu_supports("avx512f") &&
	       __builtin_cpu_supports("avx512vl") &&
	       __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq");
}

/* The system must allow the tiles' registers to a process that asks. */
static bool
has_amx(void)
{
#if defined(__linux__)
	enum { REQUEST = 0x1023, TILE_DATA = 18 }; /* arch_prctl(2) */
	unsigned a, b, c, d;

	return __get_cpuid_count(7, 0, &a, &b, &c, &d) && d & EDX_AMX_TILE &&
	       d & EDX_AMX_INT8 && __builtin_cpu_supports("avx512vnni") &&
	       !syscall(SYS_arch_prctl, REQUEST, TILE_DATA);
#else
	return false;
#endif
}
#endif

const struct vec *
vec_named(const char *name)
{
#if defined(__x86_64__)
	__builtin_cpu_init();
	if (!strcmp(name, "amx"))
		return has_avx512() && has_amx() ? &vec_amx : NULL;
	if (!strcmp(name, "avx512"))
		return !has_avx512()                          ? NULL
		       : __builtin_cpu_supports("avx512vnni") ? &vec_vnni
							      : &vec_avx512;
	if (!strcmp(name, "avx2"))
		return !has_avx2() ? NULL : has_avxvnni() ? &vec_avxvnni : &vec_avx2;
#elif defined(__aarch64__)
	if (!strcmp(name, "neon"))
		return &vec_neon;
#endif
	return strcmp(name, "scalar") ? NULL : &vec_scalar;
}

static const struct vec *chosen;

static void
choose(void)
{
	static const char *const best_first[] = { "amx", "avx512", "avx2", "neon",
		"scalar" };
	const char *forced = getenv("PZ_SIMD");

	if (forced && *forced) {
		if (!(chosen = vec_named(forced)))
			errx(2,
			    "PZ_SIMD=%s: expected scalar, avx2, avx512, amx or neon, "
			    "as far as this CPU has them",
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
