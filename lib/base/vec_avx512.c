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
#include <math.h>
#include <stdbool.h>

#include "dot16.h"

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
	/* p 2^n: t ends in the bits of n, which go to where exponents are. */
	return _mm512_castsi512_ps(_mm512_add_epi32(
	    _mm512_castps_si512(p), _mm512_slli_epi32(_mm512_castps_si512(t), 23)));
}

/* log(1 + y), y >= 0 */
INLINE __m512
log16(__m512 y)
{
	const __m512 one = _mm512_set1_ps(1.0f);
	__m512 u, n, f, p, missing;
	__m512i bits, power;

	y = _mm512_min_ps(y, _mm512_set1_ps(LOG_MOST));
	u = _mm512_add_ps(one, y);
	missing = _mm512_div_ps(_mm512_sub_ps(y, _mm512_sub_ps(u, one)), u);
	bits = _mm512_castps_si512(u);
	power = _mm512_srli_epi32(
	    _mm512_sub_epi32(bits, _mm512_set1_epi32(LOG_SQRT_HALF)), 23);
	n = _mm512_cvtepi32_ps(power);
	bits = _mm512_sub_epi32(bits, _mm512_slli_epi32(power, 23));
	f = _mm512_sub_ps(_mm512_castsi512_ps(bits), one);
	p = _mm512_fmadd_ps(_mm512_set1_ps(LOG_C6), f, _mm512_set1_ps(LOG_C5));
	p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(LOG_C4));
	p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(LOG_C3));
	p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(LOG_C2));
	p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(LOG_C1));
	p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(LOG_C0));
	p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(-0.5f));
	p = _mm512_add_ps(_mm512_fmadd_ps(p, _mm512_mul_ps(f, f), f), missing);
	p = _mm512_fmadd_ps(n, _mm512_set1_ps(EXP_LN2_LOW), p);
	return _mm512_fmadd_ps(n, _mm512_set1_ps(EXP_LN2_HIGH), p);
}

static void
logs(float *x, size_t n, float scale, float up, float down)
{
	const __m512 plus = _mm512_set1_ps(up), minus = _mm512_set1_ps(-down);
	const __m512 s = _mm512_set1_ps(scale);
	size_t i = 0;

	for (; i + 16 <= n; i += 16) {
		__m512 v = _mm512_loadu_ps(x + i);
		__m512 log = log16(_mm512_mul_ps(_mm512_abs_ps(v), s));
		__mmask16 below = _mm512_movepi32_mask(_mm512_castps_si512(v));

		_mm512_storeu_ps(x + i,
		    _mm512_mul_ps(_mm512_mask_blend_ps(below, plus, minus), log));
	}
	vec_logs(x + i, n - i, scale, up, down);
}

static void
log_add(float *x, const float *y, size_t n)
{
	const __m512 sign = _mm512_set1_ps(-0.0f);
	size_t i = 0;

	for (; i + 16 <= n; i += 16) {
		__m512 a = _mm512_loadu_ps(x + i), b = _mm512_loadu_ps(y + i);
		__m512 apart = _mm512_or_ps(sign, _mm512_sub_ps(a, b));

		_mm512_storeu_ps(
		    x + i, _mm512_add_ps(_mm512_max_ps(a, b), log16(exp16(apart))));
	}
	vec_log_add(x + i, y + i, n - i);
}

static void
odds(const float *x, size_t n, float shift, float damping, float *out)
{
	__m512 h = _mm512_set1_ps(shift), c = _mm512_set1_ps(damping);

	for (size_t i = 0; i < n; i += 16) {
		__m512 e = exp16(_mm512_sub_ps(_mm512_loadu_ps(x + i), h));

		_mm512_storeu_ps(out + i,
		    _mm512_div_ps(e, _mm512_fmadd_ps(c, e, _mm512_set1_ps(1.0f))));
	}
}

static double
odds_sum(const float *x, size_t n, float shift, float damping)
{
	__m512 h = _mm512_set1_ps(shift), c = _mm512_set1_ps(damping);
	const __m512 one = _mm512_set1_ps(1.0f);
	__m512 sums = _mm512_setzero_ps();
	float part[16];
	double sum = 0;
	size_t i = 0;

	for (; i + 32 <= n; i += 32) {
		__m512 e = exp16(_mm512_sub_ps(_mm512_loadu_ps(x + i), h));
		__m512 f = exp16(_mm512_sub_ps(_mm512_loadu_ps(x + i + 16), h));
		__m512 p = _mm512_fmadd_ps(c, e, one), q = _mm512_fmadd_ps(c, f, one);
		__m512 both = _mm512_fmadd_ps(e, q, _mm512_mul_ps(f, p));

		sums = _mm512_add_ps(sums, _mm512_div_ps(both, _mm512_mul_ps(p, q)));
	}
	if (i < n) {
		odds(x + i, 16, shift, damping, part);
		sums = _mm512_add_ps(sums, _mm512_loadu_ps(part));
	}
	_mm512_storeu_ps(part, sums);
	for (int j = 0; j < 16; j++)
		sum += (double)part[j];
	return sum;
}

/*
 * Without a branch, as nobody foresees where the next one is. Sixteen numbers are
 * written each time: those behind the last found are overwritten, or lie within out's
 * n.
 */
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

		_mm512_storeu_si512(out + found, _mm512_maskz_compress_epi32(m, index));
		found += (size_t)__builtin_popcount(m);
		index = _mm512_add_epi32(index, sixteen);
	}
	return found;
}

static size_t
keep(float *value, uint32_t *entry, size_t n, float least, float heavy)
{
	__m512 low = _mm512_set1_ps(least), high = _mm512_set1_ps(heavy);
	size_t kept = 0;

	for (size_t i = 0; i < n; i += 16) {
		__mmask16 in = n - i < 16 ? (__mmask16)((1u << (n - i)) - 1) : 0xffff;
		__m512 x = _mm512_loadu_ps(value + i);
		__m512i e = _mm512_loadu_si512(entry + i);
		__mmask16 may = _mm512_test_epi32_mask(e, _mm512_set1_epi32(1));

		may &= _mm512_cmp_ps_mask(x, low, _CMP_GT_OQ);
		may |= _mm512_cmp_ps_mask(x, high, _CMP_GT_OQ);
		may &= in;
		/* What this overwrites has been read. */
		_mm512_storeu_ps(value + kept, _mm512_maskz_compress_ps(may, x));
		_mm512_storeu_si512(entry + kept, _mm512_maskz_compress_epi32(may, e));
		kept += (size_t)__builtin_popcount(may);
	}
	return kept;
}

static void
odd(const float *value, const uint32_t *entry, size_t n, float *out)
{
	const __m512 none = _mm512_set1_ps(-INFINITY);

	for (size_t i = 0; i < n; i += 16) {
		__mmask16 in = n - i < 16 ? (__mmask16)((1u << (n - i)) - 1) : 0xffff;
		__m512i e = _mm512_loadu_si512(entry + i);

		in &= _mm512_test_epi32_mask(e, _mm512_set1_epi32(1));
		_mm512_storeu_ps(out + i, _mm512_mask_loadu_ps(none, in, value + i));
	}
}

static size_t
count(const float *x, size_t n, float least)
{
	__m512 t = _mm512_set1_ps(least);
	size_t found = 0;

	for (size_t i = 0; i < n; i += 16)
		found += (size_t)__builtin_popcount(
		    _mm512_cmp_ps_mask(_mm512_loadu_ps(x + i), t, _CMP_GT_OQ));
	return found;
}

static float
scale(const int32_t *d, const float *b, float s, const float *c, float t, float o,
    size_t n, float *out)
{
	__m512 by = _mm512_set1_ps(s), times = _mm512_set1_ps(t);
	__m512 more = _mm512_set1_ps(o);
	__m512 most = _mm512_set1_ps(-INFINITY);

	for (size_t i = 0; i < n; i += 16) {
		__m512 x = _mm512_mul_ps(_mm512_cvtepi32_ps(_mm512_loadu_si512(d + i)),
		    _mm512_loadu_ps(b + i));

		x = _mm512_fmadd_ps(
		    x, by, _mm512_fmadd_ps(times, _mm512_loadu_ps(c + i), more));
		most = _mm512_max_ps(most, x);
		_mm512_storeu_ps(out + i, x);
	}
	return _mm512_reduce_max_ps(most);
}

/* Sixteen rows of sixteen floats become columns, in place. */
INLINE void
transpose(__m512 r[16])
{
	__m512 t[16];

#pragma GCC unroll 8
	for (int i = 0; i < 16; i += 2) {
		t[i] = _mm512_unpacklo_ps(r[i], r[i + 1]);
		t[i + 1] = _mm512_unpackhi_ps(r[i], r[i + 1]);
	}
#pragma GCC unroll 4
	for (int i = 0; i < 16; i += 4) {
		__m512d a = _mm512_castps_pd(t[i]), b = _mm512_castps_pd(t[i + 1]);
		__m512d c = _mm512_castps_pd(t[i + 2]), d = _mm512_castps_pd(t[i + 3]);

		r[i] = _mm512_castpd_ps(_mm512_unpacklo_pd(a, c));
		r[i + 1] = _mm512_castpd_ps(_mm512_unpackhi_pd(a, c));
		r[i + 2] = _mm512_castpd_ps(_mm512_unpacklo_pd(b, d));
		r[i + 3] = _mm512_castpd_ps(_mm512_unpackhi_pd(b, d));
	}
	/* r[4 g + c] holds columns c, c + 4, c + 8, c + 12 of rows 4 g to 4 g + 3. */
#pragma GCC unroll 4
	for (int c = 0; c < 4; c++) {
		__m512 a = _mm512_shuffle_f32x4(r[c], r[4 + c], 0x88);
		__m512 b = _mm512_shuffle_f32x4(r[c], r[4 + c], 0xdd);
		__m512 d = _mm512_shuffle_f32x4(r[8 + c], r[12 + c], 0x88);
		__m512 e = _mm512_shuffle_f32x4(r[8 + c], r[12 + c], 0xdd);

		t[c] = _mm512_shuffle_f32x4(a, d, 0x88);
		t[8 + c] = _mm512_shuffle_f32x4(a, d, 0xdd);
		t[4 + c] = _mm512_shuffle_f32x4(b, e, 0x88);
		t[12 + c] = _mm512_shuffle_f32x4(b, e, 0xdd);
	}
#pragma GCC unroll 16
	for (int i = 0; i < 16; i++)
		r[i] = t[i];
}

static void
dots(const float *x, size_t dim, const float *rows, size_t stride, const uint32_t *at,
    size_t n, float *out)
{
	for (size_t from = 0; from < n; from += 16) {
		size_t count = n - from < 16 ? n - from : 16;
		const float *row[16], *next[16];
		__m512 sums = _mm512_setzero_ps();

		for (size_t i = 0; i < 16; i++) {
			row[i] = rows + at[from + (i < count ? i : 0)] * stride;
			next[i] =
			    rows + at[from + 16 + i < n ? from + 16 + i : 0] * stride;
		}
		for (size_t d = 0; d < dim; d += 16) {
			__m512 y[16];

			/* The next rows may be anywhere. */
#pragma GCC unroll 16
			for (int i = 0; i < 16; i++)
				_mm_prefetch((const char *)(next[i] + d), _MM_HINT_T0);

#pragma GCC unroll 16
			for (int i = 0; i < 16; i++)
				y[i] = _mm512_loadu_ps(row[i] + d);
			transpose(y);
#pragma GCC unroll 16
			for (int i = 0; i < 16; i++)
				sums = _mm512_fmadd_ps(
				    _mm512_set1_ps(x[d + (size_t)i]), y[i], sums);
		}
		_mm512_mask_storeu_ps(out + from, (__mmask16)((1u << count) - 1), sums);
	}
}

INLINE float
sum16(__m512 x)
{
	__m256 y =
	    _mm256_add_ps(_mm512_castps512_ps256(x), _mm512_extractf32x8_ps(x, 1));
	__m128 z = _mm_add_ps(_mm256_castps256_ps128(y), _mm256_extractf128_ps(y, 1));

	z = _mm_add_ps(z, _mm_movehl_ps(z, z));
	return _mm_cvtss_f32(_mm_add_ss(z, _mm_movehdup_ps(z)));
}

/* `count` rows at once, while those after them are fetched. */
INLINE void
gradient_of(const size_t count, const float *x, size_t dim, const float *rows,
    size_t stride, const uint32_t *at, size_t left, const float *weight, float target,
    float *out, float *sum)
{
	const float *row[4], *next[4];
	__m512 dot[4], miss[4];

#pragma GCC unroll 4
	for (size_t i = 0; i < count; i++) {
		row[i] = rows + at[i] * stride;
		next[i] = rows + at[4 + i < left ? 4 + i : i] * stride;
		dot[i] = _mm512_setzero_ps();
	}
	for (size_t d = 0; d < dim; d += 16) {
		__m512 xd = _mm512_loadu_ps(x + d);

#pragma GCC unroll 4
		for (size_t i = 0; i < count; i++) {
			_mm_prefetch((const char *)(next[i] + d), _MM_HINT_T0);
			dot[i] =
			    _mm512_fmadd_ps(xd, _mm512_loadu_ps(row[i] + d), dot[i]);
		}
	}
#pragma GCC unroll 4
	for (size_t i = 0; i < count; i++) {
		float m = target - (out[i] = sum16(dot[i]));

		miss[i] = _mm512_set1_ps(weight ? weight[i] * m : m);
	}
	for (size_t d = 0; d < dim; d += 16) {
		__m512 s = _mm512_loadu_ps(sum + d);

#pragma GCC unroll 4
		for (size_t i = 0; i < count; i++)
			s = _mm512_fmadd_ps(miss[i], _mm512_loadu_ps(row[i] + d), s);
		_mm512_storeu_ps(sum + d, s);
	}
}

static void
gradient(const float *x, size_t dim, const float *rows, size_t stride,
    const uint32_t *at, size_t n, const float *weight, float target, float *out,
    float *sum)
{
	size_t i = 0;

	for (; i + 4 <= n; i += 4)
		gradient_of(4, x, dim, rows, stride, at + i, n - i,
		    weight ? weight + i : NULL, target, out + i, sum);
	for (; i < n; i++)
		gradient_of(1, x, dim, rows, stride, at + i, n - i,
		    weight ? weight + i : NULL, target, out + i, sum);
}

#define FLOATS                                                                         \
	outer, outer_minus, subtract, dot, max, odds_sum, odds, logs, log_add, above,  \
	    count, keep, odd, scale, dots, gradient

const struct vec vec_avx512 = { "avx512", &dot16_avx512, FLOATS };
const struct vec vec_vnni = { "avx512", &dot16_vnni, FLOATS };
const struct vec vec_amx = { "amx", &dot16_amx, FLOATS };
#endif
