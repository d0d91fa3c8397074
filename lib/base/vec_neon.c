/*
 * vec_neon - kernels for Advanced SIMD, which every AArch64 has. See vec.h for what
 * they compute.
 *
 * outer takes a tile as pieces of 12 x 8: 24 of the 32 registers are sums, and per k
 * two loads of b and three of a, whose lanes are multiplied as they are, feed 24
 * multiply-adds.
 */
#include "vec.h"

#if defined(__aarch64__)
#include <arm_neon.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "dot16.h"

#define INLINE static inline __attribute__((always_inline))

/* c[i] plus or minus a[i] b, each one rounding. */
INLINE void
four_rows(const bool minus, float32x4_t a, float32x4_t b, float32x4_t *c0,
    float32x4_t *c1, float32x4_t *c2, float32x4_t *c3)
{
	*c0 = minus ? vfmsq_laneq_f32(*c0, b, a, 0) : vfmaq_laneq_f32(*c0, b, a, 0);
	*c1 = minus ? vfmsq_laneq_f32(*c1, b, a, 1) : vfmaq_laneq_f32(*c1, b, a, 1);
	*c2 = minus ? vfmsq_laneq_f32(*c2, b, a, 2) : vfmaq_laneq_f32(*c2, b, a, 2);
	*c3 = minus ? vfmsq_laneq_f32(*c3, b, a, 3) : vfmaq_laneq_f32(*c3, b, a, 3);
}

/* rows is a multiple of 4, cols is in vectors of 4 */
INLINE void
tile(const size_t rows, const size_t cols, const bool minus, size_t n, const float *a,
    size_t lda, const float *b, size_t ldb, float *c, size_t ldc)
{
	float32x4_t sum[12][4];

#pragma GCC unroll 12
	for (size_t i = 0; i < rows; i++)
#pragma GCC unroll 4
		for (size_t j = 0; j < cols; j++)
			sum[i][j] = vld1q_f32(c + i * ldc + 4 * j);
	for (size_t k = 0; k < n; k++, a += lda, b += ldb) {
		float32x4_t y[4];

#pragma GCC unroll 4
		for (size_t j = 0; j < cols; j++)
			y[j] = vld1q_f32(b + 4 * j);
#pragma GCC unroll 3
		for (size_t i = 0; i < rows; i += 4) {
			float32x4_t x = vld1q_f32(a + i);

#pragma GCC unroll 4
			for (size_t j = 0; j < cols; j++)
				four_rows(minus, x, y[j], &sum[i][j], &sum[i + 1][j],
				    &sum[i + 2][j], &sum[i + 3][j]);
		}
	}
#pragma GCC unroll 12
	for (size_t i = 0; i < rows; i++)
#pragma GCC unroll 4
		for (size_t j = 0; j < cols; j++)
			vst1q_f32(c + i * ldc + 4 * j, sum[i][j]);
}

INLINE void
tile_row(const bool minus, size_t n, const float *a, size_t lda, const float *b,
    size_t ldb, float *c)
{
	float32x4_t sum[8];

#pragma GCC unroll 8
	for (size_t j = 0; j < 8; j++)
		sum[j] = vld1q_f32(c + 4 * j);
	for (size_t k = 0; k < n; k++, a += lda, b += ldb) {
		float32x4_t x = vld1q_dup_f32(a);

#pragma GCC unroll 8
		for (size_t j = 0; j < 8; j++) {
			float32x4_t y = vld1q_f32(b + 4 * j);

			sum[j] =
			    minus ? vfmsq_f32(sum[j], x, y) : vfmaq_f32(sum[j], x, y);
		}
	}
#pragma GCC unroll 8
	for (size_t j = 0; j < 8; j++)
		vst1q_f32(c + 4 * j, sum[j]);
}

INLINE void
tiles(size_t rows, const bool minus, size_t n, const float *a, size_t lda,
    const float *b, size_t ldb, float *c, size_t ldc)
{
	if (rows == 12) {
		for (size_t j = 0; j < VEC_COLS; j += 8)
			tile(12, 2, minus, n, a, lda, b + j, ldb, c + j, ldc);
		return;
	}
	for (; rows >= 4; rows -= 4, a += 4, c += 4 * ldc)
		for (size_t j = 0; j < VEC_COLS; j += 16)
			tile(4, 4, minus, n, a, lda, b + j, ldb, c + j, ldc);
	for (; rows; rows--, a++, c += ldc)
		tile_row(minus, n, a, lda, b, ldb, c);
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
	for (size_t i = 0; i < n; i += 4)
		vst1q_f32(y + i, vfmsq_n_f32(vld1q_f32(y + i), vld1q_f32(x + i), s));
}

static float
dot(const float *a, const float *b, size_t n)
{
	float32x4_t sums[4] = { 0 };
	float part[16], sum = 0;

	for (size_t i = 0; i < n; i += 16)
#pragma GCC unroll 4
		for (size_t j = 0; j < 4; j++)
			sums[j] = vfmaq_f32(sums[j], vld1q_f32(a + i + 4 * j),
			    vld1q_f32(b + i + 4 * j));
#pragma GCC unroll 4
	for (size_t j = 0; j < 4; j++)
		vst1q_f32(part + 4 * j, sums[j]);
	for (int i = 0; i < 16; i++)
		sum += part[i];
	return sum;
}

/* maxnm passes over what is not a number, as a comparison does. */
INLINE float
greatest(const float32x4_t most[4])
{
	return vmaxnmvq_f32(
	    vmaxnmq_f32(vmaxnmq_f32(most[0], most[1]), vmaxnmq_f32(most[2], most[3])));
}

static float
max(const float *x, size_t n)
{
	float32x4_t most[4];

#pragma GCC unroll 4
	for (size_t j = 0; j < 4; j++)
		most[j] = vld1q_f32(x + 4 * j);
	for (size_t i = 16; i < n; i += 16)
#pragma GCC unroll 4
		for (size_t j = 0; j < 4; j++)
			most[j] = vmaxnmq_f32(most[j], vld1q_f32(x + i + 4 * j));
	return greatest(most);
}

/* x > y ? x : y */
INLINE float32x4_t
greater(float32x4_t x, float32x4_t y)
{
	return vbslq_f32(vcgtq_f32(x, y), x, y);
}

/* fma(p, x, c) */
INLINE float32x4_t
horner(float32x4_t p, float32x4_t x, float c)
{
	return vfmaq_f32(vdupq_n_f32(c), p, x);
}

INLINE float32x4_t
exp4(float32x4_t x)
{
	const float32x4_t magic = vdupq_n_f32(EXP_MAGIC);
	float32x4_t t, n, r, p;

	x = greater(x, vdupq_n_f32(EXP_LEAST));
	t = vfmaq_f32(magic, x, vdupq_n_f32(EXP_LOG2E));
	n = vsubq_f32(t, magic);
	r = vfmaq_f32(x, n, vdupq_n_f32(-EXP_LN2_HIGH));
	r = vfmaq_f32(r, n, vdupq_n_f32(-EXP_LN2_LOW));
	p = horner(vdupq_n_f32(EXP_C6), r, EXP_C5);
	p = horner(p, r, EXP_C4);
	p = horner(p, r, EXP_C3);
	p = horner(p, r, EXP_C2);
	p = horner(p, r, 1.0f);
	p = horner(p, r, 1.0f);
	/* p 2^n: t ends in the bits of n, which go to where exponents are. */
	return vreinterpretq_f32_u32(vaddq_u32(
	    vreinterpretq_u32_f32(p), vshlq_n_u32(vreinterpretq_u32_f32(t), 23)));
}

/* log(1 + y), y >= 0 */
INLINE float32x4_t
log4(float32x4_t y)
{
	const float32x4_t one = vdupq_n_f32(1.0f), most = vdupq_n_f32(LOG_MOST);
	float32x4_t u, n, f, p, missing;
	uint32x4_t bits, power;

	y = vbslq_f32(vcltq_f32(y, most), y, most);
	u = vaddq_f32(one, y);
	missing = vdivq_f32(vsubq_f32(y, vsubq_f32(u, one)), u);
	bits = vreinterpretq_u32_f32(u);
	power = vshrq_n_u32(vsubq_u32(bits, vdupq_n_u32(LOG_SQRT_HALF)), 23);
	n = vcvtq_f32_u32(power);
	bits = vsubq_u32(bits, vshlq_n_u32(power, 23));
	f = vsubq_f32(vreinterpretq_f32_u32(bits), one);
	p = horner(vdupq_n_f32(LOG_C6), f, LOG_C5);
	p = horner(p, f, LOG_C4);
	p = horner(p, f, LOG_C3);
	p = horner(p, f, LOG_C2);
	p = horner(p, f, LOG_C1);
	p = horner(p, f, LOG_C0);
	p = horner(p, f, -0.5f);
	p = vaddq_f32(vfmaq_f32(f, p, vmulq_f32(f, f)), missing);
	p = vfmaq_f32(p, n, vdupq_n_f32(EXP_LN2_LOW));
	return vfmaq_f32(p, n, vdupq_n_f32(EXP_LN2_HIGH));
}

static void
logs(float *x, size_t n, float scale, float up, float down)
{
	const float32x4_t plus = vdupq_n_f32(up), minus = vdupq_n_f32(-down);
	size_t i = 0;

	for (; i + 4 <= n; i += 4) {
		float32x4_t v = vld1q_f32(x + i);
		uint32x4_t below = vcltzq_s32(vreinterpretq_s32_f32(v));
		float32x4_t log = log4(vmulq_n_f32(vabsq_f32(v), scale));

		vst1q_f32(x + i, vmulq_f32(vbslq_f32(below, minus, plus), log));
	}
	vec_logs(x + i, n - i, scale, up, down);
}

static void
log_add(float *x, const float *y, size_t n)
{
	size_t i = 0;

	for (; i + 4 <= n; i += 4) {
		float32x4_t a = vld1q_f32(x + i), b = vld1q_f32(y + i);
		float32x4_t apart = vnegq_f32(vabdq_f32(a, b));

		vst1q_f32(x + i, vaddq_f32(greater(a, b), log4(exp4(apart))));
	}
	vec_log_add(x + i, y + i, n - i);
}

static void
odds(const float *x, size_t n, float shift, float damping, float *out)
{
	const float32x4_t h = vdupq_n_f32(shift), c = vdupq_n_f32(damping);

	for (size_t i = 0; i < n; i += 4) {
		float32x4_t e = exp4(vsubq_f32(vld1q_f32(x + i), h));

		vst1q_f32(out + i, vdivq_f32(e, horner(c, e, 1.0f)));
	}
}

/* Those of x[i] and x[i + 16]. */
INLINE float32x4_t
two_odds(const float *x, float32x4_t shift, float32x4_t c)
{
	float32x4_t e = exp4(vsubq_f32(vld1q_f32(x), shift));
	float32x4_t f = exp4(vsubq_f32(vld1q_f32(x + 16), shift));
	float32x4_t p = horner(c, e, 1.0f), q = horner(c, f, 1.0f);

	return vdivq_f32(vfmaq_f32(vmulq_f32(f, p), e, q), vmulq_f32(p, q));
}

static double
odds_sum(const float *x, size_t n, float shift, float damping)
{
	const float32x4_t h = vdupq_n_f32(shift), c = vdupq_n_f32(damping);
	float32x4_t sums[4] = { 0 };
	float part[16];
	double sum = 0;
	size_t i = 0;

	for (; i + 32 <= n; i += 32)
#pragma GCC unroll 4
		for (size_t j = 0; j < 4; j++)
			sums[j] = vaddq_f32(sums[j], two_odds(x + i + 4 * j, h, c));
	if (i < n) {
		odds(x + i, 16, shift, damping, part);
#pragma GCC unroll 4
		for (size_t j = 0; j < 4; j++)
			sums[j] = vaddq_f32(sums[j], vld1q_f32(part + 4 * j));
	}
#pragma GCC unroll 4
	for (size_t j = 0; j < 4; j++)
		vst1q_f32(part + 4 * j, sums[j]);
	for (int j = 0; j < 16; j++)
		sum += (double)part[j];
	return sum;
}

/* Which of x[8] are above least, as -1. */
INLINE uint8x16_t
above8(const float *x, float32x4_t least)
{
	uint32x4_t low = vcgtq_f32(vld1q_f32(x), least);
	uint32x4_t high = vcgtq_f32(vld1q_f32(x + 4), least);

	return vreinterpretq_u8_u16(
	    vuzp1q_u16(vreinterpretq_u16_u32(low), vreinterpretq_u16_u32(high)));
}

/* Four bits for each of x[16], set where it is. */
INLINE uint64_t
mask16(const float *x, float32x4_t least)
{
	uint8x16_t bytes = vuzp1q_u8(above8(x, least), above8(x + 8, least));
	uint8x8_t nibbles = vshrn_n_u16(vreinterpretq_u16_u8(bytes), 4);

	return vget_lane_u64(vreinterpret_u64_u8(nibbles), 0);
}

static size_t
above(const float *x, size_t n, float least, uint32_t *out)
{
	const float32x4_t t = vdupq_n_f32(least);
	size_t found = 0;

	for (size_t i = 0; i < n; i += 16) {
		uint64_t m = mask16(x + i, t) & 0x1111111111111111;

		for (; m; m &= m - 1)
			out[found++] = (uint32_t)i + (uint32_t)__builtin_ctzll(m) / 4;
	}
	return found;
}

static size_t
count(const float *x, size_t n, float least)
{
	const float32x4_t t = vdupq_n_f32(least);
	uint32x4_t low = vdupq_n_u32(0), high = low;

	for (size_t i = 0; i < n; i += 8) {
		/* a mask is -1 */
		low = vsubq_u32(low, vcgtq_f32(vld1q_f32(x + i), t));
		high = vsubq_u32(high, vcgtq_f32(vld1q_f32(x + i + 4), t));
	}
	return vaddlvq_u32(low) + vaddlvq_u32(high);
}

/* By the lanes in the index, the bytes that move those to the front. */
#define LANE(n) 4 * (n), 4 * (n) + 1, 4 * (n) + 2, 4 * (n) + 3
static const uint8_t front_of[16][16] = {
	{ 0 },
	{ LANE(0) },
	{ LANE(1) },
	{ LANE(0), LANE(1) },
	{ LANE(2) },
	{ LANE(0), LANE(2) },
	{ LANE(1), LANE(2) },
	{ LANE(0), LANE(1), LANE(2) },
	{ LANE(3) },
	{ LANE(0), LANE(3) },
	{ LANE(1), LANE(3) },
	{ LANE(0), LANE(1), LANE(3) },
	{ LANE(2), LANE(3) },
	{ LANE(0), LANE(2), LANE(3) },
	{ LANE(1), LANE(2), LANE(3) },
	{ LANE(0), LANE(1), LANE(2), LANE(3) },
};

static size_t
keep(float *value, uint32_t *entry, size_t n, float least, float heavy)
{
	static const uint32_t bit_of_lane[4] = { 1, 2, 4, 8 };
	const uint32x4_t bits = vld1q_u32(bit_of_lane), one = vdupq_n_u32(1);
	const float32x4_t low = vdupq_n_f32(least), high = vdupq_n_f32(heavy);
	size_t kept = 0;

	for (size_t i = 0; i < n; i += 4) {
		float32x4_t x = vld1q_f32(value + i);
		uint32x4_t e = vld1q_u32(entry + i);
		uint32x4_t may = vandq_u32(vtstq_u32(e, one), vcgtq_f32(x, low));
		unsigned m;
		uint8x16_t front;

		may = vorrq_u32(may, vcgtq_f32(x, high));
		m = vaddvq_u32(vandq_u32(may, bits));
		if (n - i < 4)
			m &= (1u << (n - i)) - 1;
		front = vld1q_u8(front_of[m]);
		/* What this overwrites has been read. */
		vst1q_u8((uint8_t *)(value + kept),
		    vqtbl1q_u8(vreinterpretq_u8_f32(x), front));
		vst1q_u8((uint8_t *)(entry + kept),
		    vqtbl1q_u8(vreinterpretq_u8_u32(e), front));
		kept += (size_t)__builtin_popcount(m);
	}
	return kept;
}

static void
odd(const float *value, const uint32_t *entry, size_t n, float *out)
{
	const float32x4_t none = vdupq_n_f32(-INFINITY);
	size_t whole = n / 16 * 16;

	for (size_t i = 0; i < whole; i += 4) {
		uint32x4_t in = vtstq_u32(vld1q_u32(entry + i), vdupq_n_u32(1));

		vst1q_f32(out + i, vbslq_f32(in, vld1q_f32(value + i), none));
	}
	vec_odd(value + whole, entry + whole, n - whole, out + whole);
}

static float
scale(const int32_t *d, const float *b, float s, const float *c, float t, float o,
    size_t n, float *out)
{
	const float32x4_t by = vdupq_n_f32(s), times = vdupq_n_f32(t);
	const float32x4_t more = vdupq_n_f32(o), none = vdupq_n_f32(-INFINITY);
	float32x4_t most[4] = { none, none, none, none };

	for (size_t i = 0; i < n; i += 16)
#pragma GCC unroll 4
		for (size_t j = i; j < i + 16; j += 4) {
			float32x4_t x = vmulq_f32(
			    vcvtq_f32_s32(vld1q_s32(d + j)), vld1q_f32(b + j));

			x = vfmaq_f32(vfmaq_f32(more, times, vld1q_f32(c + j)), x, by);
			most[(j - i) / 4] = vmaxnmq_f32(most[(j - i) / 4], x);
			vst1q_f32(out + j, x);
		}
	return greatest(most);
}

/* The first, and the last, halves of x and y. */
INLINE float32x4_t
first_halves(float32x4_t x, float32x4_t y)
{
	return vreinterpretq_f32_f64(
	    vzip1q_f64(vreinterpretq_f64_f32(x), vreinterpretq_f64_f32(y)));
}

INLINE float32x4_t
last_halves(float32x4_t x, float32x4_t y)
{
	return vreinterpretq_f32_f64(
	    vzip2q_f64(vreinterpretq_f64_f32(x), vreinterpretq_f64_f32(y)));
}

/* sums plus, one after the other, the four products of x and row[0] to row[3] */
INLINE float32x4_t
four_dots(float32x4_t sums, float32x4_t x, const float *const row[4], size_t d)
{
	float32x4_t a = vld1q_f32(row[0] + d), b = vld1q_f32(row[1] + d);
	float32x4_t c = vld1q_f32(row[2] + d), e = vld1q_f32(row[3] + d);
	float32x4_t even1 = vtrn1q_f32(a, b), odd1 = vtrn2q_f32(a, b);
	float32x4_t even2 = vtrn1q_f32(c, e), odd2 = vtrn2q_f32(c, e);

	sums = vfmaq_laneq_f32(sums, first_halves(even1, even2), x, 0);
	sums = vfmaq_laneq_f32(sums, first_halves(odd1, odd2), x, 1);
	sums = vfmaq_laneq_f32(sums, last_halves(even1, even2), x, 2);
	return vfmaq_laneq_f32(sums, last_halves(odd1, odd2), x, 3);
}

/* Sixteen rows at once, as a sum waits for the one before. */
static void
dots(const float *x, size_t dim, const float *rows, size_t stride, const uint32_t *at,
    size_t n, float *out)
{
	for (size_t from = 0; from < n; from += 16) {
		size_t left = n - from < 16 ? n - from : 16;
		const float *row[16];
		float part[16];
		float32x4_t sums[4] = { 0 };

		for (size_t i = 0; i < 16; i++)
			row[i] = rows + at[from + (i < left ? i : 0)] * stride;
		for (size_t d = 0; d < dim; d += 4) {
			float32x4_t xd = vld1q_f32(x + d);

#pragma GCC unroll 4
			for (size_t j = 0; j < 4; j++)
				sums[j] = four_dots(sums[j], xd, row + 4 * j, d);
		}
#pragma GCC unroll 4
		for (size_t j = 0; j < 4; j++)
			vst1q_f32(part + 4 * j, sums[j]);
		memcpy(out + from, part, left * sizeof *part);
	}
}

INLINE float
sum16(const float32x4_t x[4])
{
	float32x4_t y = vaddq_f32(vaddq_f32(x[0], x[2]), vaddq_f32(x[1], x[3]));

	return vpadds_f32(vadd_f32(vget_low_f32(y), vget_high_f32(y)));
}

/* `count` rows at once, while those after them are fetched. */
INLINE void
gradient_of(const size_t count, const float *x, size_t dim, const float *rows,
    size_t stride, const uint32_t *at, size_t left, const float *weight, float target,
    float *out, float *sum)
{
	const float *row[4], *next[4];
	float32x4_t dot[4][4];
	float miss[4];

#pragma GCC unroll 4
	for (size_t i = 0; i < count; i++) {
		row[i] = rows + at[i] * stride;
		next[i] = rows + at[4 + i < left ? 4 + i : i] * stride;
#pragma GCC unroll 4
		for (size_t j = 0; j < 4; j++)
			dot[i][j] = vdupq_n_f32(0);
	}
	for (size_t d = 0; d < dim; d += 16)
#pragma GCC unroll 4
		for (size_t i = 0; i < count; i++) {
			__builtin_prefetch(next[i] + d);
#pragma GCC unroll 4
			for (size_t j = 0; j < 4; j++)
				dot[i][j] =
				    vfmaq_f32(dot[i][j], vld1q_f32(x + d + 4 * j),
					vld1q_f32(row[i] + d + 4 * j));
		}
#pragma GCC unroll 4
	for (size_t i = 0; i < count; i++) {
		float m = target - (out[i] = sum16(dot[i]));

		miss[i] = weight ? weight[i] * m : m;
	}
	for (size_t d = 0; d < dim; d += 4) {
		float32x4_t s = vld1q_f32(sum + d);

#pragma GCC unroll 4
		for (size_t i = 0; i < count; i++)
			s = vfmaq_n_f32(s, vld1q_f32(row[i] + d), miss[i]);
		vst1q_f32(sum + d, s);
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

const struct vec vec_neon = { "neon", &dot16_neon, outer, outer_minus, subtract, dot,
	max, odds_sum, odds, logs, log_add, above, count, keep, odd, scale, dots,
	gradient };
#endif
