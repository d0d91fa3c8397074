/*
 * vec_avx512 - kernels for AVX-512 (F, VL, BW, DQ). See vec.h for what they compute.
 *
 * outer keeps a tile of 12 x 32 floats in 24 of the 32 registers: per k two loads
 * of b and twelve broadcasts from memory feed 24 multiply-adds, so the two FMA
 * units and not the two load ports bound it.
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
	__m512 low[VEC_ROWS], high[VEC_ROWS];

#pragma GCC unroll 12
	for (size_t i = 0; i < rows; i++) {
		low[i] = _mm512_loadu_ps(c + i * ldc);
		high[i] = _mm512_loadu_ps(c + i * ldc + 16);
	}
	for (size_t k = 0; k < n; k++, a += lda, b += ldb) {
		__m512 b0 = _mm512_loadu_ps(b), b1 = _mm512_loadu_ps(b + 16);

#pragma GCC unroll 12
		for (size_t i = 0; i < rows; i++) {
			__m512 ai = _mm512_set1_ps(a[i]);

			low[i] = minus ? _mm512_fnmadd_ps(ai, b0, low[i])
				       : _mm512_fmadd_ps(ai, b0, low[i]);
			high[i] = minus ? _mm512_fnmadd_ps(ai, b1, high[i])
					: _mm512_fmadd_ps(ai, b1, high[i]);
		}
	}
#pragma GCC unroll 12
	for (size_t i = 0; i < rows; i++) {
		_mm512_storeu_ps(c + i * ldc, low[i]);
		_mm512_storeu_ps(c + i * ldc + 16, high[i]);
	}
}

INLINE void
tiles(size_t rows, const bool minus, size_t n, const float *a, size_t lda,
    const float *b, size_t ldb, float *c, size_t ldc)
{
	if (rows == 12) {
		tile(12, minus, n, a, lda, b, ldb, c, ldc);
		return;
	}
	for (; rows >= 4; rows -= 4, a += 4, c += 4 * ldc)
		tile(4, minus, n, a, lda, b, ldb, c, ldc);
	for (; rows; rows--, a++, c += ldc)
		tile(1, minus, n, a, lda, b, ldb, c, ldc);
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
	__m512 factor = _mm512_set1_ps(s);

	for (size_t i = 0; i < n; i += 16)
		_mm512_storeu_ps(y + i, _mm512_fnmadd_ps(factor, _mm512_loadu_ps(x + i),
					    _mm512_loadu_ps(y + i)));
}

static float
dot(const float *a, const float *b, size_t n)
{
	__m512 sums = _mm512_setzero_ps();
	float part[16], sum = 0;

	for (size_t i = 0; i < n; i += 16)
		sums = _mm512_fmadd_ps(
		    _mm512_loadu_ps(a + i), _mm512_loadu_ps(b + i), sums);
	_mm512_storeu_ps(part, sums);
	for (int i = 0; i < 16; i++)
		sum += part[i];
	return sum;
}

static float
max(const float *x, size_t n)
{
	__m512 most = _mm512_loadu_ps(x);

	for (size_t i = 16; i < n; i += 16)
		most = _mm512_max_ps(most, _mm512_loadu_ps(x + i));
	return _mm512_reduce_max_ps(most);
}

INLINE __m512
exp16(__m512 x)
{
	__m512 t, n, r, p;
	__m512i power;

	x = _mm512_max_ps(x, _mm512_set1_ps(EXP_LEAST));
	t = _mm512_fmadd_ps(x, _mm512_set1_ps(EXP_LOG2E), _mm512_set1_ps(EXP_MAGIC));
	n = _mm512_sub_ps(t, _mm512_set1_ps(EXP_MAGIC));
	r = _mm512_fmadd_ps(n, _mm512_set1_ps(-EXP_LN2_HIGH), x);
	r = _mm512_fmadd_ps(n, _mm512_set1_ps(-EXP_LN2_LOW), r);
	p = _mm512_fmadd_ps(_mm512_set1_ps(EXP_C6), r, _mm512_set1_ps(EXP_C5));
	p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(EXP_C4));
	p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(EXP_C3));
	p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(EXP_C2));
	p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.0f));
	p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.0f));
	power = _mm512_slli_epi32(
	    _mm512_add_epi32(_mm512_cvtps_epi32(n), _mm512_set1_epi32(127)), 23);
	return _mm512_mul_ps(p, _mm512_castsi512_ps(power));
}

static double
odds_sum(const float *x, size_t n, float shift, float damping)
{
	__m512 h = _mm512_set1_ps(shift), c = _mm512_set1_ps(damping);
	const __m512 one = _mm512_set1_ps(1.0f);
	__m512 sums = _mm512_setzero_ps();
	float part[16];
	double sum = 0;

	for (size_t i = 0; i < n; i += 16) {
		__m512 e = exp16(_mm512_sub_ps(_mm512_loadu_ps(x + i), h));

		sums =
		    _mm512_add_ps(sums, _mm512_div_ps(e, _mm512_fmadd_ps(c, e, one)));
	}
	_mm512_storeu_ps(part, sums);
	for (int i = 0; i < 16; i++)
		sum += (double)part[i];
	return sum;
}

static size_t
above(const float *x, size_t n, float least, uint32_t *out)
{
	const __m512i sixteen = _mm512_set1_epi32(16);
	__m512i index =
	    _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
	__m512 t = _mm512_set1_ps(least);
	size_t found = 0;

	for (size_t i = 0; i < n; i += 16) {
		__mmask16 m = _mm512_cmp_ps_mask(_mm512_loadu_ps(x + i), t, _CMP_GT_OQ);

		if (m) {
			_mm512_mask_compressstoreu_epi32(out + found, m, index);
			found += (size_t)__builtin_popcount(m);
		}
		index = _mm512_add_epi32(index, sixteen);
	}
	return found;
}

const struct vec vec_avx512 = { "avx512", outer, outer_minus, subtract, dot, max,
	odds_sum, above };
#endif
