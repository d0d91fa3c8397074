/*
 * vec - the float kernels under training and scoring.
 *
 * Every result is defined to the bit, so that all kernels agree with the scalar
 * one and a result depends neither on the CPU nor on how work is cut up:
 *
 *  - outer: each element of the tile is one chain of fused multiply-adds over
 *    k = 0, 1, ... starting from its old value. A dot product of two vectors is
 *    therefore dot = 0; dot = fma(a[k], b[k], dot) in order.
 *  - odds: within 2e-7 relative of the true exponentials.
 *  - logs: within 3e-7 relative of the true logarithms; log_add: within 3e-7 of the
 *    greater operand, or of 1 if that is more.
 *  - odds_sum: the odds of elements i and i + 16 of every 32 are added as fractions,
 *    which takes one division; 16 partial sums, element i of 16 goes to the i-th, which
 *    are then added in double, first to last.
 *
 * PZ_SIMD=scalar|avx2|avx512|amx|neon forces kernels; those the CPU lacks are an error.
 * amx has the float kernels of avx512, and its own for integers (dot16.h).
 */
#ifndef VEC_H
#define VEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	VEC_ROWS = 12, /* rows of a tile, at most */
	VEC_COLS = 32, /* columns of a tile, exactly */
};

/* n up to the next multiple of VEC_COLS: what tiles need behind the last column. */
static inline size_t
vec_padded(size_t n)
{
	return (n + VEC_COLS - 1) / VEC_COLS * VEC_COLS;
}

struct dot16;

struct vec {
	const char *name;
	const struct dot16 *dot16;
	/* c[i][j] += sum over k of a[k][i] * b[k][j]; i < rows <= VEC_ROWS */
	void (*outer)(size_t rows, size_t n, const float *a, size_t lda, const float *b,
	    size_t ldb, float *c, size_t ldc);
	/* the same with -= */
	void (*outer_minus)(size_t rows, size_t n, const float *a, size_t lda,
	    const float *b, size_t ldb, float *c, size_t ldc);
	/* y[i] = fma(-s, x[i], y[i]); n is a positive multiple of 16, here and below */
	void (*subtract)(float *y, const float *x, float s, size_t n);
	/* the sum of a[i] * b[i] in 16 chains, i % 16, added first to last */
	float (*dot)(const float *a, const float *b, size_t n);
	/* the greatest of x[n] */
	float (*max)(const float *x, size_t n);
	/* sum of e / (1 + damping e), e = exp(x[i] - shift), exponents <= 0 */
	double (*odds_sum)(const float *x, size_t n, float shift, float damping);
	/* each of them into out */
	void (*odds)(const float *x, size_t n, float shift, float damping, float *out);
	/*
	 * x[i] = up log(1 + x[i] scale), of negative ones, -0 too, -down log(1 - x[i]
	 * scale); n is any
	 */
	void (*logs)(float *x, size_t n, float scale, float up, float down);
	/* x[i] = log(exp(x[i]) + exp(y[i])); n is any */
	void (*log_add)(float *x, const float *y, size_t n);
	/* indices of x[i] > least into out[n], rising, and anything behind; how many */
	size_t (*above)(const float *x, size_t n, float least, uint32_t *out);
	/* how many of x[n] are above least */
	size_t (*count)(const float *x, size_t n, float least);
	/*
	 * Of value[n], entry[n] those above `heavy`, or above `least` whose entry is
	 * odd, move to the front in their order; how many. There is room up to a
	 * multiple of 16.
	 */
	size_t (*keep)(
	    float *value, uint32_t *entry, size_t n, float least, float heavy);
	/* out[i] = value[i] where entry[i] is odd, else, and up to a multiple of 16,
	 * -infinity */
	void (*odd)(const float *value, const uint32_t *entry, size_t n, float *out);
	/* out[i] = fma((float)d[i] * b[i], s, fma(t, c[i], o)), the greatest */
	float (*scale)(const int32_t *d, const float *b, float s, const float *c,
	    float t, float o, size_t n, float *out);
	/*
	 * out[i] = the dot product, in the order of the index, of x[dim] and row at[i]
	 * of rows[][stride]; dim and stride are multiples of 16, n is any
	 */
	void (*dots)(const float *x, size_t dim, const float *rows, size_t stride,
	    const uint32_t *at, size_t n, float *out);
	/*
	 * What x misses of the same target in all of its products with n rows: out[i] =
	 * x . row at[i], in 16 chains, of which those that are 8, 4, 2 and 1 apart are
	 * added; then, for each row in turn, sum[dim] = fma(weight[i] (target -
	 * out[i]), row, sum). weight may be NULL, for 1.
	 */
	void (*gradient)(const float *x, size_t dim, const float *rows, size_t stride,
	    const uint32_t *at, size_t n, const float *weight, float target, float *out,
	    float *sum);
};

/* The kernels in use, chosen at the first call. Ends the process on a bad PZ_SIMD. */
const struct vec *vec_kernels(void);
/* By name, NULL if unknown or not for this CPU. "scalar" is always there. */
const struct vec *vec_named(const char *name);

extern const struct vec vec_scalar, vec_avx2, vec_avxvnni, vec_avx512, vec_vnni,
    vec_amx, vec_neon;

/* The plain ones of these. */
void vec_odd(const float *value, const uint32_t *entry, size_t n, float *out);
void vec_logs(float *x, size_t n, float scale, float up, float down);
void vec_log_add(float *x, const float *y, size_t n);

/* The dot product of the definition above; b's elements are step apart. */
float vec_dot(const float *a, const float *b, size_t step, size_t n);
bool vec_is_zero(const float *x, size_t n);

/*
 * exp for exponents <= 0 in float operations that are the same everywhere:
 * exp(x) = 2^n * exp(r), n = round(x / ln 2), |r| <= ln 2 / 2, exp(r) by the
 * minimax polynomial 1 + r + c2 r^2 + ... + c6 r^6, fitted by reweighted least
 * squares on Chebyshev nodes (3e-9 in exact arithmetic). Below EXP_LEAST the result
 * would be subnormal: it is taken as EXP_LEAST.
 */
#define EXP_LEAST -87.0f
#define EXP_LOG2E 1.44269504f
#define EXP_MAGIC 12582912.0f /* 1.5 * 2^23: adding it rounds to an integer */
#define EXP_LN2_HIGH 0.693359375f
#define EXP_LN2_LOW -2.12194440e-4f
#define EXP_C6 1.38144707e-3f
#define EXP_C5 8.36878084e-3f
#define EXP_C4 4.16683927e-2f
#define EXP_C3 1.66665196e-1f
#define EXP_C2 4.9999994e-1f

/*
 * log(1 + y) for y >= 0: u = 1 + y = 2^n (1 + f), sqrt(1/2) <= 1 + f < sqrt(2), and
 * log(1 + f) = f - f^2 / 2 + f^3 (c0 + c1 f + ... + c6 f^6), fitted likewise (3e-8);
 * what u misses of 1 + y adds its part of u. Greater y are taken as LOG_MOST.
 */
#define LOG_MOST 1e38f
#define LOG_SQRT_HALF 0x3f3504f3 /* its bits */
#define LOG_C6 8.70043595e-2f
#define LOG_C5 -1.42674869e-1f
#define LOG_C4 1.49147678e-1f
#define LOG_C3 -1.65775847e-1f
#define LOG_C2 1.99630638e-1f
#define LOG_C1 -2.5001337e-1f
#define LOG_C0 3.33339107e-1f

#endif
