/*
 * dot16_pairs256 - the loops of dot16_avx2 and dot16_avxvnni, which differ in one step:
 * ADD(sum, x, y) adds to each sum of 32 bits the two products of its pairs. Pieces of 6
 * x 16 of the tile are twelve sums, two of y and a pair of x: all registers but one.
 */
#include <immintrin.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline))

INLINE void
tile(const size_t rows, size_t dim, const int16_t *group, const int16_t *panel,
    int32_t *out, size_t stride)
{
	__m256i low[6], high[6];

#pragma GCC unroll 6
	for (size_t r = 0; r < rows; r++)
		low[r] = high[r] = _mm256_setzero_si256();
	for (size_t p = 0; p < dim / 2; p++) {
		__m256i y0 = _mm256_loadu_si256((const __m256i *)panel);
		__m256i y1 = _mm256_loadu_si256((const __m256i *)(panel + 16));

#pragma GCC unroll 6
		for (size_t r = 0; r < rows; r++) {
			int32_t pair;
			__m256i x;

			memcpy(&pair, group + 2 * r, sizeof pair);
			x = _mm256_set1_epi32(pair);
			low[r] = ADD(low[r], x, y0);
			high[r] = ADD(high[r], x, y1);
		}
		group += 2 * DOT16_ROWS;
		panel += 2 * DOT16_COLS;
	}
#pragma GCC unroll 6
	for (size_t r = 0; r < rows; r++) {
		_mm256_storeu_si256((__m256i *)(out + r * stride), low[r]);
		_mm256_storeu_si256((__m256i *)(out + r * stride + 8), high[r]);
	}
}

INLINE void
tiles(size_t rows, size_t dim, const int16_t *group, const int16_t *panel, int32_t *out,
    size_t stride)
{
	for (; rows >= 6; rows -= 6, group += 12, out += 6 * stride)
		tile(6, dim, group, panel, out, stride);
	for (; rows >= 2; rows -= 2, group += 4, out += 2 * stride)
		tile(2, dim, group, panel, out, stride);
	if (rows)
		tile(1, dim, group, panel, out, stride);
}

static void
products(size_t rows, size_t dim, const int16_t *group, const int16_t *panels, size_t n,
    int32_t *out, size_t stride)
{
	for (size_t i = 0; i < n; i += 16)
		tiles(rows, dim, group,
		    panels + i / DOT16_COLS * DOT16_COLS * dim + i % DOT16_COLS * 2,
		    out + i, stride);
}
