/*
 * vec_avx2 - kernels for AVX2 and FMA. See vec.h for what they compute.
 *
 * A tile of 12 x 32 does not fit in 16 registers: outer takes it as pieces of
 * 6 x 16, twelve sums with two loads of b and one broadcast.
 */
#include "vec.h"

#if defined(__x86_64__)
#include <immintrin.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "dot16.h"

/* How many sums of eight rows each are worked on at once. */
enum { GROUPS = 4 };

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

INLINE float
greatest(__m256 x)
{
	float part[8], most;

	_mm256_storeu_ps(part, x);
	most = part[0];
	for (int i = 1; i < 8; i++)
		most = part[i] > most ? part[i] : most;
	return most;
}

static float
max(const float *x, size_t n)
{
	__m256 most = _mm256_loadu_ps(x);

	for (size_t i = 8; i < n; i += 8)
		most = _mm256_max_ps(most, _mm256_loadu_ps(x + i));
	return greatest(most);
}

INLINE __m256
exp8(__m256 x)
{
	__m256 t, n, r, p;

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
	/* p 2^n: t ends in the bits of n, which go to where exponents are. */
	return _mm256_castsi256_ps(_mm256_add_epi32(
	    _mm256_castps_si256(p), _mm256_slli_epi32(_mm256_castps_si256(t), 23)));
}

/* log(1 + y), y >= 0 */
INLINE __m256
log8(__m256 y)
{
	const __m256 one = _mm256_set1_ps(1.0f);
	__m256 u, n, f, p, missing;
	__m256i bits, power;

	y = _mm256_min_ps(y, _mm256_set1_ps(LOG_MOST));
	u = _mm256_add_ps(one, y);
	missing = _mm256_div_ps(_mm256_sub_ps(y, _mm256_sub_ps(u, one)), u);
	bits = _mm256_castps_si256(u);
	power = _mm256_srli_epi32(
	    _mm256_sub_epi32(bits, _mm256_set1_epi32(LOG_SQRT_HALF)), 23);
	n = _mm256_cvtepi32_ps(power);
	bits = _mm256_sub_epi32(bits, _mm256_slli_epi32(power, 23));
	f = _mm256_sub_ps(_mm256_castsi256_ps(bits), one);
	p = _mm256_fmadd_ps(_mm256_set1_ps(LOG_C6), f, _mm256_set1_ps(LOG_C5));
	p = _mm256_fmadd_ps(p, f, _mm256_set1_ps(LOG_C4));
	p = _mm256_fmadd_ps(p, f, _mm256_set1_ps(LOG_C3));
	p = _mm256_fmadd_ps(p, f, _mm256_set1_ps(LOG_C2));
	p = _mm256_fmadd_ps(p, f, _mm256_set1_ps(LOG_C1));
	p = _mm256_fmadd_ps(p, f, _mm256_set1_ps(LOG_C0));
	p = _mm256_fmadd_ps(p, f, _mm256_set1_ps(-0.5f));
	p = _mm256_add_ps(_mm256_fmadd_ps(p, _mm256_mul_ps(f, f), f), missing);
	p = _mm256_fmadd_ps(n, _mm256_set1_ps(EXP_LN2_LOW), p);
	return _mm256_fmadd_ps(n, _mm256_set1_ps(EXP_LN2_HIGH), p);
}

static void
logs(float *x, size_t n, float scale, float up, float down)
{
	const __m256 sign = _mm256_set1_ps(-0.0f), s = _mm256_set1_ps(scale);
	const __m256 plus = _mm256_set1_ps(up), minus = _mm256_set1_ps(-down);
	size_t i = 0;

	for (; i + 8 <= n; i += 8) {
		__m256 v = _mm256_loadu_ps(x + i);
		__m256 log = log8(_mm256_mul_ps(_mm256_andnot_ps(sign, v), s));

		_mm256_storeu_ps(
		    x + i, _mm256_mul_ps(_mm256_blendv_ps(plus, minus, v), log));
	}
	vec_logs(x + i, n - i, scale, up, down);
}

static void
log_add(float *x, const float *y, size_t n)
{
	const __m256 sign = _mm256_set1_ps(-0.0f);
	size_t i = 0;

	for (; i + 8 <= n; i += 8) {
		__m256 a = _mm256_loadu_ps(x + i), b = _mm256_loadu_ps(y + i);
		__m256 apart = _mm256_or_ps(sign, _mm256_sub_ps(a, b));

		_mm256_storeu_ps(
		    x + i, _mm256_add_ps(_mm256_max_ps(a, b), log8(exp8(apart))));
	}
	vec_log_add(x + i, y + i, n - i);
}

static void
odds(const float *x, size_t n, float shift, float damping, float *out)
{
	__m256 h = _mm256_set1_ps(shift), c = _mm256_set1_ps(damping);

	for (size_t i = 0; i < n; i += 8) {
		__m256 e = exp8(_mm256_sub_ps(_mm256_loadu_ps(x + i), h));

		_mm256_storeu_ps(out + i,
		    _mm256_div_ps(e, _mm256_fmadd_ps(c, e, _mm256_set1_ps(1.0f))));
	}
}

/* Those of x[i] and x[i + 16]. */
INLINE __m256
two_odds(const float *x, __m256 shift, __m256 c)
{
	const __m256 one = _mm256_set1_ps(1.0f);
	__m256 e = exp8(_mm256_sub_ps(_mm256_loadu_ps(x), shift));
	__m256 f = exp8(_mm256_sub_ps(_mm256_loadu_ps(x + 16), shift));
	__m256 p = _mm256_fmadd_ps(c, e, one), q = _mm256_fmadd_ps(c, f, one);

	return _mm256_div_ps(
	    _mm256_fmadd_ps(e, q, _mm256_mul_ps(f, p)), _mm256_mul_ps(p, q));
}

static double
odds_sum(const float *x, size_t n, float shift, float damping)
{
	__m256 h = _mm256_set1_ps(shift), c = _mm256_set1_ps(damping);
	__m256 low = _mm256_setzero_ps(), high = _mm256_setzero_ps();
	float part[16];
	double sum = 0;
	size_t i = 0;

	for (; i + 32 <= n; i += 32) {
		low = _mm256_add_ps(low, two_odds(x + i, h, c));
		high = _mm256_add_ps(high, two_odds(x + i + 8, h, c));
	}
	if (i < n) {
		odds(x + i, 16, shift, damping, part);
		low = _mm256_add_ps(low, _mm256_loadu_ps(part));
		high = _mm256_add_ps(high, _mm256_loadu_ps(part + 8));
	}
	_mm256_storeu_ps(part, low);
	_mm256_storeu_ps(part + 8, high);
	for (int j = 0; j < 16; j++)
		sum += (double)part[j];
	return sum;
}

/*
 * Of eight lanes those in the index, to the front, a byte each: first of those in its
 * low half, then of those in its high half.
 */
#define BOTH(low, n, high) ((low) | ((high) + UINT64_C(0x4040404)) << 8 * (n))
#define HIGH(h)                                                                        \
	BOTH(0, 0, h), BOTH(0, 1, h), BOTH(1, 1, h), BOTH(0x100, 2, h), BOTH(2, 1, h), \
	    BOTH(0x200, 2, h), BOTH(0x201, 2, h), BOTH(0x20100, 3, h), BOTH(3, 1, h),  \
	    BOTH(0x300, 2, h), BOTH(0x301, 2, h), BOTH(0x30100, 3, h),                 \
	    BOTH(0x302, 2, h), BOTH(0x30200, 3, h), BOTH(0x30201, 3, h),               \
	    BOTH(0x3020100, 4, h)

static const uint64_t front_lanes[256] = { HIGH(0), HIGH(0), HIGH(1), HIGH(0x100),
	HIGH(2), HIGH(0x200), HIGH(0x201), HIGH(0x20100), HIGH(3), HIGH(0x300),
	HIGH(0x301), HIGH(0x30100), HIGH(0x302), HIGH(0x30200), HIGH(0x30201),
	HIGH(0x3020100) };

/* Of eight lanes those in m, to the front; what is behind them is any. */
INLINE __m256i
front_of(unsigned m)
{
	return _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)&front_lanes[m]));
}

static size_t
above(const float *x, size_t n, float least, uint32_t *out)
{
	const __m256 t = _mm256_set1_ps(least);
	const __m256i step = _mm256_set1_epi32(8);
	__m256i base = _mm256_setzero_si256();
	size_t found = 0;

	for (size_t i = 0; i < n; i += 8, base = _mm256_add_epi32(base, step)) {
		unsigned m = (unsigned)_mm256_movemask_ps(
		    _mm256_cmp_ps(_mm256_loadu_ps(x + i), t, _CMP_GT_OQ));

		/* Without a branch, which would be anybody's guess. */
		_mm256_storeu_si256(
		    (__m256i *)(out + found), _mm256_add_epi32(base, front_of(m)));
		found += (size_t)__builtin_popcount(m);
	}
	return found;
}

static size_t
count(const float *x, size_t n, float least)
{
	__m256 t = _mm256_set1_ps(least);
	size_t found = 0;

	for (size_t i = 0; i < n; i += 8)
		found += (size_t)__builtin_popcount((unsigned)_mm256_movemask_ps(
		    _mm256_cmp_ps(_mm256_loadu_ps(x + i), t, _CMP_GT_OQ)));
	return found;
}

static size_t
keep(float *value, uint32_t *entry, size_t n, float least, float heavy)
{
	const __m256 low = _mm256_set1_ps(least), high = _mm256_set1_ps(heavy);
	size_t kept = 0;

	for (size_t i = 0; i < n; i += 8) {
		__m256 x = _mm256_loadu_ps(value + i);
		__m256i e = _mm256_loadu_si256((const __m256i *)(entry + i)), front;
		__m256 odd = _mm256_castsi256_ps(_mm256_slli_epi32(e, 31));
		__m256 may = _mm256_and_ps(odd, _mm256_cmp_ps(x, low, _CMP_GT_OQ));
		unsigned m;

		may = _mm256_or_ps(may, _mm256_cmp_ps(x, high, _CMP_GT_OQ));
		m = (unsigned)_mm256_movemask_ps(may);
		if (n - i < 8)
			m &= (1u << (n - i)) - 1;
		/* What this overwrites has been read. */
		front = front_of(m);
		_mm256_storeu_ps(value + kept, _mm256_permutevar8x32_ps(x, front));
		_mm256_storeu_si256(
		    (__m256i *)(entry + kept), _mm256_permutevar8x32_epi32(e, front));
		kept += (size_t)__builtin_popcount(m);
	}
	return kept;
}

static void
odd(const float *value, const uint32_t *entry, size_t n, float *out)
{
	const __m256 none = _mm256_set1_ps(-INFINITY);
	size_t i = 0;

	for (; i < n; i += 8) {
		__m256i e = _mm256_loadu_si256((const __m256i *)(entry + i));
		__m256 is_odd = _mm256_castsi256_ps(_mm256_slli_epi32(e, 31));
		__m256 x = _mm256_loadu_ps(value + i);

		_mm256_storeu_ps(out + i, _mm256_blendv_ps(none, x, is_odd));
	}
	for (i = n; i % 16; i++)
		out[i] = -INFINITY;
}

static float
scale(const int32_t *d, const float *b, float s, const float *c, float t, float o,
    size_t n, float *out)
{
	__m256 by = _mm256_set1_ps(s), times = _mm256_set1_ps(t);
	__m256 more = _mm256_set1_ps(o);
	__m256 most = _mm256_set1_ps(-INFINITY);

	for (size_t i = 0; i < n; i += 8) {
		__m256i whole = _mm256_loadu_si256((const __m256i *)(d + i));
		__m256 x =
		    _mm256_mul_ps(_mm256_cvtepi32_ps(whole), _mm256_loadu_ps(b + i));

		x = _mm256_fmadd_ps(
		    x, by, _mm256_fmadd_ps(times, _mm256_loadu_ps(c + i), more));
		most = _mm256_max_ps(most, x);
		_mm256_storeu_ps(out + i, x);
	}
	return greatest(most);
}

/*
 * Eight floats of each of eight rows as columns. Halves of rows four apart are loaded
 * side by side, so that shuffles within halves do the rest.
 */
INLINE void
columns(const float *const row[8], size_t d, __m256 y[8])
{
	__m256 r[8], t[8];

#pragma GCC unroll 4
	for (int i = 0; i < 4; i++) {
		const float *low = row[i] + d, *high = row[i + 4] + d;

		r[i] = _mm256_insertf128_ps(
		    _mm256_castps128_ps256(_mm_loadu_ps(low)), _mm_loadu_ps(high), 1);
		r[i + 4] =
		    _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(low + 4)),
			_mm_loadu_ps(high + 4), 1);
	}
#pragma GCC unroll 4
	for (int i = 0; i < 8; i += 2) {
		t[i] = _mm256_unpacklo_ps(r[i], r[i + 1]);
		t[i + 1] = _mm256_unpackhi_ps(r[i], r[i + 1]);
	}
#pragma GCC unroll 2
	for (int i = 0; i < 8; i += 4) {
		y[i] = _mm256_shuffle_ps(t[i], t[i + 2], 0x44);
		y[i + 1] = _mm256_shuffle_ps(t[i], t[i + 2], 0xee);
		y[i + 2] = _mm256_shuffle_ps(t[i + 1], t[i + 3], 0x44);
		y[i + 3] = _mm256_shuffle_ps(t[i + 1], t[i + 3], 0xee);
	}
}

/*
 * Of 8 x `groups` rows, while those after them are fetched: sums wait for themselves,
 * in turns.
 */
INLINE void
dots_of(const size_t groups, const float *x, size_t dim, const float *rows,
    size_t stride, const uint32_t *at, size_t left, float *out)
{
	const float *row[8 * GROUPS], *next[8 * GROUPS];
	__m256 sums[GROUPS];

	for (size_t i = 0; i < 8 * groups; i++) {
		size_t after = 8 * groups + i;

		row[i] = rows + at[i < left ? i : 0] * stride;
		next[i] = rows + at[after < left ? after : 0] * stride;
	}
#pragma GCC unroll 4
	for (size_t g = 0; g < groups; g++)
		sums[g] = _mm256_setzero_ps();
	for (size_t d = 0; d < dim; d += 8) {
		const size_t half = 4 * groups, from = d % 16 ? half : 0;

		for (size_t i = from; i < from + half; i++)
			_mm_prefetch(
			    (const char *)(next[i] + d / 16 * 16), _MM_HINT_T0);
#pragma GCC unroll 4
		for (size_t g = 0; g < groups; g++) {
			__m256 y[8];

			columns(row + 8 * g, d, y);
#pragma GCC unroll 8
			for (int i = 0; i < 8; i++)
				sums[g] = _mm256_fmadd_ps(
				    _mm256_broadcast_ss(x + d + i), y[i], sums[g]);
		}
	}
#pragma GCC unroll 4
	for (size_t g = 0; g < groups; g++) {
		float part[8];
		size_t n = left - 8 * g;

		_mm256_storeu_ps(part, sums[g]);
		memcpy(out + 8 * g, part, (n < 8 ? n : 8) * sizeof *part);
	}
}

static void
dots(const float *x, size_t dim, const float *rows, size_t stride, const uint32_t *at,
    size_t n, float *out)
{
	size_t i = 0;

	for (; i + 8 * GROUPS <= n; i += 8 * GROUPS)
		dots_of(GROUPS, x, dim, rows, stride, at + i, n - i, out + i);
	for (; i < n; i += 8)
		dots_of(1, x, dim, rows, stride, at + i, n - i, out + i);
}

INLINE float
sum16(__m256 low, __m256 high)
{
	__m256 y = _mm256_add_ps(low, high);
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
	__m256 low[4], high[4], miss[4];

#pragma GCC unroll 4
	for (size_t i = 0; i < count; i++) {
		row[i] = rows + at[i] * stride;
		next[i] = rows + at[4 + i < left ? 4 + i : i] * stride;
		low[i] = high[i] = _mm256_setzero_ps();
	}
	for (size_t d = 0; d < dim; d += 16) {
		__m256 x0 = _mm256_loadu_ps(x + d), x1 = _mm256_loadu_ps(x + d + 8);

#pragma GCC unroll 4
		for (size_t i = 0; i < count; i++) {
			_mm_prefetch((const char *)(next[i] + d), _MM_HINT_T0);
			low[i] =
			    _mm256_fmadd_ps(x0, _mm256_loadu_ps(row[i] + d), low[i]);
			high[i] = _mm256_fmadd_ps(
			    x1, _mm256_loadu_ps(row[i] + d + 8), high[i]);
		}
	}
#pragma GCC unroll 4
	for (size_t i = 0; i < count; i++) {
		float m = target - (out[i] = sum16(low[i], high[i]));

		miss[i] = _mm256_set1_ps(weight ? weight[i] * m : m);
	}
	for (size_t d = 0; d < dim; d += 8) {
		__m256 s = _mm256_loadu_ps(sum + d);

#pragma GCC unroll 4
		for (size_t i = 0; i < count; i++)
			s = _mm256_fmadd_ps(miss[i], _mm256_loadu_ps(row[i] + d), s);
		_mm256_storeu_ps(sum + d, s);
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

const struct vec vec_avx2 = { "avx2", &dot16_avx2, FLOATS };
const struct vec vec_avxvnni = { "avx2", &dot16_avxvnni, FLOATS };
#endif
