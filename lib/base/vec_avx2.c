/*
 * vec_avx2 - kernels for AVX2 and FMA. See vec.h for what they compute.
 *
 * A tile of 12 x 32 does not fit in 16 registers: outer takes it as pieces of
 * 6 x 16, twelve sums with two loads of b and one broadcast.
 */
#include "vec.h"

#if defined(__x86_64__)
#include <immintrin.h>
#include <stdbool.h>

#define INLINE static inline __attribute__((always_inline))

INLINE void
tile(const size_t rows, const bool minus, size_t n, const float *a, size_t lda,
    const float *b, size_t ldb, float *c, size_t ldc)
{
	__m256 low[6], high[6];

#pragma GCC unroll 6
	for (size_t i = 0; i < rows; i++) {
		low[i] = _mm256_loadu_ps(c + i * ldc);
		high[i] = _mm256_loadu_ps(c + i * ldc + 8);
	}
	for (size_t k = 0; k < n; k++, a += lda, b += ldb) {
		__m256 b0 = _mm256_loadu_ps(b), b1 = _mm256_loadu_ps(b + 8);

#pragma GCC unroll 6
		for (size_t i = 0; i < rows; i++) {
			__m256 ai = _mm256_broadcast_ss(a + i);

			low[i] = minus ? _mm256_fnmadd_ps(ai, b0, low[i])
				       : _mm256_fmadd_ps(ai, b0, low[i]);
			high[i] = minus ? _mm256_fnmadd_ps(ai, b1, high[i])
					: _mm256_fmadd_ps(ai, b1, high[i]);
		}
	}
#pragma GCC unroll 6
	for (size_t i = 0; i < rows; i++) {
		_mm256_storeu_ps(c + i * ldc, low[i]);
		_mm256_storeu_ps(c + i * ldc + 8, high[i]);
	}
}

INLINE void
tiles(size_t rows, const bool minus, size_t n, const float *a, size_t lda,
    const float *b, size_t ldb, float *c, size_t ldc)
{
	for (; rows >= 6; rows -= 6, a += 6, c += 6 * ldc)
		for (size_t j = 0; j < VEC_COLS; j += 16)
			tile(6, minus, n, a, lda, b + j, ldb, c + j, ldc);
	for (; rows >= 2; rows -= 2, a += 2, c += 2 * ldc)
		for (size_t j = 0; j < VEC_COLS; j += 16)
			tile(2, minus, n, a, lda, b + j, ldb, c + j, ldc);
	if (rows)
		for (size_t j = 0; j < VEC_COLS; j += 16)
			tile(1, minus, n, a, lda, b + j, ldb, c + j, ldc);
}

static void
outer(size_t rows, size_t n, const float *a, size_t lda, const float *b, size_t ldb,
    float *c, size_t ldc)
{
	tiles(rows, false, n, a, lda, b, ldb, c, ldc);
}

static void
outer_minus(size_t rows, size_t n, const float *a, size_t lda, const float *b,
    size_t ldb, float *c, size_t ldc)
{
	tiles(rows, true, n, a, lda, b, ldb, c, ldc);
}

static void
subtract(float *y, const float *x, float s, size_t n)
{
	__m256 factor = _mm256_set1_ps(s);

	for (size_t i = 0; i < n; i += 8)
		_mm256_storeu_ps(y + i, _mm256_fnmadd_ps(factor, _mm256_loadu_ps(x + i),
					    _mm256_loadu_ps(y + i)));
}

static float
dot(const float *a, const float *b, size_t n)
{
	__m256 low = _mm256_setzero_ps(), high = _mm256_setzero_ps();
	float part[16], sum = 0;

	for (size_t i = 0; i < n; i += 16) {
		low = _mm256_fmadd_ps(
		    _mm256_loadu_ps(a + i), _mm256_loadu_ps(b + i), low);
		high = _mm256_fmadd_ps(
		    _mm256_loadu_ps(a + i + 8), _mm256_loadu_ps(b + i + 8), high);
	}
	_mm256_storeu_ps(part, low);
	_mm256_storeu_ps(part + 8, high);
	for (int i = 0; i < 16; i++)
		sum += part[i];
	return sum;
}

static float
max(const float *x, size_t n)
{
	__m256 most = _mm256_loadu_ps(x);
	float part[8], greatest;

	for (size_t i = 8; i < n; i += 8)
		most = _mm256_max_ps(most, _mm256_loadu_ps(x + i));
	_mm256_storeu_ps(part, most);
	greatest = part[0];
	for (int i = 1; i < 8; i++)
		greatest = part[i] > greatest ? part[i] : greatest;
	return greatest;
}

INLINE __m256
exp8(__m256 x)
{
	__m256 t, n, r, p;
	__m256i power;

	x = _mm256_max_ps(x, _mm256_set1_ps(EXP_LEAST));
	t = _mm256_fmadd_ps(x, _mm256_set1_ps(EXP_LOG2E), _mm256_set1_ps(EXP_MAGIC));
	n = _mm256_sub_ps(t, _mm256_set1_ps(EXP_MAGIC));
	r = _mm256_fmadd_ps(n, _mm256_set1_ps(-EXP_LN2_HIGH), x);
	r = _mm256_fmadd_ps(n, _mm256_set1_ps(-EXP_LN2_LOW), r);
	p = _mm256_fmadd_ps(_mm256_set1_ps(EXP_C6), r, _mm256_set1_ps(EXP_C5));
	p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(EXP_C4));
	p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(EXP_C3));
	p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(EXP_C2));
	p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(1.0f));
	p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(1.0f));
	power = _mm256_slli_epi32(
	    _mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127)), 23);
	return _mm256_mul_ps(p, _mm256_castsi256_ps(power));
}

INLINE __m256
odds_at(const float *x, __m256 shift, __m256 damping)
{
	__m256 e = exp8(_mm256_sub_ps(_mm256_loadu_ps(x), shift));

	return _mm256_div_ps(e, _mm256_fmadd_ps(damping, e, _mm256_set1_ps(1.0f)));
}

static double
odds_sum(const float *x, size_t n, float shift, float damping)
{
	__m256 h = _mm256_set1_ps(shift), c = _mm256_set1_ps(damping);
	__m256 low = _mm256_setzero_ps(), high = _mm256_setzero_ps();
	float part[16];
	double sum = 0;

	for (size_t i = 0; i < n; i += 16) {
		low = _mm256_add_ps(low, odds_at(x + i, h, c));
		high = _mm256_add_ps(high, odds_at(x + i + 8, h, c));
	}
	_mm256_storeu_ps(part, low);
	_mm256_storeu_ps(part + 8, high);
	for (int i = 0; i < 16; i++)
		sum += (double)part[i];
	return sum;
}

static size_t
above(const float *x, size_t n, float least, uint32_t *out)
{
	__m256 t = _mm256_set1_ps(least);
	size_t found = 0;

	for (size_t i = 0; i < n; i += 8) {
		unsigned m = (unsigned)_mm256_movemask_ps(
		    _mm256_cmp_ps(_mm256_loadu_ps(x + i), t, _CMP_GT_OQ));

		for (; m; m &= m - 1)
			out[found++] = (uint32_t)i + (uint32_t)__builtin_ctz(m);
	}
	return found;
}

const struct vec vec_avx2 = { "avx2", outer, outer_minus, subtract, dot, max, odds_sum,
	above };
#endif
